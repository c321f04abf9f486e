package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ListQueuesResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Queues and their attributes, through AWS's own client.
@ParameterizedClass
@EnumSource
class SqsQueuesTest {
    @Parameter private Kept kept;
    private AwsServer server;
    private SqsClient sqs;

    @BeforeEach
    void open() {
        server = AwsServer.start(kept);
        sqs = server.sqs();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_queue_is_created_found_and_deleted() {
        String url = sqs.createQueue(r -> r.queueName("mail")).queueUrl();

        assertThat(url).isEqualTo(server.url("mail"));
        assertThat(sqs.getQueueUrl(r -> r.queueName("mail")).queueUrl()).isEqualTo(url);
        sqs.deleteQueue(r -> r.queueUrl(url));
        assertThatThrownBy(() -> sqs.getQueueUrl(r -> r.queueName("mail")))
                .isInstanceOf(QueueDoesNotExistException.class);
        assertThatThrownBy(() -> sqs.sendMessage(r -> r.queueUrl(url).messageBody("x")))
                .isInstanceOf(QueueDoesNotExistException.class);
    }

    @Test
    void queues_that_lose_their_dead_letter_queue_are_counted() {
        create("dead", Map.of());
        create("alone", Map.of());
        String policy =
                "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:dead\","
                        + "\"maxReceiveCount\":3}";
        create("one", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        create("two", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));

        sqs.deleteQueue(r -> r.queueUrl(server.url("alone")));
        sqs.deleteQueue(r -> r.queueUrl(server.url("dead")));

        await().until(() ->
                server.meters().get("millstream.sqs.queues.orphaned").counter().count() == 2);
    }

    @Test
    void creating_again_compares_only_what_the_request_names() {
        create("mail", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "60"));

        create("mail", Map.of());
        create("mail", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "60"));
        create("mail", Map.of(QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, "0"));

