package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Header;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageNotInflightException;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Messages through AWS's own client, which checks every digest.
@ParameterizedClass
@EnumSource
class SqsContractTest {
    @Parameter private Kept kept;
    private AwsServer server;
    private SqsClient sqs;
    private String url;

    @BeforeEach
    void open_a_queue() {
        server = AwsServer.start(kept);
        sqs = server.sqs();
        url = sqs.createQueue(r -> r.queueName("mail")).queueUrl();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_message_is_sent_received_and_deleted() {
        SendMessageResponse sent =
                sqs.sendMessage(
                        r -> r.queueUrl(url).messageBody("gr\u00fc\u00df dich \ud83d\ude00\r\n"));

        Message received = receiveOne();
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(received.receiptHandle()));
        server.advance(Duration.ofSeconds(31));

        assertThat(received.body()).isEqualTo("gr\u00fc\u00df dich \ud83d\ude00\r\n");
        assertThat(received.messageId()).isEqualTo(sent.messageId());
        assertThat(receive()).isEmpty();
    }

    @Test
    void attributes_of_every_type_come_back_as_they_were() {
        Map<String, MessageAttributeValue> attributes =
                Map.of(
                        "text", text("String", "gr\u00fc\u00df dich"),
                        "custom", text("String.mail-address", "a@b"),
                        "number", text("Number", "-1.50E+3"),
                        "int", text("Number.int", "42"),
                        "bytes", bytes("Binary"),
                        "image", bytes("Binary.png"));

        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x").messageAttributes(attributes));

        assertThat(receiveOne().messageAttributes()).isEqualTo(attributes);
    }

    @Test
    void a_receiver_gets_the_attributes_that_it_names() {
        sqs.sendMessage(r ->
                r.queueUrl(url)
                        .messageBody("x")
                        .messageAttributes(
                                Map.of(
                                        "a.one", text("String", "1"),
                                        "a.two", text("String", "2"),
                                        "b", text("String", "3"))));

        assertThat(namesOf("b")).containsExactly("b");
        assertThat(namesOf("a.*")).containsExactlyInAnyOrder("a.one", "a.two");
        assertThat(namesOf(".*")).hasSize(3);
        assertThat(namesOf("All")).hasSize(3);
        assertThat(namesOf()).isEmpty();
    }

    @Test
    void system_attributes_say_when_how_often_and_by_whom() {
        String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
        sqs.sendMessage(r ->
                r.queueUrl(url)
                        .messageBody("x")
                        .messageSystemAttributes(
                                Map.of(
                                        MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                                        MessageSystemAttributeValue.builder()
                                                .dataType("String")
                                                .stringValue(trace)
                                                .build())));
        server.advance(Duration.ofSeconds(1));
        receiveOne();
        server.advance(Duration.ofSeconds(31));

        Message second = receiveOne();

        long sent = ManualClock.START.toEpochMilli();
        assertThat(second.attributes())
                .isEqualTo(
                        Map.of(
                                MessageSystemAttributeName.SENDER_ID,
                                "000000000000",
                                MessageSystemAttributeName.SENT_TIMESTAMP,
                                "" + sent,
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                "2",
                                MessageSystemAttributeName.APPROXIMATE_FIRST_RECEIVE_TIMESTAMP,
                                "" + (sent + 1000),
                                MessageSystemAttributeName.AWS_TRACE_HEADER,
                                trace));
        assertThat(second.messageAttributes()).isEmpty();
    }

    @Test
    void a_message_is_invisible_as_long_as_the_receiver_says() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        sqs.receiveMessage(r -> r.queueUrl(url).visibilityTimeout(5));

