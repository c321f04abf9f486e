package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sns.model.PublishBatchResponse;
import software.amazon.awssdk.services.sns.model.PublishBatchResultEntry;
import software.amazon.awssdk.services.sns.model.Subscription;
import software.amazon.awssdk.services.sns.model.Tag;
import software.amazon.awssdk.services.sns.model.Topic;
import software.amazon.awssdk.services.sqs.model.Message;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Topics and what queues get of them, through AWS's own client.
@ParameterizedClass
@EnumSource
class SnsContractTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:";
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter private Kept kept;
    private AwsServer server;
    private SnsClient sns;
    private String topic;

    @BeforeEach
    void open_a_topic_and_two_queues() {
        server = AwsServer.start(kept);
        sns = server.sns();
        topic = sns.createTopic(r -> r.name("orders")).topicArn();
        server.sqs().createQueue(r -> r.queueName("mail"));
        server.sqs().createQueue(r -> r.queueName("audit"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_message_reaches_each_queue_in_an_envelope() {
        subscribe("mail", Map.of());
        subscribe("audit", Map.of());

        String id =
                sns.publish(r ->
                                r.topicArn(topic)
                                        .subject("New order")
                                        .message("gr\u00fc\u00df dich \"x\"\n")
                                        .messageAttributes(
                                                Map.of("kind", text("a"), "image", bytes())))
                        .messageId();

        for (String queue : List.of("mail", "audit")) {
            Message received = receiveOne(queue);
            JsonNode envelope = JSON.readTree(received.body());
            assertThat(envelope.get("Type").asString()).isEqualTo("Notification");
            assertThat(envelope.get("MessageId").asString()).isEqualTo(id);
            assertThat(envelope.get("TopicArn").asString()).isEqualTo(topic);
            assertThat(envelope.get("Subject").asString()).isEqualTo("New order");
            assertThat(envelope.get("Message").asString()).isEqualTo("gr\u00fc\u00df dich \"x\"\n");
            assertThat(envelope.get("Timestamp").asString())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            JsonNode attributes = envelope.get("MessageAttributes");
            assertThat(attributes.get("kind").get("Type").asString()).isEqualTo("String");
            assertThat(attributes.get("kind").get("Value").asString()).isEqualTo("a");
            assertThat(attributes.get("image").get("Value").asString()).isEqualTo("AAEC");
            assertThat(received.messageAttributes()).isEmpty();
        }
    }

    @Test
    void a_raw_message_is_received_as_it_was_published() {
        subscribe("mail", Map.of("RawMessageDelivery", "true"));

        sns.publish(r ->
                r.topicArn(topic)
                        .message("hello")
                        .messageAttributes(Map.of("kind", text("a"), "image", bytes())));

        Message received = receiveOne("mail");
        assertThat(received.body()).isEqualTo("hello");
        assertThat(received.messageAttributes().get("kind").stringValue()).isEqualTo("a");
        assertThat(received.messageAttributes().get("image").binaryValue().asByteArray())
                .containsExactly(0, 1, 2);
    }

    @Test
    void a_filter_on_attributes_keeps_others_out() {
        subscribe("mail", Map.of("FilterPolicy", "{\"kind\":[\"a\",{\"prefix\":\"b\"}]}"));

        publish("one", "a");
        publish("two", "c");
        publish("three", "bee");

        assertThat(texts("mail")).containsExactlyInAnyOrder("one", "three");
    }

    @Test
    void a_filter_on_the_body_sees_it_as_it_was_published() {
        subscribe(
                "mail",
                Map.of(
                        "FilterPolicyScope", "MessageBody",
                        "FilterPolicy", "{\"order\":{\"price\":[{\"numeric\":[\">=\",100]}]}}"));

        publish("{\"order\":{\"price\":99}}", "a");
        publish("{\"order\":{\"price\":100}}", "a");
        publish("no json", "a");

        assertThat(texts("mail")).containsExactly("{\"order\":{\"price\":100}}");
    }

    @Test
    void a_filter_that_changes_holds_for_the_next_message() {
        String subscription = subscribe("mail", Map.of());
        publish("one", "a");

        set(subscription, "FilterPolicy", "{\"kind\":[\"b\"]}");
        publish("two", "a");
        set(subscription, "FilterPolicy", "");
        publish("three", "a");

        assertThat(texts("mail")).containsExactlyInAnyOrder("one", "three");
    }

    @Test
    void a_batch_tells_of_each_entry() {
        subscribe("mail", Map.of("RawMessageDelivery", "true"));

        PublishBatchResponse answer =
                sns.publishBatch(r ->
                        r.topicArn(topic)
                                .publishBatchRequestEntries(
                                        entry("a", "one"),
                                        entry("bad", "\u0001"),
                                        entry("c", "three")));

        assertThat(answer.successful().stream().map(PublishBatchResultEntry::id))
                .containsExactly("a", "c");
        assertThat(answer.failed().stream().map(BatchResultErrorEntry::id)).containsExactly("bad");
        assertThat(answer.failed().getFirst().senderFault()).isTrue();
        assertThat(texts("mail")).containsExactlyInAnyOrder("one", "three");
    }

    @Test
    void a_message_for_each_protocol_gives_queues_theirs() {
        subscribe("mail", Map.of("RawMessageDelivery", "true"));

        sns.publish(r ->
                r.topicArn(topic)
                        .messageStructure("json")
                        .message("{\"default\":\"d\",\"sqs\":\"for queues\"}"));

        assertThat(texts("mail")).containsExactly("for queues");
    }

    @Test
    void topics_are_listed_in_pages_until_they_are_deleted() {
        for (int i = 0; i < 120; i++) {
            String name = "topic-" + i;
            sns.createTopic(r -> r.name(name));
        }

        assertThat(sns.listTopicsPaginator().topics().stream().map(Topic::topicArn))
                .hasSize(121)
                .contains(topic)
                .doesNotHaveDuplicates();
        sns.deleteTopic(r -> r.topicArn(topic));
        assertThat(sns.listTopicsPaginator().topics().stream().map(Topic::topicArn))
                .hasSize(120)
                .doesNotContain(topic);
        assertThatThrownBy(() -> sns.publish(r -> r.topicArn(topic).message("x")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void a_topic_is_made_once_and_its_attributes_compared() {
        assertThat(sns.createTopic(r -> r.name("orders")).topicArn()).isEqualTo(topic);
        sns.setTopicAttributes(
                r -> r.topicArn(topic).attributeName("DisplayName").attributeValue("Orders"));

        Map<String, String> told = sns.getTopicAttributes(r -> r.topicArn(topic)).attributes();
        assertThat(told)
                .containsEntry("TopicArn", topic)
                .containsEntry("DisplayName", "Orders")
                .containsEntry("Owner", "000000000000")
                .containsEntry("SubscriptionsConfirmed", "0");
        assertThatThrownBy(() ->
                        sns.createTopic(
                                r -> r.name("orders").attributes(Map.of("DisplayName", "Other"))))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("Topic already exists with different attributes");
    }

    @Test
    void subscriptions_are_listed_told_and_ended() {
        String mail = subscribe("mail", Map.of("RawMessageDelivery", "true"));
        String audit = subscribe("audit", Map.of());

        assertThat(subscribe("audit", Map.of())).isEqualTo(audit);
        assertThat(sns.listSubscriptions().subscriptions())
                .extracting(Subscription::subscriptionArn)
                .containsExactlyInAnyOrder(mail, audit);
        sns.unsubscribe(r -> r.subscriptionArn(audit));
        assertThat(sns.listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.subscriptionArn()).isEqualTo(mail);
                    assertThat(one.protocol()).isEqualTo("sqs");
                    assertThat(one.endpoint()).isEqualTo(QUEUE + "mail");
                    assertThat(one.topicArn()).isEqualTo(topic);
                });
        assertThat(sns.getSubscriptionAttributes(r -> r.subscriptionArn(mail)).attributes())
                .containsEntry("RawMessageDelivery", "true")
                .containsEntry("PendingConfirmation", "false");
        publish("x", "a");
        assertThat(texts("audit")).isEmpty();
        assertThatThrownBy(() -> sns.getSubscriptionAttributes(r -> r.subscriptionArn(audit)))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void a_subscription_goes_with_its_queue() {
        subscribe("mail", Map.of());

        server.sqs().deleteQueue(r -> r.queueUrl(server.url("mail")));

        assertThat(sns.listSubscriptions().subscriptions()).isEmpty();
        publish("goes nowhere", "a");
    }

    @Test
    void tags_are_kept() {
        sns.tagResource(r -> r.resourceArn(topic).tags(tag("team", "red"), tag("stage", "test")));
        sns.untagResource(r -> r.resourceArn(topic).tagKeys("stage"));

        assertThat(sns.listTagsForResource(r -> r.resourceArn(topic)).tags())
                .containsExactly(tag("team", "red"));
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private static MessageAttributeValue text(String value) {
        return MessageAttributeValue.builder().dataType("String").stringValue(value).build();
    }

    private static MessageAttributeValue bytes() {
        return MessageAttributeValue.builder()
                .dataType("Binary")
                .binaryValue(SdkBytes.fromByteArray(new byte[] {0, 1, 2}))
                .build();
    }

    private static PublishBatchRequestEntry entry(String id, String message) {
        return PublishBatchRequestEntry.builder().id(id).message(message).build();
    }

    private String subscribe(String queue, Map<String, String> attributes) {
        return sns.subscribe(r ->
                        r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint(QUEUE + queue)
                                .attributes(attributes)
                                .returnSubscriptionArn(true))
                .subscriptionArn();
    }

    private void set(String subscription, String name, String value) {
        sns.setSubscriptionAttributes(
                r -> r.subscriptionArn(subscription).attributeName(name).attributeValue(value));
    }

    private void publish(String message, String kind) {
        sns.publish(r ->
                r.topicArn(topic).message(message).messageAttributes(Map.of("kind", text(kind))));
    }

    private Message receiveOne(String queue) {
        List<Message> all = receive(queue);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private List<Message> receive(String queue) {
        return server.sqs()
                .receiveMessage(r ->
                        r.queueUrl(server.url(queue))
                                .messageAttributeNames("All")
                                .maxNumberOfMessages(10))
                .messages();
    }

    /// What was published, of all that is in a queue.
    private List<String> texts(String queue) {
        List<String> texts = new ArrayList<>();
        for (Message message : receive(queue)) {
            boolean wrapped = message.body().startsWith("{\"Type\"");
            texts.add(
                    wrapped
                            ? JSON.readTree(message.body()).get("Message").asString()
                            : message.body());
        }
        return texts;
    }
}
