package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// FIFO queues, through AWS's own client.
@ParameterizedClass
@EnumSource
class SqsFifoTest {
    @Parameter private Kept kept;
    private AwsServer server;
    private SqsClient sqs;
    private String url;

    @BeforeEach
    void open() {
        server = AwsServer.start(kept);
        sqs = server.sqs();
        url = create("orders.fifo", Map.of());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String create(String name, Map<QueueAttributeName, String> attributes) {
        Map<QueueAttributeName, String> all = new HashMap<>(attributes);
        all.put(QueueAttributeName.FIFO_QUEUE, "true");
        return sqs.createQueue(r -> r.queueName(name).attributes(all)).queueUrl();
    }

    private SendMessageResponse send(String body, String group, String deduplication) {
        return sqs.sendMessage(r ->
                r.queueUrl(url)
                        .messageBody(body)
                        .messageGroupId(group)
                        .messageDeduplicationId(deduplication));
    }

    private SendMessageResponse send(String body, String group) {
        return send(body, group, body);
    }

    private List<Message> receive(int most) {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(most)
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages();
    }

    private void delete(Message message) {
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
    }

    private static List<String> bodies(List<Message> messages) {
        return messages.stream().map(Message::body).toList();
    }

    @Test
    void a_message_is_sent_received_and_deleted() {
        SendMessageResponse sent = send("hello", "a", "once");

        Message received = receive(1).getFirst();

        assertThat(sent.sequenceNumber()).hasSize(20).containsOnlyDigits();
        assertThat(received.messageId()).isEqualTo(sent.messageId());
        assertThat(received.attributes())
                .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "a")
                .containsEntry(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, "once")
                .containsEntry(MessageSystemAttributeName.SEQUENCE_NUMBER, sent.sequenceNumber());
        delete(received);
        server.advance(Duration.ofSeconds(31));
        assertThat(receive(1)).isEmpty();
    }

    @Test
    void one_receive_gets_several_messages_of_a_group_in_order() {
        for (String body : List.of("a1", "b1", "a2", "a3")) {
            send(body, body.substring(0, 1));
        }

        assertThat(bodies(receive(10))).containsExactly("a1", "b1", "a2", "a3");
    }

    @Test
    void a_group_waits_while_any_of_it_is_in_flight_and_no_other_does() {
        for (String body : List.of("a1", "a2", "a3", "b1")) {
            send(body, body.substring(0, 1));
        }
        List<Message> first = receive(2);
        assertThat(bodies(first)).containsExactly("a1", "a2");

        assertThat(bodies(receive(10))).containsExactly("b1");
        delete(first.getFirst());
        assertThat(receive(10)).isEmpty();
        delete(first.getLast());
        assertThat(bodies(receive(10))).containsExactly("a3");
    }

    @Test
    void a_message_that_becomes_visible_again_comes_before_the_rest_of_its_group() {
        send("a1", "a");
        send("a2", "a");
        Message first = receive(1).getFirst();

        sqs.changeMessageVisibility(
                r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));

