package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.SqsException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Tags, permissions and the attributes that are kept for those who set them, through AWS's own
/// client.
class SqsManagementTest {
    private static final String POLICY =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"all\",\"Effect\":\"Allow\","
                    + "\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}]}";

    private AwsServer server;
    private SqsClient sqs;
    private String url;

    @BeforeEach
    void open() {
        server = AwsServer.start();
        sqs = server.sqs();
        url = sqs.createQueue(r -> r.queueName("mail").tags(Map.of("team", "red"))).queueUrl();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Map<String, String> tags() {
        return sqs.listQueueTags(r -> r.queueUrl(url)).tags();
    }

    private Map<QueueAttributeName, String> attributes() {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }

    private void set(QueueAttributeName name, String value) {
        sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(Map.of(name, value)));
    }

    @Test
    void tags_are_given_replaced_and_taken_away() {
        assertThat(tags()).isEqualTo(Map.of("team", "red"));

        sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of("team", "blue", "Größe", "")));
        assertThat(tags()).isEqualTo(Map.of("team", "blue", "Größe", ""));

        sqs.untagQueue(r -> r.queueUrl(url).tagKeys("team", "none"));
        assertThat(tags()).isEqualTo(Map.of("Größe", ""));
        sqs.untagQueue(r -> r.queueUrl(url).tagKeys("Größe"));
        assertThat(tags()).isEmpty();
    }

    @Test
    void a_queue_has_fifty_tags_at_most() {
        Map<String, String> many =
                IntStream.range(0, 49)
                        .boxed()
                        .collect(Collectors.toMap(i -> "key" + i, i -> "value"));
        sqs.tagQueue(r -> r.queueUrl(url).tags(many));

        assertThatThrownBy(() -> sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of("more", "x"))))
                .isInstanceOf(SqsException.class)
                .hasMessageContaining("Too many tags added for queue mail");
        assertThat(tags()).hasSize(50);
    }

    @Test
    void creating_a_queue_again_does_not_compare_tags() {
        sqs.createQueue(r -> r.queueName("mail").tags(Map.of("team", "green")));

        assertThat(tags()).isEqualTo(Map.of("team", "red"));
    }

    @Test
    void a_permission_is_a_statement_of_the_policy() {
        sqs.addPermission(r ->
                r.queueUrl(url).label("send").awsAccountIds("111122223333").actions("SendMessage"));
        sqs.addPermission(r ->
                r.queueUrl(url)
                        .label("read")
                        .awsAccountIds("111122223333", "444455556666")
                        .actions("ReceiveMessage", "DeleteMessage"));

        JsonNode policy = new JsonMapper().readTree(attributes().get(QueueAttributeName.POLICY));

        assertThat(policy.get("Version").asString()).isEqualTo("2008-10-17");
        assertThat(policy.get("Statement")).hasSize(2);
        JsonNode send = policy.get("Statement").get(0);
        assertThat(send.get("Sid").asString()).isEqualTo("send");
        assertThat(send.get("Effect").asString()).isEqualTo("Allow");
        assertThat(send.get("Principal").get("AWS").asString())
                .isEqualTo("arn:aws:iam::111122223333:root");
        assertThat(send.get("Action").asString()).isEqualTo("SQS:SendMessage");
        assertThat(send.get("Resource").asString())
                .isEqualTo("arn:aws:sqs:eu-west-1:000000000000:mail");
        assertThat(policy.get("Statement").get(1).get("Action")).hasSize(2);

        sqs.removePermission(r -> r.queueUrl(url).label("send"));
        sqs.removePermission(r -> r.queueUrl(url).label("read"));
        assertThat(attributes()).doesNotContainKey(QueueAttributeName.POLICY);
    }

    @Test
    void a_label_is_given_once_and_taken_away_once() {
        Runnable add =
                () ->
                        sqs.addPermission(r ->
                                r.queueUrl(url)
                                        .label("send")
                                        .awsAccountIds("111122223333")
                                        .actions("*"));
        add.run();

        assertThatThrownBy(add::run).hasMessageContaining("Reason: Already exists.");
        sqs.removePermission(r -> r.queueUrl(url).label("send"));
        assertThatThrownBy(() -> sqs.removePermission(r -> r.queueUrl(url).label("send")))
                .hasMessageContaining("Can't find label on existing policy.");
    }

    @Test
    void a_policy_is_told_as_it_was_set_and_keeps_its_statements() {
        set(QueueAttributeName.POLICY, POLICY);
        assertThat(attributes()).containsEntry(QueueAttributeName.POLICY, POLICY);

        sqs.addPermission(r ->
                r.queueUrl(url).label("send").awsAccountIds("111122223333").actions("SendMessage"));

        assertThat(attributes().get(QueueAttributeName.POLICY))
                .contains("\"Version\":\"2012-10-17\"", "\"all\"", "\"send\"");
        set(QueueAttributeName.POLICY, "");
        assertThat(attributes()).doesNotContainKey(QueueAttributeName.POLICY);
    }

    @Test
    void one_kind_of_encryption_is_noted_at_a_time() {
        set(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "true");
        assertThat(attributes())
                .containsEntry(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "true")
                .doesNotContainKey(QueueAttributeName.KMS_DATA_KEY_REUSE_PERIOD_SECONDS);

        set(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/aws/sqs");
        assertThat(attributes())
                .containsEntry(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/aws/sqs")
                .containsEntry(QueueAttributeName.KMS_DATA_KEY_REUSE_PERIOD_SECONDS, "300")
                .containsEntry(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "false");

        set(QueueAttributeName.KMS_MASTER_KEY_ID, "");
        assertThat(attributes()).doesNotContainKey(QueueAttributeName.KMS_MASTER_KEY_ID);
    }

    @Test
    void every_attribute_that_can_be_set_is_told_as_it_was_set() {
        Map<QueueAttributeName, String> given = new HashMap<>();
        given.put(QueueAttributeName.VISIBILITY_TIMEOUT, "7");
        given.put(QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, "3");
        given.put(QueueAttributeName.DELAY_SECONDS, "9");
        given.put(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "2048");
        given.put(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "61");
        given.put(QueueAttributeName.POLICY, POLICY);
        given.put(QueueAttributeName.REDRIVE_ALLOW_POLICY, "{\"redrivePermission\":\"denyAll\"}");
        given.put(QueueAttributeName.KMS_MASTER_KEY_ID, "key");
        given.put(QueueAttributeName.KMS_DATA_KEY_REUSE_PERIOD_SECONDS, "60");
        given.put(QueueAttributeName.FIFO_QUEUE, "true");
        given.put(QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
        given.put(QueueAttributeName.DEDUPLICATION_SCOPE, "messageGroup");
        given.put(QueueAttributeName.FIFO_THROUGHPUT_LIMIT, "perMessageGroupId");

        url = sqs.createQueue(r -> r.queueName("all.fifo").attributes(given)).queueUrl();

        assertThat(attributes()).containsAllEntriesOf(given);
        sqs.createQueue(r -> r.queueName("all.fifo").attributes(given));
        for (QueueAttributeName name : List.copyOf(given.keySet())) {
            if (name == QueueAttributeName.FIFO_QUEUE) {
                continue;
            }
            Map<QueueAttributeName, String> other = new HashMap<>(given);
            other.put(name, other(name));
            if (name == QueueAttributeName.DEDUPLICATION_SCOPE) {
                other.put(QueueAttributeName.FIFO_THROUGHPUT_LIMIT, "perQueue");
            }
            assertThatThrownBy(
                            () -> sqs.createQueue(r -> r.queueName("all.fifo").attributes(other)))
                    .as("%s", name)
                    .isInstanceOf(QueueNameExistsException.class);
        }
    }

    private static String other(QueueAttributeName name) {
        return switch (name) {
            case RECEIVE_MESSAGE_WAIT_TIME_SECONDS -> "5";
            case MAXIMUM_MESSAGE_SIZE -> "4096";
            case POLICY -> POLICY.replace("all", "some");
            case REDRIVE_ALLOW_POLICY -> "{\"redrivePermission\":\"allowAll\"}";
            case KMS_MASTER_KEY_ID -> "other";
            case CONTENT_BASED_DEDUPLICATION -> "false";
            case DEDUPLICATION_SCOPE -> "queue";
            case FIFO_THROUGHPUT_LIMIT -> "perQueue";
            default -> "77";
        };
    }
}
