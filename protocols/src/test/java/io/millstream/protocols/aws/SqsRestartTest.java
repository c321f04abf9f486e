package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What SQS clients were promised holds after the server has been stopped and started.
class SqsRestartTest {
    private final ManualClock clock = new ManualClock();
    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine;
    private AwsServer server;

    @BeforeEach
    void open() {
        engine = Engine.open(disk, EngineOptions.inMemory().withTime(clock));
        server = AwsServer.on(engine);
    }

    @AfterEach
    void close() {
        server.close();
        engine.close();
    }

    private void restart() {
        close();
        open();
    }

    private SqsClient sqs() {
        return server.sqs();
    }

    private void createFifo() {
        sqs().createQueue(r ->
                r.queueName("orders.fifo")
                        .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")));
    }

    private SendMessageResponse send(String body) {
        return sqs().sendMessage(r ->
                r.queueUrl(server.url("orders.fifo"))
                        .messageBody(body)
                        .messageGroupId("a")
                        .messageDeduplicationId("once"));
    }

    private List<Message> receive() {
        return sqs().receiveMessage(r ->
                        r.queueUrl(server.url("orders.fifo"))
                                .maxNumberOfMessages(10)
                                .receiveRequestAttemptId("try"))
                .messages();
    }

    @Test
    void a_duplicate_is_known_and_answered_with_the_first_ones_id() {
        createFifo();
        SendMessageResponse first = send("one");
        Message received = receive().getFirst();
        sqs().deleteMessage(r ->
                r.queueUrl(server.url("orders.fifo")).receiptHandle(received.receiptHandle()));

        restart();

        SendMessageResponse second = send("two");
        assertThat(second.messageId()).isEqualTo(first.messageId());
        assertThat(second.sequenceNumber()).isEqualTo(first.sequenceNumber());
        assertThat(receive()).isEmpty();
    }

    @Test
    void an_attempt_gets_the_same_messages() {
        createFifo();
        send("one");
        List<Message> first = receive();
        assertThat(first).hasSize(1);

        restart();

        assertThat(receive()).isEqualTo(first);
    }

    @Test
    void a_move_task_goes_on() {
        String arn = "arn:aws:sqs:eu-west-1:000000000000:dead";
        sqs().createQueue(r -> r.queueName("dead"));
        sqs().createQueue(r ->
                r.queueName("one")
                        .attributes(
                                Map.of(
                                        QueueAttributeName.REDRIVE_POLICY,
                                        "{\"deadLetterTargetArn\":\""
                                                + arn
                                                + "\",\"maxReceiveCount\":1}")));
        for (int i = 0; i < 4; i++) {
            sqs().sendMessage(r -> r.queueUrl(server.url("one")).messageBody("x"));
        }
        sqs().receiveMessage(r -> r.queueUrl(server.url("one")).maxNumberOfMessages(10));
        clock.advance(Duration.ofSeconds(31));
        await().until(() -> count("dead") == 4);
        sqs().startMessageMoveTask(r -> r.sourceArn(arn).maxNumberOfMessagesPerSecond(1));
        await().until(() -> count("one") == 1);

        restart();

        assertThat(sqs().listMessageMoveTasks(r -> r.sourceArn(arn)).results().getFirst().status())
                .isEqualTo("RUNNING");
        clock.advance(Duration.ofHours(1));
        await().until(() -> count("one") == 2);
        clock.advance(Duration.ofSeconds(1));
        await().until(() -> count("one") == 3);
        clock.advance(Duration.ofSeconds(1));
        await().until(() -> count("one") == 4);
    }

    private long count(String queue) {
        return Long.parseLong(
                sqs().getQueueAttributes(r ->
                                r.queueUrl(server.url(queue))
                                        .attributeNames(
                                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                        .attributes()
                        .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES));
    }
}
