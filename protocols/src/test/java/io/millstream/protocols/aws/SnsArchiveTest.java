package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.InvalidStateException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What FIFO topics keep, and send again.
@ParameterizedClass
@EnumSource
class SnsArchiveTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:";
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter private Kept kept;
    private AwsServer server;
    private SnsClient sns;
    private String topic;

    @BeforeEach
    void open_a_topic_that_keeps_its_messages() {
        server = AwsServer.start(kept);
        sns = server.sns();
        topic =
                sns.createTopic(r ->
                                r.name("orders.fifo")
                                        .attributes(
                                                Map.of(
                                                        "FifoTopic", "true",
                                                        "ArchivePolicy",
                                                                "{\"MessageRetentionPeriod\":30}")))
                        .topicArn();
        server.sqs()
                .createQueue(r ->
                        r.queueName("mail.fifo")
                                .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_new_subscription_gets_what_was_published_before_it() {
        String id = publish("one", "a");
        publish("two", "a");

        String subscription = subscribe(Map.of("ReplayPolicy", since(ManualClock.START)));
        awaitEnd(subscription);
        publish("three", "a");

        List<JsonNode> received = drain(3);
        assertThat(received)
                .extracting(one -> one.get("Message").asString())
                .containsExactly("one", "two", "three");
        assertThat(received.getFirst().get("MessageId").asString()).isEqualTo(id);
        assertThat(received)
                .extracting(one -> one.has("Replayed"))
                .containsExactly(true, true, false);
    }

    @Test
    void a_replay_sends_again_what_was_received_within_its_times() {
        String subscription = subscribe(Map.of());
        publish("before", "a");
        server.advance(Duration.ofMinutes(10));
        publish("within", "a");
        server.advance(Duration.ofMinutes(10));
        publish("after", "a");
        drain(3);

        Instant begin = ManualClock.START.plus(Duration.ofMinutes(5));
        set(
                subscription,
                "ReplayPolicy",
                "{\"PointType\":\"Timestamp\",\"StartingPoint\":\""
                        + begin
                        + "\",\"EndingPoint\":\""
                        + begin.plus(Duration.ofMinutes(10))
                        + "\"}");
        awaitEnd(subscription);

        assertThat(drain(1))
                .extracting(one -> one.get("Message").asString())
                .containsExactly("within");
    }

    @Test
    void a_replay_goes_through_the_filter_of_its_subscription() {
        publish("one", "a");
        publish("two", "b");
        publish("three", "a");

        String subscription =
                subscribe(
                        Map.of(
                                "FilterPolicy",
                                "{\"kind\":[\"a\"]}",
                                "ReplayPolicy",
                                since(ManualClock.START)));
        awaitEnd(subscription);

        assertThat(drain(2))
                .extracting(one -> one.get("Message").asString())
                .containsExactly("one", "three");
    }

    @Test
    void what_is_published_while_a_replay_runs_comes_behind_it() {
        publishMany(0, 400);
        String subscription = subscribe(Map.of("ReplayPolicy", since(ManualClock.START)));
        publishMany(400, 600);
        awaitEnd(subscription);
        publishMany(600, 610);

        assertThat(drain(610))
                .extracting(one -> one.get("Message").asString())
                .containsExactlyElementsOf(
                        IntStream.range(0, 610).mapToObj(Integer::toString).toList());
    }

    @Test
    void a_replay_goes_on_after_a_restart_and_sends_nothing_twice() {
        publishMany(0, 500);
        String subscription = subscribe(Map.of("ReplayPolicy", since(ManualClock.START)));
        server.door().close();

        try (AwsServer second = AwsServer.on(server.backend())) {
            await().until(() -> "Completed".equals(status(second.sns(), subscription)));
        }

        try (AwsServer third = AwsServer.on(server.backend())) {
            assertThat(drain(third, 500))
                    .extracting(one -> one.get("Message").asString())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 500).mapToObj(Integer::toString).toList());
        }
    }

    @Test
    void a_duplicate_is_not_kept() {
        publish("one", "a");
        sns.publish(r ->
                r.topicArn(topic)
                        .message("again")
                        .messageGroupId("g")
                        .messageDeduplicationId("one"));

        awaitEnd(subscribe(Map.of("ReplayPolicy", since(ManualClock.START))));

        assertThat(drain(1))
                .extracting(one -> one.get("Message").asString())
                .containsExactly("one");
    }

    @Test
    void a_replay_that_is_called_off_lets_new_messages_through() {
        publishMany(0, 300);
        String subscription = subscribe(Map.of("ReplayPolicy", since(ManualClock.START)));
        set(subscription, "ReplayPolicy", "");
        publish("new", "a");

        await().untilAsserted(() ->
                assertThat(drain(1).getLast().get("Message").asString()).isEqualTo("new"));
    }

    @Test
    void a_subscription_can_end_in_the_middle_of_a_replay() {
        publishMany(0, 300);
        String subscription = subscribe(Map.of("ReplayPolicy", since(ManualClock.START)));

        sns.unsubscribe(r -> r.subscriptionArn(subscription));

        assertThat(sns.listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions()).isEmpty();
        publish("goes-nowhere", "a");
        awaitEnd(subscribe(Map.of("ReplayPolicy", since(ManualClock.START))));
    }

    @Test
    void a_topic_with_an_archive_is_not_deleted_before_it_is_given_up() {
        assertThat(sns.getTopicAttributes(r -> r.topicArn(topic)).attributes())
                .containsEntry("ArchivePolicy", "{\"MessageRetentionPeriod\":30}")
                .containsEntry("BeginningArchiveTime", "2026-01-01T00:00:00Z");
        assertThatThrownBy(() -> sns.deleteTopic(r -> r.topicArn(topic)))
                .isInstanceOf(InvalidStateException.class);

        sns.setTopicAttributes(
                r -> r.topicArn(topic).attributeName("ArchivePolicy").attributeValue("{}"));

        assertThatThrownBy(() -> subscribe(Map.of("ReplayPolicy", since(ManualClock.START))))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("nothing was kept");
        sns.deleteTopic(r -> r.topicArn(topic));
        assertThat(sns.listTopics().topics()).isEmpty();
    }

    private static String since(Instant begin) {
        return "{\"PointType\":\"Timestamp\",\"StartingPoint\":\"" + begin + "\"}";
    }

    private String publish(String message, String kind) {
        var attribute =
                MessageAttributeValue.builder().dataType("String").stringValue(kind).build();
        return sns.publish(r ->
                        r.topicArn(topic)
                                .message(message)
                                .messageGroupId("g")
                                .messageDeduplicationId(message)
                                .messageAttributes(Map.of("kind", attribute)))
                .messageId();
    }

    /// Publishes numbers, ten at a time.
    private void publishMany(int from, int to) {
        for (int i = from; i < to; i += 10) {
            List<PublishBatchRequestEntry> entries =
                    IntStream.range(i, i + 10)
                            .mapToObj(Integer::toString)
                            .map(n ->
                                    PublishBatchRequestEntry.builder()
                                            .id(n)
                                            .message(n)
                                            .messageGroupId("g")
                                            .messageDeduplicationId(n)
                                            .build())
                            .toList();
            assertThat(
                            sns.publishBatch(r ->
                                            r.topicArn(topic).publishBatchRequestEntries(entries))
                                    .failed())
                    .isEmpty();
        }
    }

    private String subscribe(Map<String, String> attributes) {
        return sns.subscribe(r ->
                        r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint(QUEUE + "mail.fifo")
                                .attributes(attributes))
                .subscriptionArn();
    }

    private void set(String subscription, String name, String value) {
        sns.setSubscriptionAttributes(
                r -> r.subscriptionArn(subscription).attributeName(name).attributeValue(value));
    }

    private void awaitEnd(String subscription) {
        await().until(() -> "Completed".equals(status(sns, subscription)));
    }

    private static String status(SnsClient client, String subscription) {
        return client.getSubscriptionAttributes(r -> r.subscriptionArn(subscription))
                .attributes()
                .get("ReplayStatus");
    }

    private List<JsonNode> drain(int atLeast) {
        return drain(server, atLeast);
    }

    /// Receives and deletes all there is, which is so much or more.
    private static List<JsonNode> drain(AwsServer from, int atLeast) {
        List<JsonNode> all = new ArrayList<>();
        String url = from.url("mail.fifo");
        while (true) {
            List<Message> some =
                    from.sqs()
                            .receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10))
                            .messages();
            if (some.isEmpty()) {
                assertThat(all).hasSizeGreaterThanOrEqualTo(atLeast);
                return all;
            }
            some.forEach(message -> all.add(JSON.readTree(message.body())));
            List<DeleteMessageBatchRequestEntry> done =
                    some.stream()
                            .map(message ->
                                    DeleteMessageBatchRequestEntry.builder()
                                            .id(message.messageId())
                                            .receiptHandle(message.receiptHandle())
                                            .build())
                            .toList();
            from.sqs().deleteMessageBatch(r -> r.queueUrl(url).entries(done));
        }
    }
}
