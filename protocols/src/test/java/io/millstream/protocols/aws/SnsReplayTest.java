package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Query;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Replays that something comes in between.
@ParameterizedClass
@EnumSource
class SnsReplayTest {
    private static final String ALL =
            "{\"PointType\":\"Timestamp\",\"StartingPoint\":\"2020-01-01T00:00:00Z\"}";
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter private Kept kept;
    private final Meddler meddler = new Meddler();
    private AwsServer server;
    private SnsClient sns;
    private String topic;

    @BeforeEach
    void open_a_topic_that_keeps_its_messages() {
        server = AwsServer.start(kept, meddler::between);
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
        meddler.refuse(_ -> false);
        server.close();
    }

    @Test
    void what_is_held_comes_once_though_the_replay_is_begun_again() {
        publish("one", "two");
        meddler.refuse(has(SnsReplayTest::sendsTheArchive));
        String subscription = subscribe(ALL);
        publish("held-one", "held-two");

        replay(subscription, ALL);
        meddler.refuse(_ -> false);
        awaitEnd(subscription);

        assertThat(drain()).containsExactly("one", "two", "held-one", "held-two");
    }

    @Test
    void what_is_held_comes_though_the_replay_is_begun_again_from_now_on() {
        publish("one");
        meddler.refuse(has(SnsReplayTest::sendsTheArchive));
        String subscription = subscribe(ALL);
        publish("held");

        replay(subscription, ALL.replace("2020", "2030"));
        meddler.refuse(_ -> false);
        awaitEnd(subscription);

        assertThat(drain()).containsExactly("held");
    }

    @Test
    void a_replay_that_is_begun_again_at_its_end_hands_over_first_what_is_held() {
        publish("one");
        meddler.refuse(has(Operation.RemoveExchange.class::isInstance));
        String subscription = subscribe(ALL);
        publish("held");
        await().until(() -> meddler.refusals() > 0);

        replay(subscription, ALL);
        publish("held-too");
        meddler.refuse(_ -> false);
        awaitEnd(subscription);

        assertThat(drain()).containsExactly("one", "held", "one", "held", "held-too");
    }

    @Test
    void a_replay_may_end_before_1970() {
        publish("one");

        String subscription =
                subscribe(
                        "{\"PointType\":\"Timestamp\",\"StartingPoint\":\"1960-01-01T00:00:00Z\","
                                + "\"EndingPoint\":\"1965-01-01T00:00:00Z\"}");
        awaitEnd(subscription);

        assertThat(drain()).isEmpty();
    }

    @Test
    void a_subscription_that_ends_while_the_rest_is_handed_over_leaves_nothing() {
        publish("one");
        meddler.refuse(has(Operation.Remove.class::isInstance));
        String subscription = subscribe(ALL);
        await().until(() -> meddler.refusals() > 0);

        sns.unsubscribe(r -> r.subscriptionArn(subscription));
        meddler.refuse(_ -> false);

        awaitNoReplays();
        assertThat(find(new Query.Queues("aws.sns", "", null, 10))).isZero();
    }

    @Test
    void what_is_known_of_replays_goes_with_their_topic() {
        publish("one");
        awaitEnd(subscribe(ALL));
        sns.setTopicAttributes(
                r -> r.topicArn(topic).attributeName("ArchivePolicy").attributeValue("{}"));

        sns.deleteTopic(r -> r.topicArn(topic));

        awaitNoReplays();
        assertThat(find(new Query.Rows("sns.sequences", "", null, 10))).isZero();
    }

    @Test
    void what_is_known_of_replays_goes_after_their_queue_at_the_next_start() {
        publish("one");
        meddler.refuse(has(SnsReplayTest::sendsTheArchive));
        subscribe(ALL);
        server.sqs().deleteQueue(r -> r.queueUrl(server.url("mail.fifo")));
        server.door().close();
        meddler.refuse(_ -> false);

        try (AwsServer second = AwsServer.on(server.backend())) {
            awaitNoReplays();
            assertThat(find(new Query.Queues("aws.sns", "", null, 10))).isZero();
            assertThat(second.port()).isPositive();
        }
    }

    private static Predicate<Commit> has(Predicate<Operation> what) {
        return commit -> commit.operations().stream().anyMatch(what);
    }

    private static boolean sendsTheArchive(Operation operation) {
        return operation instanceof Operation.Publish publish
                && publish.exchange().host().equals("aws.sns");
    }

    private void publish(String... messages) {
        for (String message : messages) {
            sns.publish(r ->
                    r.topicArn(topic)
                            .message(message)
                            .messageGroupId("g")
                            .messageDeduplicationId(message));
        }
    }

    private String subscribe(String policy) {
        return sns.subscribe(r ->
                        r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint("arn:aws:sqs:eu-west-1:000000000000:mail.fifo")
                                .attributes(Map.of("ReplayPolicy", policy)))
                .subscriptionArn();
    }

    private void replay(String subscription, String policy) {
        sns.setSubscriptionAttributes(r ->
                r.subscriptionArn(subscription)
                        .attributeName("ReplayPolicy")
                        .attributeValue(policy));
    }

    private void awaitEnd(String subscription) {
        await().until(() ->
                "Completed"
                        .equals(
                                sns.getSubscriptionAttributes(r -> r.subscriptionArn(subscription))
                                        .attributes()
                                        .get("ReplayStatus")));
    }

    private void awaitNoReplays() {
        await().until(() -> find(new Query.Rows("sns.replays", "", null, 10)) == 0);
    }

    private int find(Query<?> query) {
        return server.backend().find(query).toCompletableFuture().join().page().items().size();
    }

    /// Receives and deletes all there is.
    private List<String> drain() {
        List<String> all = new ArrayList<>();
        String url = server.url("mail.fifo");
        while (true) {
            List<Message> some =
                    server.sqs()
                            .receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10))
                            .messages();
            if (some.isEmpty()) {
                return all;
            }
            for (Message message : some) {
                all.add(JSON.readTree(message.body()).get("Message").asString());
                server.sqs()
                        .deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
            }
        }
    }
}
