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
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.SnsRequest;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// AWS's own library knows all parameters of all actions: none of them may be unknown here, and
/// every member of every answer is told.
class SnsShapesTest {
    /// What is refused by name, whatever its value, and how.
    private static final Map<String, String> REFUSED =
            Map.of(
                    "PhoneNumber", "This server sends no SMS.",
                    "DataProtectionPolicy", "This server has no data protection policies.");

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:orders";
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:mail";

    private static AwsServer server;
    private static String subscription;

    /// A parameter with a value of the wrong type, in a request that is whole otherwise.
    record Spoilt(String action, String path, String form) {
        @Override
        public String toString() {
            return action + ' ' + path;
        }
    }

    @BeforeAll
    static void open() {
        server = AwsServer.start();
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
        server.query(SnsForm.of("CreateTopic", JSON.readTree("{\"Name\":\"orders\"}")));
        subscription =
                server.query(SnsForm.of("Subscribe", whole("Subscribe")))
                        .body()
                        .replaceFirst("(?s).*<SubscriptionArn>(.*)</SubscriptionArn>.*", "$1");
    }

    @AfterAll
    static void close() {
        server.close();
    }

    /// Whoever reads a parameter notices that it has the wrong type; whoever ignores it does not.
    @ParameterizedTest
    @MethodSource("fields")
    void a_parameter_is_read(Spoilt field) {
        String answer = server.query(field.form()).body();
        String refused = REFUSED.get(field.path());

        if (refused != null) {
            assertThat(answer).contains(refused);
        } else {
            assertThat(answer)
                    .contains("The parameter " + field.path() + " of " + field.action())
                    .contains(" is not a ");
        }
    }