        server.advance(Duration.ofSeconds(4));
        assertThat(receive()).isEmpty();
        server.advance(Duration.ofSeconds(2));
        assertThat(receive()).hasSize(1);
    }

    @Test
    void a_visibility_timeout_of_zero_shows_the_message_to_everybody_and_counts() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));

        Message first =
                sqs.receiveMessage(r -> r.queueUrl(url).visibilityTimeout(0)).messages().getFirst();
        Message second = receiveOne();
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()));
        server.advance(Duration.ofSeconds(31));

        assertThat(second.attributes())
                .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "2");
        assertThat(receive()).isEmpty();
    }

    @Test
    void visibility_is_extended_and_ended() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        String handle = receiveOne().receiptHandle();

        change(handle, 60);
        server.advance(Duration.ofSeconds(59));
        assertThat(receive()).isEmpty();
        change(handle, 0);
        assertThat(receive()).hasSize(1);
    }

    @Test
    void an_ended_receipt_handle_deletes_but_changes_nothing() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        String old = receiveOne().receiptHandle();
        server.advance(Duration.ofSeconds(31));
        receiveOne();

        assertThatThrownBy(() -> change(old, 10)).isInstanceOf(MessageNotInflightException.class);
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(old));
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(old));
        server.advance(Duration.ofSeconds(31));

        assertThat(receive()).isEmpty();
    }

    @Test
    void a_receipt_handle_is_good_for_its_queue_alone_and_cannot_be_forged() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        String handle = receiveOne().receiptHandle();
        String other = sqs.createQueue(r -> r.queueName("other")).queueUrl();
        char last = handle.charAt(20) == 'A' ? 'B' : 'A';
        String forged = handle.substring(0, 20) + last + handle.substring(21);

        assertThatThrownBy(() -> sqs.deleteMessage(r -> r.queueUrl(other).receiptHandle(handle)))
                .isInstanceOf(ReceiptHandleIsInvalidException.class);
        assertThatThrownBy(() -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(forged)))
                .isInstanceOf(ReceiptHandleIsInvalidException.class);
    }

    @Test
    void a_receipt_handle_outlives_the_server_that_gave_it() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        String handle = receiveOne().receiptHandle();

        try (AwsServer second = AwsServer.on(server.backend())) {
            second.sqs().deleteMessage(r -> r.queueUrl(second.url("mail")).receiptHandle(handle));
        }
        server.advance(Duration.ofSeconds(31));

        assertThat(receive()).isEmpty();
    }

    @Test
    void a_message_received_too_often_goes_to_the_dead_letter_queue() {
        String dead = sqs.createQueue(r -> r.queueName("dead")).queueUrl();
        String policy =
                "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:dead\","
                        + "\"maxReceiveCount\":\"2\"}";
        sqs.setQueueAttributes(
                r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.REDRIVE_POLICY, policy)));
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("poison"));
        for (int i = 0; i < 2; i++) {
            receiveOne();
            server.advance(Duration.ofSeconds(31));
        }

        assertThat(receive()).isEmpty();
        url = dead;
        Message poison = receiveOne();

        assertThat(poison.body()).isEqualTo("poison");
        assertThat(poison.attributes())
                .containsEntry(
                        MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN,
                        "arn:aws:sqs:eu-west-1:000000000000:mail")
                .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "3");
    }

    @Test
    @SuppressWarnings("unchecked") // The client's varargs.
    void batches_tell_the_end_of_each_entry() {
        SendMessageBatchResponse sent =
                sqs.sendMessageBatch(r ->
                        r.queueUrl(url)
                                .entries(
                                        e -> e.id("a").messageBody("1"),
                                        e -> e.id("b").messageBody("bad \u0001"),
                                        e ->
                                                e.id("c")
                                                        .messageBody("3")
                                                        .messageAttributes(
                                                                Map.of("n", text("Number", "1")))));

        assertThat(sent.successful()).extracting(e -> e.id()).containsExactly("a", "c");
        assertThat(sent.failed())
                .extracting(e -> e.code())
                .containsExactly("InvalidMessageContents");
        List<Message> received = receive();
        assertThat(received).extracting(Message::body).containsExactly("1", "3");

        ChangeMessageVisibilityBatchResponse changed =
                sqs.changeMessageVisibilityBatch(r ->
                        r.queueUrl(url)
                                .entries(
                                        e ->
                                                e.id("a")
                                                        .receiptHandle(
                                                                received.get(0).receiptHandle())
                                                        .visibilityTimeout(100),
                                        e ->
                                                e.id("b")
                                                        .receiptHandle("nonsense")
                                                        .visibilityTimeout(100)));
        DeleteMessageBatchResponse deleted =
                sqs.deleteMessageBatch(r ->
                        r.queueUrl(url)
                                .entries(
                                        e ->
                                                e.id("a")
                                                        .receiptHandle(
                                                                received.get(0).receiptHandle()),
                                        e -> e.id("b").receiptHandle("nonsense")));

        assertThat(changed.successful()).extracting(e -> e.id()).containsExactly("a");
        assertThat(changed.failed())
                .extracting(e -> e.code())
                .containsExactly("ReceiptHandleIsInvalid");
        assertThat(deleted.successful()).extracting(e -> e.id()).containsExactly("a");
        assertThat(deleted.failed()).extracting(e -> e.id()).containsExactly("b");
    }

    @Test
    void messages_of_up_to_a_mebibyte_pass() {
        String body = "x".repeat(1_048_576);
        sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));

        assertThat(receiveOne().body()).isEqualTo(body);
    }

    @Test
    void messages_of_other_protocols_are_shown_as_well_as_can_be() {
        server.backend()
                .session(SessionSpec.of("other"))
                .commit(
                        Commit.of(
                                new Operation.Put(
                                        ChannelName.of("mail"),
                                        io.millstream.api.Message.builder("a\u0000b")
                                                .header(
                                                        new Header(
                                                                "h",
                                                                "table.entry",
                                                                Bytes.utf8("?")))
                                                .build())))
                .toCompletableFuture()
                .join();

        Message message = receiveOne();

        assertThat(message.body()).isEqualTo("a\ufffdb");
        assertThat(message.messageId()).isNotEmpty();
        assertThat(message.messageAttributes().get("h").dataType()).isEqualTo("Binary.table.entry");
    }

    private List<String> namesOf(String... filter) {
        return List.copyOf(
                sqs.receiveMessage(r ->
                                r.queueUrl(url).visibilityTimeout(0).messageAttributeNames(filter))
                        .messages()
                        .getFirst()
                        .messageAttributes()
                        .keySet());
    }

    private void change(String handle, int seconds) {
        sqs.changeMessageVisibility(
                r -> r.queueUrl(url).receiptHandle(handle).visibilityTimeout(seconds));
    }

    private static MessageAttributeValue text(String type, String value) {
        return MessageAttributeValue.builder().dataType(type).stringValue(value).build();
    }

    private static MessageAttributeValue bytes(String type) {
        return MessageAttributeValue.builder()
                .dataType(type)
                .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1, 7}))
                .build();
    }

    private Message receiveOne() {
        List<Message> messages = receive();
        assertThat(messages).hasSize(1);
        return messages.getFirst();
    }

    private List<Message> receive() {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(10)
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                                .messageAttributeNames("All"))
                .messages();
    }
}
