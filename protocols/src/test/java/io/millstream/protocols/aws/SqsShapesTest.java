package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// AWS's own library knows all parameters of all actions: none of them may be unknown here.
class SqsShapesTest {
    /// What is refused by name and not read, with the reason.
    private static final Map<String, String> REFUSED =
            Map.of(
                    "StringListValues", "AWS reserves it for later and refuses it too",
                    "BinaryListValues", "AWS reserves it for later and refuses it too");

    private static final String ARN = "arn:aws:sqs:eu-west-1:000000000000:";
    private static final JsonMapper JSON = new JsonMapper();

    private static AwsServer server;
    private static String handle;

    @BeforeAll
    static void open() {
        server = AwsServer.start();
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
        String url = "\"QueueUrl\":\"" + server.url("mail") + '"';
        server.json("SendMessage", '{' + url + ",\"MessageBody\":\"x\"}");
        handle =
                JSON.readTree(server.json("ReceiveMessage", '{' + url + '}').body())
                        .get("Messages")
                        .get(0)
                        .get("ReceiptHandle")
                        .asString();
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

    /// Whoever reads a parameter notices that it has the wrong type; whoever ignores it does not.
    @ParameterizedTest
    @MethodSource("fields")
    void a_parameter_is_read(Parameter field) {
        String answer = server.json(field.action(), field.request()).body();

        assertThat(answer).contains("The parameter " + field.path() + " of " + field.action());
        assertThat(answer).contains(" is not a ");
    }

    static Stream<Parameter> fields() throws ReflectiveOperationException {
        List<Parameter> all = new ArrayList<>();
        for (String action : actions()) {
            ObjectNode whole = whole(action);
            for (SdkField<?> field : request(action).sdkFields()) {
                String name = field.locationName();
                all.add(new Parameter(action, name, spoilt(whole, whole, name, field)));
                if (name.equals("Entries")) {
                    SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
                    for (SdkField<?> inner : member.constructor().get().sdkFields()) {
                        String path = "Entries.1." + inner.locationName();
                        ObjectNode entry = (ObjectNode) whole.get("Entries").get(0);
                        all.add(
                                new Parameter(
                                        action,
                                        path,
                                        spoilt(whole, entry, inner.locationName(), inner)));
                    }
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(70);
        return all.stream();
    }

    /// The request with a value of the wrong type in one place.
    private static String spoilt(
            ObjectNode whole, ObjectNode place, String name, SdkField<?> field) {
        boolean simple =
                !field.marshallingType().equals(MarshallingType.LIST)
                        && !field.marshallingType().equals(MarshallingType.MAP);
        JsonNode before = place.get(name);
        if (simple) {
            place.putObject(name);
        } else {
            place.put(name, "x");
        }
        String request = whole.toString();
        if (before == null) {
            place.remove(name);
        } else {
            place.set(name, before);
        }
        return request;
    }

    /// A request with all that its action demands.
    private static ObjectNode whole(String action) throws ReflectiveOperationException {
        ObjectNode request = JSON.createObjectNode();
        if (takesUrl(action)) {
            request.put("QueueUrl", server.url("mail"));
        }
        ObjectNode entry = JSON.createObjectNode().put("Id", "a");
        switch (action) {
            case "CreateQueue", "GetQueueUrl" -> request.put("QueueName", "mail");
            case "SetQueueAttributes" -> request.putObject("Attributes");
            case "SendMessage" -> request.put("MessageBody", "x");
            case "SendMessageBatch" ->
                    request.putArray("Entries").add(entry.put("MessageBody", "x"));
            case "DeleteMessage" -> request.put("ReceiptHandle", handle);
            case "DeleteMessageBatch" ->
                    request.putArray("Entries").add(entry.put("ReceiptHandle", handle));
            case "ChangeMessageVisibility" ->
                    request.put("ReceiptHandle", handle).put("VisibilityTimeout", 1);
            case "ChangeMessageVisibilityBatch" ->
                    request.putArray("Entries")
                            .add(entry.put("ReceiptHandle", handle).put("VisibilityTimeout", 1));
            case "TagQueue" -> request.putObject("Tags").put("a", "b");
            case "UntagQueue" -> request.putArray("TagKeys").add("a");
            case "RemovePermission" -> request.put("Label", "a");
            case "AddPermission" -> {
                request.put("Label", "a").putArray("AWSAccountIds").add("111122223333");
                request.putArray("Actions").add("*");
            }
            case "StartMessageMoveTask", "ListMessageMoveTasks" ->
                    request.put("SourceArn", ARN + "mail");
            case "CancelMessageMoveTask" -> request.put("TaskHandle", "x");
            case "DeleteQueue",
                    "GetQueueAttributes",
                    "ListDeadLetterSourceQueues",
                    "ListQueues",
                    "ListQueueTags",
                    "PurgeQueue",
                    "ReceiveMessage" -> {}
            default -> throw new AssertionError("AWS has a new action, " + action);
        }
        return request;
    }

    @Test
    void every_member_of_an_answer_can_be_told() throws ReflectiveOperationException {
        String url = "\"QueueUrl\":\"" + server.url("shapes.fifo") + "\"";
        String message =
                "\"MessageBody\":\"x\",\"MessageGroupId\":\"g\",\"MessageAttributes\":{\"a\":{"
                        + "\"DataType\":\"String\",\"StringValue\":\"b\"},\"c\":{\"DataType\":"
                        + "\"Binary\",\"BinaryValue\":\"AAAA\"}},\"MessageSystemAttributes\":{"
                        + "\"AWSTraceHeader\":{\"DataType\":\"String\",\"StringValue\":\"t\"}}";
        String bad = ",{\"Id\":\"bad\",\"MessageBody\":\"\",\"ReceiptHandle\":\"x\"}]";
        Set<String> told = new TreeSet<>();

        tells(
                told,
                "CreateQueue",
                "\"QueueName\":\"shapes.fifo\",\"tags\":{\"a\":\"b\"},\"Attributes\":{"
                        + "\"FifoQueue\":\"true\",\"ContentBasedDeduplication\":\"true\"}");
        tells(told, "GetQueueUrl", "\"QueueName\":\"shapes.fifo\"");
        tells(told, "ListQueues", "\"MaxResults\":1");
        tells(told, "GetQueueAttributes", url + ",\"AttributeNames\":[\"All\"]");
        tells(told, "SendMessage", url + ',' + message);
        tells(told, "SendMessageBatch", url + ",\"Entries\":[{\"Id\":\"a\"," + message + '}' + bad);
        String received =
                tells(
                        told,
                        "ReceiveMessage",
                        url + ",\"AttributeNames\":[\"All\"],\"MessageAttributeNames\":[\"All\"]");
        String handle =
                "\"ReceiptHandle\":\""
                        + received.replaceFirst("(?s).*\"ReceiptHandle\":\"([^\"]+)\".*", "$1")
                        + '"';
        String entry = ",\"Entries\":[{\"Id\":\"a\",\"VisibilityTimeout\":9," + handle + '}';
        tells(told, "ChangeMessageVisibility", url + ",\"VisibilityTimeout\":9," + handle);
        tells(
                told,
                "ChangeMessageVisibilityBatch",
                url + entry + ",{\"Id\":\"bad\",\"ReceiptHandle\":\"x\"}]");
        tells(told, "DeleteMessage", url + ',' + handle);
        tells(
                told,
                "DeleteMessageBatch",
                url
                        + entry.replace("\"VisibilityTimeout\":9,", "")
                        + ",{\"Id\":\"bad\",\"ReceiptHandle\":\"x\"}]");
        tells(told, "ListQueueTags", url);
        tells(told, "TagQueue", url + ",\"Tags\":{\"c\":\"d\"}");
        tells(told, "UntagQueue", url + ",\"TagKeys\":[\"c\"]");
        tells(
                told,
                "AddPermission",
                url
                        + ",\"Label\":\"l\",\"Actions\":[\"*\"],"
                        + "\"AWSAccountIds\":[\"111122223333\"]");
        tells(told, "RemovePermission", url + ",\"Label\":\"l\"");
        tells(told, "SetQueueAttributes", url + ",\"Attributes\":{\"VisibilityTimeout\":\"9\"}");
        tells(told, "PurgeQueue", url);
        tells(told, "DeleteQueue", url);
        tellsOfDeadLetters(told);
        assertThat(told).isEqualTo(new TreeSet<>(actions()));
    }

    /// One task that has failed, and one that is running, tell all that there is to tell.
    private static void tellsOfDeadLetters(Set<String> told) throws ReflectiveOperationException {
        String source = "\"SourceArn\":\"" + ARN + "grave\"";
        server.json("CreateQueue", "{\"QueueName\":\"grave\"}");
        server.json("CreateQueue", "{\"QueueName\":\"elsewhere\"}");
        for (String name : List.of("first", "second")) {
            server.json(
                    "CreateQueue",
                    "{\"QueueName\":\""
                            + name
                            + "\",\"Attributes\":{\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":"
                            + "\\\""
                            + ARN
                            + "grave\\\",\\\"maxReceiveCount\\\":1}\"}}");
        }
        String grave = "\"QueueUrl\":\"" + server.url("grave") + "\"";
        for (int i = 0; i < 3; i++) {
            server.json("SendMessage", '{' + grave + ",\"MessageBody\":\"x\"}");
        }
        tells(told, "ListDeadLetterSourceQueues", grave + ",\"MaxResults\":1");
        tells(told, "StartMessageMoveTask", source);
        await().until(() ->
                server.json("ListMessageMoveTasks", '{' + source + '}').body().contains("FAILED"));
        String started =
                tells(
                        told,
                        "StartMessageMoveTask",
                        source
                                + ",\"MaxNumberOfMessagesPerSecond\":1,\"DestinationArn\":\""
                                + ARN
                                + "elsewhere\"");
        tells(told, "ListMessageMoveTasks", source + ",\"MaxResults\":10");
        tells(told, "CancelMessageMoveTask", started.substring(1, started.length() - 1));
    }

    /// Sends a request and looks for the name of every member of its answer.
    private static String tells(Set<String> told, String action, String members)
            throws ReflectiveOperationException {
        told.add(action);
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

    @Test
    void what_is_refused_by_name_says_so() {
        for (String name : REFUSED.keySet()) {
            String answer =
                    server.json(
                                    "SendMessage",
                                    "{\"QueueUrl\":\""
                                            + server.url("mail")
                                            + "\",\"MessageBody\":\"x\",\"MessageAttributes\":{"
                                            + "\"a\":{\"DataType\":\"String\",\""
                                            + name
                                            + "\":[\"eA==\"]}}}")
                            .body();

            assertThat(answer).as(name).contains("list values are not supported");
        }
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
