package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;

import java.util.List;
import java.util.Map;

/// Every operator of filter policies, on attributes and on the body.
class SnsFilterTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:mail";

    private static AwsServer server;
    private static String topic;
    private static String subscription;

    @BeforeAll
    static void open_a_topic_with_a_queue() {
        server = AwsServer.start(Kept.IN_THE_ENGINE);
        topic = server.sns().createTopic(r -> r.name("orders")).topicArn();
        server.sqs().createQueue(r -> r.queueName("mail"));
        subscription =
                server.sns()
                        .subscribe(r ->
                                r.topicArn(topic)
                                        .protocol("sqs")
                                        .endpoint(QUEUE)
                                        .attributes(Map.of("RawMessageDelivery", "true")))
                        .subscriptionArn();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"a\":[\"x\"]};                              String; x; y",
                "{\"a\":[1.50]};                               Number; 1.5; 1.6",
                "{\"a\":[{\"prefix\":\"ab\"}]};                String; abc; bab",
                "{\"a\":[{\"suffix\":\"bc\"}]};                String; abc; bcd",
                "{\"a\":[{\"wildcard\":\"a*c\"}]};             String; abbc; abcd",
                "{\"a\":[{\"equals-ignore-case\":\"ABC\"}]};   String; aBc; ab",
                "{\"a\":[{\"anything-but\":\"x\"}]};           String; y; x",
                "{\"a\":[{\"anything-but\":[\"x\",\"y\"]}]};   String; z; y",
                "{\"a\":[{\"anything-but\":[1,2]}]};           Number; 3; 2",
                "{\"a\":[{\"anything-but\":{\"prefix\":\"x\"}}]};   String; yx; xy",
                "{\"a\":[{\"anything-but\":{\"suffix\":\"x\"}}]};   String; xy; yx",
                "{\"a\":[{\"anything-but\":{\"wildcard\":\"x*x\"}}]}; String; xy; xyx",
                "{\"a\":[{\"numeric\":[\"=\",5]}]};            Number; 5.0; 6",
                "{\"a\":[{\"numeric\":[\">\",0,\"<=\",150]}]}; Number; 150; 0",
                "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]};         String; 10.0.0.9; 10.0.1.9",
                "{\"a\":[{\"exists\":true}]};                  String; x;",
                "{\"a\":[{\"prefix\":\"x\"},{\"suffix\":\"x\"}]};   String; yx; yxy",
                "{\"$or\":[{\"a\":[\"x\"]},{\"b\":[\"x\"]}]};  String; x; y",
                "{\"a\":[\"x\"]};              String.Array; [\"w\", \"x\"]; [\"y\"]"
            })
    void an_operator_chooses_by_attributes(String policy, String type, String in, String out) {
        choose("MessageAttributes", policy);

        publish("in", type, in);
        publish("out", type, out);

        assertThat(drained()).containsExactly("in");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"a\":[null]};                     {\"a\":null}; {\"a\":1}",
                "{\"a\":[true]};                     {\"a\":true}; {\"a\":false}",
                "{\"a\":{\"b\":[{\"prefix\":\"x\"}]}}; {\"a\":{\"b\":\"xy\"}}; {\"b\":\"xy\"}",
                "{\"a\":[{\"exists\":false}]};       {\"b\":1}; {\"a\":1}",
                "{\"a\":[{\"numeric\":[\"<\",3]}]};  {\"a\":[5,2]}; {\"a\":\"2\"}",
                "{\"a\":{\"b\":[1],\"c\":[2]}};      {\"a\":[{\"b\":1,\"c\":2}]};"
                        + " {\"a\":[{\"b\":1},{\"c\":2}]}",
                "{\"$or\":[{\"a\":[1]},{\"b\":[1]}]}; {\"b\":1}; {\"c\":1}"
            })
    void an_operator_chooses_by_the_body(String policy, String in, String out) {
        choose("MessageBody", policy);

        server.sns().publish(r -> r.topicArn(topic).message(in));
        server.sns().publish(r -> r.topicArn(topic).message(out));

        assertThat(drained()).containsExactly(in);
    }

    private static void choose(String scope, String policy) {
        set("FilterPolicy", "");
        set("FilterPolicyScope", scope);
        set("FilterPolicy", policy);
    }

    private static void set(String name, String value) {
        server.sns()
                .setSubscriptionAttributes(r ->
                        r.subscriptionArn(subscription).attributeName(name).attributeValue(value));
    }

    private static void publish(String message, String type, String value) {
        Map<String, MessageAttributeValue> attributes =
                value == null
                        ? Map.of()
                        : Map.of(
                                "a",
                                MessageAttributeValue.builder()
                                        .dataType(type)
                                        .stringValue(value)
                                        .build());
        server.sns().publish(r -> r.topicArn(topic).message(message).messageAttributes(attributes));
    }

    private static List<String> drained() {
        String url = server.url("mail");
        List<Message> messages =
                server.sqs()
                        .receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10))
                        .messages();
        messages.forEach(message ->
                server.sqs()
                        .deleteMessage(
                                r -> r.queueUrl(url).receiptHandle(message.receiptHandle())));
        return messages.stream().map(Message::body).toList();
    }
}