        assertThatThrownBy(
                        () -> create("mail", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30")))
                .isInstanceOf(QueueNameExistsException.class)
                .hasMessageContaining("VisibilityTimeout");
    }

    @Test
    void a_queue_of_another_protocol_has_the_usual_attributes() {
        define(
                Definition.Queue.of(ChannelName.of("jobs"))
                        .withArguments(Map.of("jobs.kind", "mail")));

        create("jobs", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30"));
        sqs.setQueueAttributes(r ->
                r.queueUrl(server.url("jobs"))
                        .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "9")));

        assertThat(attributes("jobs")).containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "9");
        var view =
                server.backend()
                        .find(new io.millstream.api.Query.QueueNamed(ChannelName.of("jobs")))
                        .toCompletableFuture()
                        .join()
                        .page()
                        .items()
                        .getFirst();
        assertThat(view.definition().arguments())
                .containsEntry("jobs.kind", "mail")
                .containsEntry("sqs.VisibilityTimeout", "9");
    }

    @Test
    void attributes_are_told_in_full() {
        create("dead", Map.of());
        String policy =
                "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:dead\","
                        + "\"maxReceiveCount\":3}";
        create(
                "mail",
                Map.of(
                        QueueAttributeName.VISIBILITY_TIMEOUT,
                        "7",
                        QueueAttributeName.REDRIVE_POLICY,
                        policy));
        for (int i = 0; i < 3; i++) {
            sqs.sendMessage(r -> r.queueUrl(server.url("mail")).messageBody("x"));
        }
        sqs.receiveMessage(r -> r.queueUrl(server.url("mail")));

        String created = Long.toString(ManualClock.START.getEpochSecond());
        assertThat(attributes("mail"))
                .isEqualTo(
                        Map.ofEntries(
                                Map.entry(QueueAttributeName.VISIBILITY_TIMEOUT, "7"),
                                Map.entry(
                                        QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, "0"),
                                Map.entry(QueueAttributeName.REDRIVE_POLICY, policy),
                                Map.entry(QueueAttributeName.DELAY_SECONDS, "0"),
                                Map.entry(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "1048576"),
                                Map.entry(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "345600"),
                                Map.entry(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "false"),
                                Map.entry(
                                        QueueAttributeName.QUEUE_ARN,
                                        "arn:aws:sqs:eu-west-1:000000000000:mail"),
                                Map.entry(QueueAttributeName.CREATED_TIMESTAMP, created),
                                Map.entry(QueueAttributeName.LAST_MODIFIED_TIMESTAMP, created),
                                Map.entry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "2"),
                                Map.entry(
                                        QueueAttributeName
                                                .APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                                        "1"),
                                Map.entry(
                                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED,
                                        "0")));
    }

    @Test
    void the_queues_visibility_timeout_holds_unless_the_receiver_gives_one() {
        create("mail", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "5"));
        String url = server.url("mail");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        sqs.receiveMessage(r -> r.queueUrl(url));

        server.advance(Duration.ofSeconds(6));

        assertThat(sqs.receiveMessage(r -> r.queueUrl(url)).messages()).hasSize(1);
    }

    @Test
    void a_message_is_kept_as_long_as_its_queue_says() {
        create("mail", Map.of(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "60"));
        create("usual", Map.of());
        String url = server.url("mail");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        sqs.sendMessage(r -> r.queueUrl(server.url("usual")).messageBody("y"));

        server.advance(Duration.ofSeconds(60));

        assertThat(counter("mail")).isEqualTo("0");
        assertThat(sqs.receiveMessage(r -> r.queueUrl(url)).messages()).isEmpty();
        server.advance(Duration.ofDays(4).minusSeconds(61));
        assertThat(counter("usual")).isEqualTo("1");
        server.advance(Duration.ofSeconds(1));
        assertThat(counter("usual")).isEqualTo("0");
    }

    @Test
    void a_shorter_retention_holds_at_once() {
        create("mail", Map.of());
        String url = server.url("mail");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        server.advance(Duration.ofSeconds(90));

        sqs.setQueueAttributes(r ->
                r.queueUrl(url)
                        .attributes(Map.of(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "60")));

        assertThat(attributes("mail"))
                .containsEntry(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "60")
                .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
    }

    @Test
    void the_handle_of_a_message_that_became_too_old_deletes_with_success() {
        create("mail", Map.of(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "60"));
        String url = server.url("mail");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        server.advance(Duration.ofSeconds(50));
        String handle =
                sqs.receiveMessage(r -> r.queueUrl(url)).messages().getFirst().receiptHandle();

        server.advance(Duration.ofSeconds(20));
        assertThat(attributes("mail"))
                .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "1");
        server.advance(Duration.ofSeconds(20));

        assertThat(attributes("mail"))
                .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0")
                .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(handle));
    }

    @Test
    void a_queue_of_another_protocol_keeps_its_messages_unless_told_otherwise() {
        define(Definition.Queue.of(ChannelName.of("mail")));

        assertThat(attributes("mail"))
                .doesNotContainKey(QueueAttributeName.MESSAGE_RETENTION_PERIOD)
                .containsEntry(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "1048576");
    }

    @Test
    void a_redrive_policy_needs_its_queue_and_can_be_taken_away() {
        String policy =
                "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:dead\","
                        + "\"maxReceiveCount\":3}";

        assertThatThrownBy(() -> create("mail", Map.of(QueueAttributeName.REDRIVE_POLICY, policy)))
                .hasMessageContaining("Dead letter target does not exist");
        create("dead", Map.of());
        create("mail", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        sqs.setQueueAttributes(r ->
                r.queueUrl(server.url("mail"))
                        .attributes(Map.of(QueueAttributeName.REDRIVE_POLICY, "")));

        assertThat(attributes("mail")).doesNotContainKey(QueueAttributeName.REDRIVE_POLICY);
    }

    @Test
    void queues_are_listed_page_by_page() {
        for (int i = 0; i < 5; i++) {
            create("mail-" + i, Map.of());
        }
        create("other", Map.of());
        define(Definition.Queue.of(ChannelName.of("mail-no name of SQS")));

        List<String> urls = new ArrayList<>();
        String token = null;
        do {
            String after = token;
            ListQueuesResponse page =
                    sqs.listQueues(r -> r.queueNamePrefix("mail").maxResults(2).nextToken(after));
            urls.addAll(page.queueUrls());
            token = page.nextToken();
        } while (token != null);

        assertThat(urls)
                .containsExactly(
                        server.url("mail-0"),
                        server.url("mail-1"),
                        server.url("mail-2"),
                        server.url("mail-3"),
                        server.url("mail-4"));
        assertThat(sqs.listQueues().queueUrls()).hasSize(6);
        assertThat(sqs.listQueues(r -> r.queueNamePrefix("none")).queueUrls()).isEmpty();
    }

    @Test
    void a_queue_is_purged() {
        create("mail", Map.of());
        sqs.sendMessage(r -> r.queueUrl(server.url("mail")).messageBody("x"));

        sqs.purgeQueue(r -> r.queueUrl(server.url("mail")));

        assertThat(sqs.receiveMessage(r -> r.queueUrl(server.url("mail"))).messages()).isEmpty();
    }

    private void create(String name, Map<QueueAttributeName, String> attributes) {
        sqs.createQueue(r -> r.queueName(name).attributes(attributes));
    }

    private Map<QueueAttributeName, String> attributes(String name) {
        return sqs.getQueueAttributes(
                        r -> r.queueUrl(server.url(name)).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }

    private String counter(String name) {
        return attributes(name).get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    }

    private void define(Definition.Queue queue) {
        server.backend()
                .session(SessionSpec.of("other"))
                .commit(Commit.of(new Operation.Define(queue, Expect.Nothing.NOTHING)))
                .toCompletableFuture()
                .join();
    }
}
