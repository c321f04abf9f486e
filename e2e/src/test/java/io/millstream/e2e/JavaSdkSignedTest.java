package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ListMessageMoveTasksResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What a user does with AWS's SDK for Java, all of it signed: over plain HTTP, and over TLS.
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPEN")
class JavaSdkSignedTest {
    private static final String ARN = "arn:aws:sqs:us-east-1:000000000000:";
    private static final Map<QueueAttributeName, String> FIFO =
            Map.of(
                    QueueAttributeName.FIFO_QUEUE, "true",
                    QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");

    @TempDir static Path folder;
    private static GuardedServer server;
    private static SqsClient sqs;
    private static SnsClient sns;

    @Parameter GuardedServer.Door door;

    @BeforeParameterizedClassInvocation
    static void start(GuardedServer.Door door) throws Exception {
        server = new GuardedServer(Files.createTempDirectory(folder, "server"), door);
        sqs = server.sqs();
        sns = server.sns();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws InterruptedException {
        sqs.close();
        sns.close();
        try (GuardedServer stopped = server) {
            stopped.stop();
        }
    }

    @Test
    void a_forged_signature_is_refused() {
        try (SqsClient forger = server.forger()) {
            SqsException refused = catchThrowableOfType(SqsException.class, forger::listQueues);

            assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("SignatureDoesNotMatch");
        }
    }

    @Test
    void a_group_is_in_order_and_waits_for_its_message_in_flight() {
        String url = queue("orders.fifo", FIFO);
        SendMessageResponse first = send(url, "a", "a1");
        SendMessageResponse duplicate = send(url, "a", "a1");
        SendMessageResponse second = send(url, "a", "a2");
        send(url, "b", "b1");

        List<Message> head = receive(url, 1);
        List<Message> others = receive(url, 10);
        delete(url, head);
        delete(url, others);
        List<Message> rest = receive(url, 10);

        assertThat(url).startsWith(server.endpoint() + "/");
        assertThat(duplicate.messageId()).isEqualTo(first.messageId());
        assertThat(duplicate.sequenceNumber()).isEqualTo(first.sequenceNumber());
        assertThat(second.sequenceNumber()).isGreaterThan(first.sequenceNumber());
        assertThat(head).extracting(Message::body).containsExactly("a1");
        assertThat(head.getFirst().attributes())
                .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "a");
        assertThat(others).extracting(Message::body).containsExactly("b1");
        assertThat(rest).extracting(Message::body).containsExactly("a2");
    }

    @Test
    void ten_of_one_group_are_sent_received_given_back_and_deleted_at_once() {
        String url = queue("ten.fifo", FIFO);
        List<String> bodies = IntStream.range(0, 10).mapToObj(i -> "body " + i).toList();

        sendBatch(url, bodies);
        List<Message> first = receive(url, 10);
        release(url, first);
        List<Message> again = receive(url, 10);
        delete(url, again);

        assertThat(first).extracting(Message::body).containsExactlyElementsOf(bodies);
        assertThat(again).extracting(Message::body).containsExactlyElementsOf(bodies);
        assertThat(left(url)).isEqualTo("0");
    }

    @Test
    void dead_letters_are_moved_back_to_where_they_came_from() {
        String dead = queue("dead", Map.of());
        String policy = "{\"deadLetterTargetArn\":\"" + ARN + "dead\",\"maxReceiveCount\":1}";
        String work = queue("work", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        List<String> bodies = List.of("poison 0", "poison 1", "poison 2");
        bodies.forEach(body -> sqs.sendMessage(m -> m.queueUrl(work).messageBody(body)));
        release(work, receive(work, 10));
        List<Message> letters = receive(dead, 10);
        release(dead, letters);

        var sources = sqs.listDeadLetterSourceQueues(l -> l.queueUrl(dead)).queueUrls();
        sqs.startMessageMoveTask(m -> m.sourceArn(ARN + "dead"));
        ListMessageMoveTasksResultEntry task =
                await().atMost(Duration.ofSeconds(30))
                        .until(
                                JavaSdkSignedTest::lastMove,
                                entry -> !entry.status().equals("RUNNING"));
        List<Message> back = receive(work, 10);

        assertThat(sources).containsExactly(work);
        assertThat(letters).extracting(Message::body).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(letters.getFirst().attributesAsStrings())
                .containsEntry("DeadLetterQueueSourceArn", ARN + "work");
        assertThat(task.status()).isEqualTo("COMPLETED");
        assertThat(task.approximateNumberOfMessagesMoved()).isEqualTo(3);
        assertThat(back).extracting(Message::body).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(left(dead)).isEqualTo("0");
    }

    @Test
    void a_topic_reaches_the_queues_whose_filters_match_raw_and_in_letters() {
        String topic = sns.createTopic(t -> t.name("events")).topicArn();
        String raw = queue("raw", Map.of());
        String wrapped = queue("wrapped", Map.of());
        Map<String, String> paid = Map.of("FilterPolicy", "{\"kind\":[\"paid\"]}");
        String dear = "{\"price\":[{\"numeric\":[\">=\",100]}]}";
        subscribe(topic, "raw", true, paid);
        subscribe(topic, "wrapped", false, Map.of("FilterPolicy", dear));

        sns.publish(p -> p.topicArn(topic).message("one").messageAttributes(event("paid", 10)));
        var published =
                sns.publishBatch(p ->
                        p.topicArn(topic)
                                .publishBatchRequestEntries(
                                        entry("two", "sent", 250), entry("three", "lost", 20)));
        List<Message> texts = receive(raw, 10);
        List<Message> letters = receive(wrapped, 10);

        assertThat(published.successful()).hasSize(2);
        assertThat(texts).extracting(Message::body).containsExactly("one");
        assertThat(texts.getFirst().messageAttributes().get("price").stringValue()).isEqualTo("10");
        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().body())
                .contains("\"Type\":\"Notification\"", "\"Message\":\"two\"")
                .contains("\"TopicArn\":\"" + topic + "\"")
                .contains("\"price\":{\"Type\":\"Number\",\"Value\":\"250\"}");
    }

    @Test
    void a_fifo_topic_reaches_each_queue_in_order_and_once() {
        String topic =
                sns.createTopic(t -> t.name("ledger.fifo").attributes(Map.of("FifoTopic", "true")))
                        .topicArn();
        List<String> urls = List.of(queue("ledger-0.fifo", FIFO), queue("ledger-1.fifo", FIFO));
        subscribe(topic, "ledger-0.fifo", true, Map.of());
        subscribe(topic, "ledger-1.fifo", true, Map.of());

        for (String text : List.of("1", "2", "2", "3")) {
            sns.publish(p ->
                    p.topicArn(topic)
                            .message(text)
                            .messageGroupId("g")
                            .messageDeduplicationId(text));
        }

        for (String url : urls) {
            assertThat(receive(url, 10)).extracting(Message::body).containsExactly("1", "2", "3");
        }
    }

    private static String queue(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(q -> q.queueName(name).attributes(attributes)).queueUrl();
    }

    private static SendMessageResponse send(String url, String group, String body) {
        return sqs.sendMessage(m -> m.queueUrl(url).messageBody(body).messageGroupId(group));
    }

    private static void sendBatch(String url, List<String> bodies) {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (String body : bodies) {
            entries.add(
                    SendMessageBatchRequestEntry.builder()
                            .id("e" + entries.size())
                            .messageBody(body)
                            .messageGroupId("g")
                            .build());
        }
        assertThat(sqs.sendMessageBatch(b -> b.queueUrl(url).entries(entries)).successful())
                .hasSize(entries.size());
    }

    private static List<Message> receive(String url, int most) {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(most)
                                .waitTimeSeconds(5)
                                .messageAttributeNames("All")
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages();
    }

    private static void release(String url, List<Message> messages) {
        List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
        for (Message message : messages) {
            entries.add(
                    ChangeMessageVisibilityBatchRequestEntry.builder()
                            .id("e" + entries.size())
                            .receiptHandle(message.receiptHandle())
                            .visibilityTimeout(0)
                            .build());
        }
        var changed = sqs.changeMessageVisibilityBatch(b -> b.queueUrl(url).entries(entries));
        assertThat(changed.successful()).hasSize(entries.size());
    }

    private static void delete(String url, List<Message> messages) {
        List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
        for (Message message : messages) {
            entries.add(
                    DeleteMessageBatchRequestEntry.builder()
                            .id("e" + entries.size())
                            .receiptHandle(message.receiptHandle())
                            .build());
        }
        assertThat(sqs.deleteMessageBatch(b -> b.queueUrl(url).entries(entries)).successful())
                .hasSize(entries.size());
    }

    private static ListMessageMoveTasksResultEntry lastMove() {
        return sqs.listMessageMoveTasks(l -> l.sourceArn(ARN + "dead")).results().getFirst();
    }

    private static String left(String url) {
        var count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
        return sqs.getQueueAttributes(a -> a.queueUrl(url).attributeNames(count))
                .attributes()
                .get(count);
    }

    private static void subscribe(
            String topic, String queue, boolean raw, Map<String, String> more) {
        Map<String, String> attributes = new HashMap<>(more);
        attributes.put("RawMessageDelivery", Boolean.toString(raw));
        sns.subscribe(s ->
                s.topicArn(topic).protocol("sqs").endpoint(ARN + queue).attributes(attributes));
    }

    private static Map<String, MessageAttributeValue> event(String kind, int price) {
        return Map.of("kind", value("String", kind), "price", value("Number", "" + price));
    }

    private static MessageAttributeValue value(String type, String text) {
        return MessageAttributeValue.builder().dataType(type).stringValue(text).build();
    }

    private static PublishBatchRequestEntry entry(String message, String kind, int price) {
        return PublishBatchRequestEntry.builder()
                .id(message)
                .message(message)
                .messageAttributes(event(kind, price))
                .build();
    }
}
