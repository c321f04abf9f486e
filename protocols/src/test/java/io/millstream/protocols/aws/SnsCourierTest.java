package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sns.SnsClient;

import java.util.Map;

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
