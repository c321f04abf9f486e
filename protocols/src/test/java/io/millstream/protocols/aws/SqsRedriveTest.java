package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ListMessageMoveTasksResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sqs.model.SqsException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Messages that died and are moved back or elsewhere, through AWS's own client.
@ParameterizedClass
@EnumSource
class SqsRedriveTest {
    @Parameter private Kept kept;
    private AwsServer server;
    private SqsClient sqs;

    @BeforeEach
    void open() {
        server = AwsServer.start(kept);
        sqs = server.sqs();
        create("dead", Map.of());
        create("one", redrive("dead"));
        create("two", redrive("dead"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String arn(String queue) {
        return "arn:aws:sqs:eu-west-1:000000000000:" + queue;
    }

    private static Map<QueueAttributeName, String> redrive(String dead) {
        return Map.of(
                QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\"" + arn(dead) + "\",\"maxReceiveCount\":1}");
    }

    private void create(String name, Map<QueueAttributeName, String> attributes) {
        sqs.createQueue(r -> r.queueName(name).attributes(attributes));
    }

    private void send(String queue, String body) {
        sqs.sendMessage(r -> r.queueUrl(server.url(queue)).messageBody(body));
    }

    /// Has so many messages of a queue die.
    private void kill(String queue, int messages) {
        for (int i = 0; i < messages; i++) {
            send(queue, queue + i);
        }
        for (int i = 0; i < messages; i += 10) {
            sqs.receiveMessage(r -> r.queueUrl(server.url(queue)).maxNumberOfMessages(10));
        }
        server.advance(Duration.ofSeconds(31));
        await().until(() -> count(queue) == 0);
    }

    private long count(String queue) {
        return Long.parseLong(
                sqs.getQueueAttributes(r ->
                                r.queueUrl(server.url(queue))
                                        .attributeNames(
                                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                        .attributes()
                        .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES));
    }

    private List<ListMessageMoveTasksResultEntry> tasks(int most) {
        return sqs.listMessageMoveTasks(r -> r.sourceArn(arn("dead")).maxResults(most)).results();
    }

    private ListMessageMoveTasksResultEntry awaitStatus(String status) {
        await().until(() -> tasks(1).getFirst().status().equals(status));
        return tasks(1).getFirst();
    }

    @Test
    void messages_go_back_to_where_they_died() {
        kill("one", 3);
        kill("two", 2);
        assertThat(count("dead")).isEqualTo(5);

        String handle = sqs.startMessageMoveTask(r -> r.sourceArn(arn("dead"))).taskHandle();

        ListMessageMoveTasksResultEntry task = awaitStatus("COMPLETED");
        assertThat(handle).isNotEmpty();
        assertThat(task.taskHandle()).isNull();
        assertThat(task.sourceArn()).isEqualTo(arn("dead"));
        assertThat(task.destinationArn()).isNull();
        assertThat(task.approximateNumberOfMessagesToMove()).isEqualTo(5);
        assertThat(task.approximateNumberOfMessagesMoved()).isEqualTo(5);
        assertThat(task.failureReason()).isNull();
        assertThat(count("dead")).isZero();
        assertThat(count("one")).isEqualTo(3);
        assertThat(count("two")).isEqualTo(2);
    }

    @Test
    void a_moved_message_has_not_been_received() {
        kill("one", 1);
        sqs.startMessageMoveTask(r -> r.sourceArn(arn("dead")));
        awaitStatus("COMPLETED");

        Message message =
                sqs.receiveMessage(r ->
                                r.queueUrl(server.url("one"))
                                        .messageSystemAttributeNames(
                                                MessageSystemAttributeName.ALL))
                        .messages()
                        .getFirst();

        assertThat(message.body()).isEqualTo("one0");
        assertThat(message.attributes())
                .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1")
                .doesNotContainKey(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN);
    }

    @Test
    void messages_go_to_another_queue_if_one_is_named() {
        create("repaired", Map.of());
        kill("one", 2);
        send("dead", "sent there");

        sqs.startMessageMoveTask(r ->
                r.sourceArn(arn("dead"))
                        .destinationArn(arn("repaired"))
                        .maxNumberOfMessagesPerSecond(500));

        ListMessageMoveTasksResultEntry task = awaitStatus("COMPLETED");
        assertThat(task.destinationArn()).isEqualTo(arn("repaired"));
        assertThat(task.maxNumberOfMessagesPerSecond()).isEqualTo(500);
        assertThat(task.approximateNumberOfMessagesMoved()).isEqualTo(3);
        assertThat(count("repaired")).isEqualTo(3);
    }

    @Test
    void what_died_nowhere_fails_a_task_without_a_destination_and_stays() {
        kill("one", 1);
        send("dead", "sent there");

        sqs.startMessageMoveTask(r -> r.sourceArn(arn("dead")));

        ListMessageMoveTasksResultEntry task = awaitStatus("FAILED");
        assertThat(task.failureReason()).isEqualTo("CouldNotDetermineMessageSource");
        assertThat(task.approximateNumberOfMessagesMoved()).isEqualTo(1);
        assertThat(count("dead")).isEqualTo(1);
        assertThat(count("one")).isEqualTo(1);
    }

    @Test
    void a_task_keeps_its_rate_and_can_be_called_off() {
        kill("one", 10);
        String handle =
                sqs.startMessageMoveTask(
                                r -> r.sourceArn(arn("dead")).maxNumberOfMessagesPerSecond(2))
                        .taskHandle();
        await().until(() -> count("one") == 2);
        assertThat(tasks(1).getFirst().status()).isEqualTo("RUNNING");
        assertThat(tasks(1).getFirst().taskHandle()).isEqualTo(handle);
        assertThatThrownBy(() -> sqs.startMessageMoveTask(r -> r.sourceArn(arn("dead"))))
                .isInstanceOf(SqsException.class)
                .hasMessageContaining("There is already a task running.");

        server.advance(Duration.ofSeconds(1));
        await().until(() -> count("one") == 4);
        await().until(() -> tasks(1).getFirst().approximateNumberOfMessagesMoved() == 4);
        long moved =
                sqs.cancelMessageMoveTask(r -> r.taskHandle(handle))
                        .approximateNumberOfMessagesMoved();

        server.advance(Duration.ofSeconds(10));
        assertThat(moved).isEqualTo(4);
        assertThat(awaitStatus("CANCELLED").approximateNumberOfMessagesMoved()).isEqualTo(4);
        assertThatThrownBy(() -> sqs.cancelMessageMoveTask(r -> r.taskHandle(handle)))
                .hasMessageContaining("Only active tasks can be cancelled.");
        assertThat(count("dead")).isEqualTo(6);
    }

    @Test
    void the_latest_tasks_are_told_first_and_ten_are_remembered() {
        for (int i = 0; i < 11; i++) {
            int rate = i + 1;
            sqs.startMessageMoveTask(
                    r -> r.sourceArn(arn("dead")).maxNumberOfMessagesPerSecond(rate));
            awaitStatus("COMPLETED");
        }

        assertThat(tasks(10))
                .extracting(ListMessageMoveTasksResultEntry::maxNumberOfMessagesPerSecond)
                .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> 11 - i).toList());
    }

    @Test
    void the_tasks_of_a_queue_go_with_it() {
        sqs.startMessageMoveTask(r -> r.sourceArn(arn("dead")));
        awaitStatus("COMPLETED");

        sqs.deleteQueue(r -> r.queueUrl(server.url("dead")));

        assertThatThrownBy(() -> tasks(1)).isInstanceOf(ResourceNotFoundException.class);
        create("dead", Map.of());
        assertThat(tasks(1)).isEmpty();
    }

    @Test
    void only_a_dead_letter_queue_can_be_moved() {
        assertThatThrownBy(() -> sqs.startMessageMoveTask(r -> r.sourceArn(arn("one"))))
                .hasMessageContaining("Source queue must be configured as a Dead Letter Queue.");
        assertThatThrownBy(() -> sqs.startMessageMoveTask(r -> r.sourceArn(arn("none"))))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void the_sources_of_a_dead_letter_queue_are_listed_in_pages() {
        for (int i = 0; i < 5; i++) {
            create("more-" + i, redrive("dead"));
        }
        create("zero", Map.of());
        String dead = server.url("dead");

        assertThat(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead)).queueUrls())
                .hasSize(7)
                .isSorted()
                .contains(server.url("one"), server.url("two"), server.url("more-4"));
        var first = sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead).maxResults(3));
        assertThat(first.queueUrls()).hasSize(3);
        assertThat(first.nextToken()).isNotNull();
        assertThat(
                        sqs
                                .listDeadLetterSourceQueuesPaginator(
                                        r -> r.queueUrl(dead).maxResults(3))
                                .queueUrls()
                                .stream()
                                .toList())
                .hasSize(7)
                .doesNotHaveDuplicates();
        assertThat(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(server.url("zero"))).queueUrls())
                .isEmpty();
    }

    @Test
    void a_dead_letter_queue_says_whose_it_is() {
        create("nobodys", allow("{\"redrivePermission\":\"denyAll\"}"));
        create(
                "ours",
                allow(
                        "{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\""
                                + arn("three")
                                + "\"]}"));
        create("everybodys", allow("{\"redrivePermission\":\"allowAll\"}"));

        create("three", redrive("ours"));
        create("four", redrive("everybodys"));

        assertThatThrownBy(() -> create("five", redrive("nobodys")))
                .hasMessageContaining("RedriveAllowPolicy");
        assertThatThrownBy(() ->
                        sqs.setQueueAttributes(
                                r -> r.queueUrl(server.url("four")).attributes(redrive("ours"))))
                .hasMessageContaining("RedriveAllowPolicy");
    }

    private static Map<QueueAttributeName, String> allow(String policy) {
        return Map.of(QueueAttributeName.REDRIVE_ALLOW_POLICY, policy);
    }

    @Test
    void a_dead_letter_queue_is_of_the_same_type_as_its_sources() {
        sqs.createQueue(r ->
                r.queueName("f.fifo").attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")));

        assertThatThrownBy(() -> create("standard", redrive("f.fifo")))
                .hasMessageContaining("must be same type of queue as the source");
        assertThatThrownBy(() ->
                        sqs.setQueueAttributes(
                                r -> r.queueUrl(server.url("f.fifo")).attributes(redrive("dead"))))
                .hasMessageContaining("must be same type of queue as the source");
    }
}
