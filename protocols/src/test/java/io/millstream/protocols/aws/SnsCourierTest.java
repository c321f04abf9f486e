package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sns.SnsClient;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Deliveries to endpoints where something is in the way.
class SnsCourierTest {
    private final Meddler meddler = new Meddler();
    private AwsServer server;
    private SnsClient sns;
    private String topic;
    private PostBox box;

    @BeforeEach
    void open_a_topic_and_an_endpoint() {
        server = AwsServer.start(meddler::between);
        sns = server.sns();
        topic = sns.createTopic(r -> r.name("orders")).topicArn();
        box = PostBox.open();
    }

    @AfterEach
    void close() {
        box.close();
        server.close();
    }

    @Test
    void an_endpoint_that_cannot_be_read_stops_no_other() {
        define("a-broken-one", Map.of("push.endpoint", box.url("/"), "push.policy", "{\"a"));
        confirmed("/");
        server.door().close();

        try (AwsServer second = AwsServer.on(server.backend())) {
            second.sns().publish(r -> r.topicArn(topic).message("x"));

            assertThat(box.next().json().get("Message").asString()).isEqualTo("x");
        }
    }

    @Test
    void queues_that_hold_messages_for_a_replay_are_no_endpoints() {
        for (int i = 0; i < 1_000; i++) {
            define("hold/" + i, Map.of());
        }

        assertThat(confirmed("/")).startsWith(topic);
    }

    @Test
    void a_settle_that_is_refused_is_tried_again() {
        confirmed("/");
        meddler.refuse(commit ->
                commit.operations().stream().anyMatch(Operation.Settle.class::isInstance));
        for (int i = 0; i < 3; i++) {
            publish("x");
        }
        await().until(() -> meddler.refusals() >= AwsServer.PUSH.postsOfOneMax());

        meddler.refuse(_ -> false);

        for (int i = 0; i < 3; i++) {
            assertThat(box.next().type()).isEqualTo("Notification");
        }
        await().until(() -> waiting() == 0);
        assertThat(box.waiting()).isZero();
    }

    @Test
    void what_waits_for_its_second_is_not_posted_after_the_subscription_has_ended() {
        String subscription = confirmed("/");
        sns.setSubscriptionAttributes(r ->
                r.subscriptionArn(subscription)
                        .attributeName("DeliveryPolicy")
                        .attributeValue("{\"throttlePolicy\":{\"maxReceivesPerSecond\":1}}"));
        publish("one");
        publish("two");
        box.next();

        sns.unsubscribe(r -> r.subscriptionArn(subscription));

        int before = box.waiting();
        for (int i = 0; i < before; i++) {
            box.next();
        }
        assertThat(box.next().type()).isEqualTo("UnsubscribeConfirmation");
    }

    @Test
    void endpoints_of_one_host_that_hang_delay_no_other() {
        int hanging = 3 * AwsServer.PUSH.postsMax();
        for (int i = 0; i < hanging; i++) {
            confirmed("/slow/" + i);
        }
        confirmed("/");
        box.hold("/slow");

        for (int i = 0; i < 3; i++) {
            publish("x");
        }

        List<String> paths = new ArrayList<>();
        while (paths.stream().filter("/"::equals).count() < 3 || paths.size() < hanging + 3) {
            paths.add(box.next().path());
        }
        // One post at once for each of those that hang.
        assertThat(paths).hasSize(hanging + 3);
        assertThat(Set.copyOf(paths)).hasSize(hanging + 1);
    }

    @Test
    void an_endpoint_that_has_confirmed_is_not_removed_for_its_silence_before() {
        sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(box.url("/")));
        String token = box.next().json().get("Token").asString();
        await().until(() -> waiting() == 0);
        meddler.beDeaf();
        sns.confirmSubscription(r -> r.topicArn(topic).token(token));

        server.advance(Duration.ofDays(2).plusMinutes(1));
        int looks = meddler.looks();
        await().until(() -> meddler.looks() >= looks + 3);

        publish("x");
        assertThat(box.next().json().get("Message").asString()).isEqualTo("x");
    }

    @Test
    void an_orderly_stop_lets_posts_end() {
        confirmed("/");
        box.hold();
        publish("one");
        box.next();

        CompletableFuture<Void> stop = CompletableFuture.runAsync(server.door()::close);
        await().until(() -> !listens());
        box.release();
        stop.join();

        assertThat(waiting()).isZero();
    }

    @Test
    void what_an_endpoint_does_not_take_before_the_stop_is_posted_after_it() {
        confirmed("/");
        box.hold();
        publish("x");
        box.next();
        server.door().close();

        try (AwsServer second = AwsServer.on(server.backend())) {
            assertThat(box.next().json().get("Message").asString()).isEqualTo("x");
            assertThat(second.port()).isPositive();
        }
    }

    private void publish(String message) {
        sns.publish(r -> r.topicArn(topic).message(message));
    }

    /// How many messages wait for endpoints, or are on their way there.
    private long waiting() {
        return server
                .backend()
                .find(new Query.Queues("aws.sns", "", null, 100))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .stream()
                .mapToLong(view -> view.counts().messages())
                .sum();
    }

    private boolean listens() {
        try (Socket socket = new Socket("localhost", server.port())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void define(String name, Map<String, String> arguments) {
        var queue =
                Definition.Queue.builder(new ChannelName("aws.sns", name))
                        .arguments(arguments)
                        .build();
        try (Session session = server.backend().session(SessionSpec.of("test"))) {
            session.commit(Commit.of(new Operation.Define(queue, Expect.Nothing.NOTHING)))
                    .toCompletableFuture()
                    .join();
        }
    }

    /// Subscribes a path of the endpoint and confirms for it.
    private String confirmed(String path) {
        sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(box.url(path)));
        String token = box.next().json().get("Token").asString();
        return sns.confirmSubscription(r -> r.topicArn(topic).token(token)).subscriptionArn();
    }
}