    static Stream<Spoilt> fields() throws ReflectiveOperationException {
        List<Spoilt> all = new ArrayList<>();
        for (String action : actions()) {
            for (SdkField<?> field : shape(action + "Request").sdkFields()) {
                String name = field.locationName();
                ObjectNode whole = whole(action);
                if (name.equals("TargetArn")) {
                    whole.remove("TopicArn");
                }
                all.add(spoilt(action, whole, whole, name, field, name));
                if (name.equals("PublishBatchRequestEntries")) {
                    SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
                    for (SdkField<?> inner : member.constructor().get().sdkFields()) {
                        ObjectNode fresh = whole(action);
                        ObjectNode entry = (ObjectNode) fresh.get(name).get(0);
                        String path = name + ".1." + inner.locationName();
                        all.add(spoilt(action, fresh, entry, inner.locationName(), inner, path));
                    }
                }
                if (name.equals("MessageAttributes")) {
                    SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
                    for (SdkField<?> inner : member.constructor().get().sdkFields()) {
                        ObjectNode fresh = whole(action);
                        boolean bytes = inner.locationName().equals("BinaryValue");
                        ObjectNode value =
                                fresh.putObject(name)
                                        .putObject("a")
                                        .put("DataType", bytes ? "Binary" : "String");
                        String path = name + ".a." + inner.locationName();
                        all.add(spoilt(action, fresh, value, inner.locationName(), inner, path));
                    }
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(55);
        return all.stream();
    }

    private static Spoilt spoilt(
            String action,
            ObjectNode whole,
            ObjectNode place,
            String name,
            SdkField<?> field,
            String path) {
        boolean simple =
                !field.marshallingType().equals(MarshallingType.LIST)
                        && !field.marshallingType().equals(MarshallingType.MAP);
        if (simple) {
            place.putObject(name).put("x", "y");
        } else {
            place.put(name, "x");
        }
        return new Spoilt(action, path, SnsForm.of(action, whole));
    }

    /// A request with all that its action demands.
    private static ObjectNode whole(String action) {
        ObjectNode request = JSON.createObjectNode();
        switch (action) {
            case "CreateTopic" -> request.put("Name", "orders");
            case "DeleteTopic", "GetTopicAttributes", "ListSubscriptionsByTopic" ->
                    request.put("TopicArn", TOPIC);
            case "ListTopics", "ListSubscriptions" -> {}
            case "SetTopicAttributes" ->
                    request.put("TopicArn", TOPIC).put("AttributeName", "DisplayName");
            case "AddPermission" -> {
                request.put("TopicArn", TOPIC).put("Label", "l");
                request.putArray("AWSAccountId").add("111122223333");
                request.putArray("ActionName").add("Publish");
            }
            case "RemovePermission" -> request.put("TopicArn", TOPIC).put("Label", "l");
            case "TagResource" -> request.put("ResourceArn", TOPIC).putObject("Tags").put("a", "b");
            case "UntagResource" -> request.put("ResourceArn", TOPIC).putArray("TagKeys").add("a");
            case "ListTagsForResource" -> request.put("ResourceArn", TOPIC);
            case "Subscribe" ->
                    request.put("TopicArn", TOPIC).put("Protocol", "sqs").put("Endpoint", QUEUE);
            case "ConfirmSubscription" -> request.put("TopicArn", TOPIC).put("Token", "x");
            case "Unsubscribe", "GetSubscriptionAttributes" ->
                    request.put("SubscriptionArn", subscription);
            case "SetSubscriptionAttributes" ->
                    request.put("SubscriptionArn", subscription)
                            .put("AttributeName", "RawMessageDelivery");
            case "Publish" -> request.put("TopicArn", TOPIC).put("Message", "x");
            case "PublishBatch" ->
                    request.put("TopicArn", TOPIC)
                            .putArray("PublishBatchRequestEntries")
                            .addObject()
                            .put("Id", "a")
                            .put("Message", "x");
            default -> throw new AssertionError("AWS has a new action, " + action);
        }
        return request;
    }

    @Test
    void every_member_of_an_answer_is_told() throws ReflectiveOperationException {
        Set<String> told = new TreeSet<>();
        for (int i = 0; i < 120; i++) {
            server.query(SnsForm.of("CreateTopic", JSON.createObjectNode().put("Name", "t" + i)));
        }
        String fifo =
                "\"Name\":\"shapes.fifo\",\"Attributes\":{\"FifoTopic\":\"true\","
                        + "\"ContentBasedDeduplication\":\"true\"}";
        String topic = "\"TopicArn\":\"arn:aws:sns:us-east-1:000000000000:shapes.fifo\"";
        tells(told, "CreateTopic", fifo);
        tells(told, "ListTopics", "");
        tells(told, "SetTopicAttributes", topic + ",\"AttributeName\":\"DisplayName\"");
        tells(told, "GetTopicAttributes", topic);
        String resource = topic.replace("TopicArn", "ResourceArn");
        tells(told, "TagResource", resource + ",\"Tags\":{\"a\":\"b\"}");
        tells(told, "ListTagsForResource", resource);
        tells(told, "UntagResource", resource + ",\"TagKeys\":[\"a\"]");
        tells(
                told,
                "AddPermission",
                topic
                        + ",\"Label\":\"l\",\"AWSAccountId\":[\"111122223333\"],"
                        + "\"ActionName\":[\"Publish\"]");
        tells(told, "RemovePermission", topic + ",\"Label\":\"l\"");
        manySubscriptions(topic);
        String own =
                tells(
                                told,
                                "Subscribe",
                                topic + ",\"Protocol\":\"sqs\",\"Endpoint\":\"" + QUEUE + '"')
                        .replaceFirst("(?s).*<SubscriptionArn>(.*)</SubscriptionArn>.*", "$1");
        tells(told, "ListSubscriptions", "");
        tells(told, "ListSubscriptionsByTopic", topic);
        String named = "\"SubscriptionArn\":\"" + own + '"';
        tells(told, "GetSubscriptionAttributes", named);
        tells(
                told,
                "SetSubscriptionAttributes",
                named
                        + ",\"AttributeName\":\"RawMessageDelivery\","
                        + "\"AttributeValue\":\"true\"");
        tells(told, "Publish", topic + ",\"Message\":\"x\",\"MessageGroupId\":\"g\"");
        tells(
                told,
                "PublishBatch",
                topic
                        + ",\"PublishBatchRequestEntries\":[{\"Id\":\"a\",\"Message\":\"y\","
                        + "\"MessageGroupId\":\"g\"},{\"Id\":\"bad\",\"Message\":\"\"}]");
        tells(told, "Unsubscribe", named);
        tells(told, "DeleteTopic", topic);
        confirms(told);
        assertThat(told).isEqualTo(actions());
    }

    private static void manySubscriptions(String topic) {
        for (int i = 0; i < 120; i++) {
            server.json("CreateQueue", "{\"QueueName\":\"q" + i + "\"}");
            String request = '{' + topic + ",\"Protocol\":\"sqs\",\"Endpoint\":\"" + QUEUE + "\"}";
            server.query(
                    SnsForm.of("Subscribe", JSON.readTree(request.replace(":mail", ":q" + i))));
        }
    }

    private static void confirms(Set<String> told) throws ReflectiveOperationException {
        try (PostBox box = PostBox.open()) {
            String topic = "\"TopicArn\":\"" + TOPIC + '"';
            server.query(
                    SnsForm.of(
                            "Subscribe",
                            JSON.readTree(
                                    '{'
                                            + topic
                                            + ",\"Protocol\":\"http\",\"Endpoint\":\""
                                            + box.url("/")
                                            + "\"}")));
            String token = box.next().json().get("Token").asString();
            tells(told, "ConfirmSubscription", topic + ",\"Token\":\"" + token + '"');
        }
    }

    /// Sends a request and looks for the element of every member of its answer.
    private static String tells(Set<String> told, String action, String members)
            throws ReflectiveOperationException {
        told.add(action);
        JsonNode request = JSON.readTree('{' + members + '}');
        var answer = server.query(SnsForm.of(action, request));
        assertThat(answer.statusCode()).as(action + answer.body()).isEqualTo(200);
        for (String name : elements(shape(action + "Response"))) {
            assertThat(answer.body()).as(action).contains('<' + name + '>');
        }
        return answer.body();
    }

    private static List<String> elements(SdkPojo shape) {
        List<String> names = new ArrayList<>();
        for (SdkField<?> field : shape.sdkFields()) {
            names.add(field.locationName());
            if (field.marshallingType().equals(MarshallingType.LIST)) {
                SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
                if (member.marshallingType().equals(MarshallingType.SDK_POJO)) {
                    names.addAll(elements(member.constructor().get()));
                }
            }
        }
        return names;
    }

    /// Those of AWS that are not documented to be left out.
    private static Set<String> actions() {
        Set<String> actions = new TreeSet<>();
        for (Method method : SnsClient.class.getMethods()) {
            Class<?>[] types = method.getParameterTypes();
            if (types.length == 1 && SnsRequest.class.isAssignableFrom(types[0])) {
                actions.add(types[0].getSimpleName().replaceFirst("Request$", ""));
            }
        }
        assertThat(actions).hasSizeGreaterThanOrEqualTo(42);
        SnsErrorTablesTest.rows()
                .filter(row -> row.code().equals("InvalidAction"))
                .map(row -> row.action().replace("SMS", "Sms"))
                .forEach(left -> assertThat(actions.remove(left)).as(left).isTrue());
        return actions;
    }

    private static SdkPojo shape(String name) throws ReflectiveOperationException {
        Class<?> shape = Class.forName(SnsRequest.class.getPackageName() + '.' + name);
        Object builder = shape.getMethod("builder").invoke(null);
        Method build = builder.getClass().getMethod("build");
        build.setAccessible(true);
        try {
            return (SdkPojo) build.invoke(builder);
        } catch (InvocationTargetException e) {
            throw new AssertionError("No empty " + name, e);
        }
    }
}
