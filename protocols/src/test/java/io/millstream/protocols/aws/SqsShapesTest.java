package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsRequest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// AWS's own library knows all parameters of all actions: none of them may be unknown here.
class SqsShapesTest {
    /// FIFO queues have sequence numbers.
    private static final Set<String> NEVER_TOLD = Set.of("SequenceNumber");

    private static AwsServer server;

    @BeforeAll
    static void open() {
        server = AwsServer.start();
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
    }

    @AfterAll
    static void close() {
        server.close();
    }

    /// A parameter that is sent alone, with a value of its type.
    record Parameter(String action, String path, String request) {
        @Override
        public String toString() {
            return action + ' ' + path;
        }
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void a_parameter_is_known(Parameter parameter) {
        var answer = server.json(parameter.action(), parameter.request());

        assertThat(answer.body()).doesNotContain("is not known", "InternalFailure");
        assertThat(answer.body()).doesNotContain("SerializationException");
    }

    @Test
    void every_member_of_an_answer_can_be_told() throws ReflectiveOperationException {
        String url = "\"QueueUrl\":\"" + server.url("shapes") + "\"";
        String message =
                "\"MessageBody\":\"x\",\"MessageAttributes\":{\"a\":{\"DataType\":\"String\","
                        + "\"StringValue\":\"b\"},\"c\":{\"DataType\":\"Binary\","
                        + "\"BinaryValue\":\"AAAA\"}},\"MessageSystemAttributes\":{"
                        + "\"AWSTraceHeader\":{\"DataType\":\"String\",\"StringValue\":\"t\"}}";
        String bad = ",{\"Id\":\"bad\",\"MessageBody\":\"\",\"ReceiptHandle\":\"x\"}]";

        tells("CreateQueue", "\"QueueName\":\"shapes\"");
        tells("GetQueueUrl", "\"QueueName\":\"shapes\"");
        tells("ListQueues", "\"MaxResults\":1");
        tells("GetQueueAttributes", url + ",\"AttributeNames\":[\"All\"]");
        tells("SendMessage", url + ',' + message);
        tells("SendMessageBatch", url + ",\"Entries\":[{\"Id\":\"a\"," + message + '}' + bad);
        String received =
                tells(
                        "ReceiveMessage",
                        url + ",\"AttributeNames\":[\"All\"],\"MessageAttributeNames\":[\"All\"]");
        String handle =
                "\"ReceiptHandle\":\""
                        + received.replaceFirst("(?s).*\"ReceiptHandle\":\"([^\"]+)\".*", "$1")
                        + '"';
        String entry = ",\"Entries\":[{\"Id\":\"a\",\"VisibilityTimeout\":9," + handle + '}';
        tells("ChangeMessageVisibility", url + ",\"VisibilityTimeout\":9," + handle);
        tells(
                "ChangeMessageVisibilityBatch",
                url + entry + ",{\"Id\":\"bad\",\"ReceiptHandle\":\"x\"}]");
        tells("DeleteMessage", url + ',' + handle);
        tells(
                "DeleteMessageBatch",
                url
                        + entry.replace("\"VisibilityTimeout\":9,", "")
                        + ",{\"Id\":\"bad\",\"ReceiptHandle\":\"x\"}]");
        tells("SetQueueAttributes", url + ",\"Attributes\":{\"VisibilityTimeout\":\"9\"}");
        tells("PurgeQueue", url);
        tells("DeleteQueue", url);
    }

    /// Sends a request and looks for the name of every member of its answer.
    private static String tells(String action, String members) throws ReflectiveOperationException {
        var answer = server.json(action, '{' + members + '}');
        assertThat(answer.statusCode()).as(action + answer.body()).isEqualTo(200);
        Class<?> shape =
                Class.forName(SqsRequest.class.getPackageName() + '.' + action + "Response");
        assertThat(answer.body())
                .as(action)
                .satisfies(body ->
                        quoted(build(shape)).forEach(name -> assertThat(body).contains(name)));
        return answer.body();
    }