        assertThat(bodies(receive(10))).containsExactly("a1", "a2");
    }

    @Test
    void a_duplicate_is_answered_with_the_first_ones_id_and_number() {
        SendMessageResponse first = send("one", "a", "once");
        delete(receive(1).getFirst());

        SendMessageResponse second = send("two", "b", "once");

        assertThat(second.messageId()).isEqualTo(first.messageId());
        assertThat(second.sequenceNumber()).isEqualTo(first.sequenceNumber());
        assertThat(receive(10)).isEmpty();
    }

    @Test
    void after_five_minutes_an_equal_message_is_a_new_one() {
        SendMessageResponse first = send("one", "a", "once");
        server.advance(Duration.ofMinutes(5).minusMillis(1));
        assertThat(send("one", "a", "once").messageId()).isEqualTo(first.messageId());
        server.advance(Duration.ofMillis(1));

        SendMessageResponse second = send("one", "a", "once");

        assertThat(second.messageId()).isNotEqualTo(first.messageId());
        assertThat(second.sequenceNumber()).isGreaterThan(first.sequenceNumber());
        assertThat(send("one", "a", "once").messageId()).isEqualTo(second.messageId());
        assertThat(receive(10)).hasSize(2);
    }

    @Test
    void content_based_deduplication_compares_bodies_alone() {
        url =
                create(
                        "content.fifo",
                        Map.of(QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        SendMessageResponse first = send("same", "a", null);

        assertThat(send("same", "b", null).messageId()).isEqualTo(first.messageId());
        assertThat(send("other", "a", null).messageId()).isNotEqualTo(first.messageId());
        assertThat(send("same", "a", "explicit").messageId()).isNotEqualTo(first.messageId());
        assertThat(receive(1).getFirst().attributes())
                .containsEntry(
                        MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID,
                        "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5");
    }

    @Test
    void deduplication_within_the_group_lets_other_groups_send_the_same() {
        url =
                create(
                        "tenants.fifo",
                        Map.of(
                                QueueAttributeName.DEDUPLICATION_SCOPE,
                                "messageGroup",
                                QueueAttributeName.FIFO_THROUGHPUT_LIMIT,
                                "perMessageGroupId"));
        SendMessageResponse first = send("x", "a", "once");
        SendMessageResponse other = send("x", "b", "once");

        assertThat(other.messageId()).isNotEqualTo(first.messageId());
        assertThat(send("x", "a", "once").messageId()).isEqualTo(first.messageId());
        assertThat(send("x", "b", "once").messageId()).isEqualTo(other.messageId());
    }

    @Test
    void without_a_deduplication_id_or_content_a_message_is_refused() {
        assertThatThrownBy(() -> send("x", "a", null))
                .isInstanceOf(SqsException.class)
                .hasMessageContaining("The queue should either have ContentBasedDeduplication");
    }

    @Test
    void the_second_of_two_equal_entries_of_a_batch_is_the_duplicate_of_the_first() {
        List<SendMessageBatchRequestEntry> entries =
                IntStream.range(0, 10)
                        .mapToObj(i ->
                                SendMessageBatchRequestEntry.builder()
                                        .id("e" + i)
                                        .messageBody("m" + i)
                                        .messageGroupId("a")
                                        .messageDeduplicationId("d" + i / 2)
                                        .build())
                        .toList();

        var done = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries)).successful();

        assertThat(done).hasSize(10);
        for (int i = 0; i < 10; i += 2) {
            assertThat(done.get(i).sequenceNumber()).isEqualTo(done.get(i + 1).sequenceNumber());
            assertThat(done.get(i).messageId()).isEqualTo(done.get(i + 1).messageId());
        }
        assertThat(bodies(receive(10))).containsExactly("m0", "m2", "m4", "m6", "m8");
    }

    @Test
    void a_handle_whose_time_has_ended_does_not_delete() {
        send("a1", "a");
        Message ended = receive(1).getFirst();
        server.advance(Duration.ofSeconds(31));

        assertThatThrownBy(() -> delete(ended))
                .isInstanceOf(SqsException.class)
                .hasMessageContaining("Reason: The receipt handle has expired.");

        Message again = receive(1).getFirst();
        assertThatThrownBy(() -> delete(ended)).isInstanceOf(SqsException.class);
        delete(again);
        delete(again);
        delete(ended);
        server.advance(Duration.ofSeconds(31));
        assertThat(receive(1)).isEmpty();
    }

    @Test
    void a_queues_delay_holds_for_each_of_its_messages_and_their_order() {
        url = create("late.fifo", Map.of(QueueAttributeName.DELAY_SECONDS, "10"));
        send("a1", "a");
        server.advance(Duration.ofSeconds(4));
        send("a2", "a");
        send("b1", "b");
        assertThat(counter(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .isEqualTo("3");

        server.advance(Duration.ofSeconds(6));
        assertThat(bodies(receive(10))).containsExactly("a1");
        server.advance(Duration.ofSeconds(4));
        assertThat(bodies(receive(10))).containsExactly("b1");
    }

    @Test
    void a_dead_letter_lets_its_group_go_on() {
        String dead = create("dead.fifo", Map.of());
        sqs.setQueueAttributes(r ->
                r.queueUrl(url)
                        .attributes(
                                Map.of(
                                        QueueAttributeName.REDRIVE_POLICY,
                                        "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:"
                                                + "000000000000:dead.fifo\","
                                                + "\"maxReceiveCount\":1}")));
        String id = send("a1", "a").messageId();
        send("a2", "a");
        assertThat(bodies(receive(1))).containsExactly("a1");

        server.advance(Duration.ofSeconds(31));

        assertThat(bodies(receive(10))).containsExactly("a2");
        url = dead;
        Message died = receive(10).getFirst();
        assertThat(died.messageId()).isEqualTo(id);
        assertThat(died.attributes())
                .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "a")
                .containsEntry(
                        MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN,
                        "arn:aws:sqs:eu-west-1:000000000000:orders.fifo");
    }

    private String counter(QueueAttributeName name) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name))
                .attributes()
                .get(name);
    }

    private List<Message> attempt(String id) {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(10)
                                .visibilityTimeout(20)
                                .receiveRequestAttemptId(id)
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                                .messageAttributeNames("All"))
                .messages();
    }

    @Test
    void the_same_attempt_gets_the_same_messages_and_a_whole_timeout_again() {
        for (String body : List.of("a1", "a2", "b1")) {
            send(body, body.substring(0, 1));
        }
        List<Message> first = attempt("try-1");
        assertThat(bodies(first)).containsExactly("a1", "a2", "b1");
        server.advance(Duration.ofSeconds(15));

        List<Message> again = attempt("try-1");

        assertThat(again).isEqualTo(first);
        assertThat(attempt("try-2")).isEmpty();
        server.advance(Duration.ofSeconds(19));
        assertThat(receive(10)).isEmpty();
        again.forEach(this::delete);
        server.advance(Duration.ofMinutes(5));
        assertThat(receive(10)).isEmpty();
    }

    @Test
    void an_attempt_of_which_a_message_was_deleted_is_a_new_receive() {
        send("a1", "a");
        send("a2", "a");
        List<Message> first = attempt("try");
        delete(first.getFirst());

        assertThat(attempt("try")).isEmpty();

        delete(first.getLast());
        send("a3", "a");
        assertThat(bodies(attempt("try"))).containsExactly("a3");
    }

    @Test
    void an_attempt_of_which_a_messages_visibility_was_changed_is_a_new_receive() {
        send("a1", "a");
        Message first = attempt("try").getFirst();
        sqs.changeMessageVisibility(
                r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(25));

        assertThat(attempt("try")).isEmpty();
        server.advance(Duration.ofSeconds(26));
        assertThat(bodies(attempt("try"))).containsExactly("a1");
    }

    @Test
    void an_attempt_whose_timeout_has_ended_is_a_new_receive() {
        send("a1", "a");
        Message first = attempt("try").getFirst();
        server.advance(Duration.ofSeconds(21));

        Message second = attempt("try").getFirst();

        assertThat(second.body()).isEqualTo("a1");
        assertThat(second.receiptHandle()).isNotEqualTo(first.receiptHandle());
        assertThat(second.attributes())
                .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "2");
    }

    @Test
    void after_five_minutes_an_attempt_is_forgotten() {
        send("a1", "a");
        List<Message> first = attempt("try");
        for (int i = 0; i < 20; i++) {
            server.advance(Duration.ofSeconds(14));
            assertThat(attempt("try")).isEqualTo(first);
        }
        server.advance(Duration.ofSeconds(19));
        assertThat(attempt("try")).isEqualTo(first);
        server.advance(Duration.ofSeconds(2));

        assertThat(attempt("try")).isEmpty();
    }

    @Test
    void a_dead_letter_received_by_an_attempt_is_told_again_in_full() {
        create("dead.fifo", Map.of());
        sqs.setQueueAttributes(r ->
                r.queueUrl(url)
                        .attributes(
                                Map.of(
                                        QueueAttributeName.REDRIVE_POLICY,
                                        "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:"
                                                + "000000000000:dead.fifo\","
                                                + "\"maxReceiveCount\":1}")));
        send("a1", "a");
        receive(1);
        server.advance(Duration.ofSeconds(31));
        url = server.url("dead.fifo");
        List<Message> first = attempt("try");
        assertThat(first).hasSize(1);

        assertThat(attempt("try")).isEqualTo(first);
    }
}
