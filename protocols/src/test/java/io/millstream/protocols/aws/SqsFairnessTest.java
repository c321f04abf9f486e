package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.OverLimitException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Standard queues: message groups that share them, delays, and how much is in flight.
@ParameterizedClass
@EnumSource
class SqsFairnessTest {
    @Parameter private Kept kept;
    private AwsServer server;
    private SqsClient sqs;
    private String url;

    @BeforeEach
    void open() {
        server = AwsServer.start(kept);
        sqs = server.sqs();
        url = sqs.createQueue(r -> r.queueName("mail")).queueUrl();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void sendBatches(String group, int messages) {
        for (int first = 0; first < messages; first += 10) {
            List<SendMessageBatchRequestEntry> entries =
                    IntStream.range(first, first + 10)
                            .mapToObj(i ->
                                    SendMessageBatchRequestEntry.builder()
                                            .id("m" + i)
                                            .messageBody(group + i)
                                            .messageGroupId(group)
                                            .build())
                            .toList();
            assertThat(sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries)).failed())
                    .isEmpty();
        }
    }

    private List<Message> receive(int most) {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(most)
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages();
    }

    private String attribute(QueueAttributeName name) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name))
                .attributes()
                .get(name);
    }

    @Test
    void a_group_that_was_idle_is_served_next_though_another_has_a_thousand_in_flight() {
        sendBatches("a", 1_200);
        for (int i = 0; i < 100; i++) {
            assertThat(receive(10)).hasSize(10);
        }
        assertThat(attribute(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .isEqualTo("1000");

        sqs.sendMessage(r -> r.queueUrl(url).messageBody("b0").messageGroupId("b"));

        Message next = receive(1).getFirst();
        assertThat(next.body()).isEqualTo("b0");
        assertThat(next.attributes())
                .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "b")
                .doesNotContainKey(MessageSystemAttributeName.SEQUENCE_NUMBER);
    }

    @Test
    void messages_of_one_group_are_worked_at_the_same_time() {
        sendBatches("a", 10);

        assertThat(receive(1).getFirst().body()).isEqualTo("a0");
        assertThat(receive(1).getFirst().body()).isEqualTo("a1");
    }

    @Test
    void a_delay_of_the_queue_holds_unless_the_message_has_one() {
        sqs.setQueueAttributes(
                r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.DELAY_SECONDS, "10")));
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("usual").messageGroupId("a"));
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("at once").delaySeconds(0));
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("late").delaySeconds(900));
        assertThat(attribute(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .isEqualTo("2");
        assertThat(attribute(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)).isEqualTo("1");

        assertThat(receive(10)).extracting(Message::body).containsExactly("at once");
        server.advance(Duration.ofMillis(9_999));
        assertThat(receive(10)).isEmpty();
        server.advance(Duration.ofMillis(1));
        assertThat(receive(10)).extracting(Message::body).containsExactly("usual");
        assertThat(attribute(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .isEqualTo("1");
    }

    @Test
    void a_change_of_the_queues_delay_holds_for_what_is_sent_from_then_on() {
        send("before");
        setDelay("5");
        send("between");
        setDelay("0");
        send("after");

        assertThat(receive(10)).extracting(Message::body).containsExactly("before", "after");
        server.advance(Duration.ofSeconds(5));
        assertThat(receive(10)).extracting(Message::body).containsExactly("between");
    }

    @Test
    void a_change_made_through_another_server_holds_for_the_next_send() {
        send("before");
        try (AwsServer other = AwsServer.on(server.backend())) {
            other.sqs()
                    .setQueueAttributes(r ->
                            r.queueUrl(other.url("mail"))
                                    .attributes(Map.of(QueueAttributeName.DELAY_SECONDS, "5")));
        }

        send("after");
        sqs.sendMessageBatch(r ->
                r.queueUrl(url)
                        .entries(
                                List.of(
                                        SendMessageBatchRequestEntry.builder()
                                                .id("a")
                                                .messageBody("batch")
                                                .build())));

        assertThat(receive(10)).extracting(Message::body).containsExactly("before");
        server.advance(Duration.ofSeconds(5));
        assertThat(receive(10)).extracting(Message::body).containsExactly("after", "batch");
    }

    @Test
    void a_queue_that_was_deleted_and_made_anew_is_not_taken_for_the_old_one() {
        setDelay("5");
        send("old");
        sqs.deleteQueue(r -> r.queueUrl(url));
        assertThatThrownBy(() -> send("none")).isInstanceOf(QueueDoesNotExistException.class);
        sqs.createQueue(r -> r.queueName("mail"));

        send("new");

        assertThat(receive(10)).extracting(Message::body).containsExactly("new");
    }

    private void send(String body) {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
    }

    private void setDelay(String seconds) {
        sqs.setQueueAttributes(
                r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.DELAY_SECONDS, seconds)));
    }

    @Test
    void a_receive_that_does_not_wait_is_told_when_too_much_is_in_flight() {
        ChannelName small = ChannelName.of("small");
        ChannelName fifo = ChannelName.of("small.fifo");
        for (ChannelName name : List.of(small, fifo)) {
            define(Definition.Queue.of(name).withMaxInFlight(1));
        }
        url = server.url("small");
        send("one");
        send("two");
        assertThat(receive(10)).hasSize(1);

        assertThatThrownBy(() -> receive(10))
                .isInstanceOf(OverLimitException.class)
                .hasMessageContaining("1 is the limit of this queue");

        url = server.url("small.fifo");
        for (String group : List.of("a", "b")) {
            sqs.sendMessage(r ->
                    r.queueUrl(url)
                            .messageBody(group)
                            .messageGroupId(group)
                            .messageDeduplicationId(group));
        }
        assertThat(receive(10)).hasSize(1);
        assertThat(receive(10)).isEmpty();
    }

    private void define(Definition.Queue queue) {
        try (var session = server.backend().session(SessionSpec.of("test"))) {
            session.commit(Commit.of(new Operation.Define(queue, Expect.Anything.ANYTHING)))
                    .toCompletableFuture()
                    .join();
        }
    }
}