    private static List<String> quoted(SdkPojo shape) {
        List<String> names = new ArrayList<>();
        for (SdkField<?> field : shape.sdkFields()) {
            if (NEVER_TOLD.contains(field.locationName())) {
                continue;
            }
            names.add('"' + field.locationName() + '"');
            if (field.marshallingType().equals(MarshallingType.LIST)) {
                SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
                if (member.marshallingType().equals(MarshallingType.SDK_POJO)) {
                    names.addAll(quoted(member.constructor().get()));
                }
            }
        }
        return names;
    }

    static Stream<Parameter> parameters() throws ReflectiveOperationException {
        List<Parameter> parameters = new ArrayList<>();
        for (String action : actions()) {
            for (SdkField<?> field : request(action).sdkFields()) {
                for (String value : values(field)) {
                    String name = field.locationName();
                    String queue =
                            name.startsWith("Queue")
                                    ? ""
                                    : ",\"QueueUrl\":\"" + server.url("mail") + "\"";
                    boolean named = !queue.isEmpty() && takesUrl(action);
                    parameters.add(
                            new Parameter(
                                    action,
                                    name + ' ' + value,
                                    "{\"" + name + "\":" + value + (named ? queue : "") + '}'));
                }
            }
        }
        return parameters.stream();
    }

    private static boolean takesUrl(String action) throws ReflectiveOperationException {
        return request(action).sdkFields().stream()
                .anyMatch(field -> field.locationName().equals("QueueUrl"));
    }

    private static Set<String> actions() {
        Set<String> actions = new LinkedHashSet<>();
        for (Method method : SqsClient.class.getMethods()) {
            Class<?>[] types = method.getParameterTypes();
            if (types.length == 1 && SqsRequest.class.isAssignableFrom(types[0])) {
                actions.add(types[0].getSimpleName().replaceFirst("Request$", ""));
            }
        }
        assertThat(actions).hasSizeGreaterThanOrEqualTo(23);
        return actions;
    }

    private static SdkPojo request(String action) throws ReflectiveOperationException {
        return build(Class.forName(SqsRequest.class.getPackageName() + '.' + action + "Request"));
    }

    private static SdkPojo build(Class<?> shape) throws ReflectiveOperationException {
        Object builder = shape.getMethod("builder").invoke(null);
        Method build = builder.getClass().getMethod("build");
        build.setAccessible(true);
        try {
            return (SdkPojo) build.invoke(builder);
        } catch (InvocationTargetException e) {
            throw new AssertionError("No empty " + shape.getSimpleName(), e);
        }
    }

    /// JSON texts of a value with one member each, so that every member is tried.
    private static List<String> values(SdkField<?> field) {
        MarshallingType<?> type = field.marshallingType();
        if (type.equals(MarshallingType.STRING)) {
            return List.of("\"x\"");
        }
        if (type.equals(MarshallingType.INTEGER) || type.equals(MarshallingType.LONG)) {
            return List.of("0");
        }
        if (type.equals(MarshallingType.SDK_BYTES)) {
            return List.of("\"AAAA\"");
        }
        if (type.equals(MarshallingType.LIST)) {
            SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
            return values(member).stream().map(value -> '[' + value + ']').toList();
        }
        if (type.equals(MarshallingType.MAP)) {
            SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
            return values(member).stream()
                    .map(value -> "{\"VisibilityTimeout\":" + value + '}')
                    .toList();
        }
        assertThat(type).isEqualTo(MarshallingType.SDK_POJO);
        List<String> values = new ArrayList<>();
        for (SdkField<?> member : field.constructor().get().sdkFields()) {
            String id = member.locationName().equals("Id") ? "" : ",\"Id\":\"a\"";
            boolean entry = field.locationName().equals("member");
            for (String value : values(member)) {
                values.add("{\"" + member.locationName() + "\":" + value + (entry ? id : "") + '}');
            }
        }
        return values;
    }
}
