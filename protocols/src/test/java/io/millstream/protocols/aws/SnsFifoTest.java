package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sns.model.PublishBatchResultEntry;
import software.amazon.awssdk.services.sns.model.PublishResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// FIFO topics through AWS's own client.
@ParameterizedClass
@EnumSource
class SnsFifoTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:";
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter private Kept kept;
    private AwsServer server;
    private SnsClient sns;
    private String topic;

    @BeforeEach
    void open_a_topic_with_a_queue() {
        server = AwsServer.start(kept);
        sns = server.sns();
        topic =
                sns.createTopic(r -> r.name("orders.fifo").attributes(Map.of("FifoTopic", "true")))
                        .topicArn();
        server.sqs()
                .createQueue(r ->
                        r.queueName("mail.fifo")
                                .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")));
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "mail.fifo"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void messages_of_a_group_keep_their_order_and_tell_their_numbers() {
        List<String> numbers =
                IntStream.range(0, 10)
                        .mapToObj(i -> publish("m" + i, "g", "d" + i).sequenceNumber())
                        .toList();

        List<Message> received = receive("mail.fifo");

        assertThat(numbers).isSorted().doesNotHaveDuplicates().allMatch(n -> n.length() == 20);
        assertThat(received)
                .extracting(m -> JSON.readTree(m.body()).get("Message").asString())
                .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        assertThat(received)
                .extracting(m -> JSON.readTree(m.body()).get("SequenceNumber").asString())
                .isEqualTo(numbers);
        assertThat(received.getFirst().attributes())
                .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "g")
                .containsEntry(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, "d0");
    }

    @Test
    void a_duplicate_is_answered_like_the_first_one_for_five_minutes() {
        PublishResponse first = publish("one", "g", "d");
        PublishResponse second = publish("two", "g", "d");
        server.advance(Duration.ofMinutes(5).plusSeconds(30));
        PublishResponse third = publish("three", "g", "d");

        assertThat(second.messageId()).isEqualTo(first.messageId());
        assertThat(second.sequenceNumber()).isEqualTo(first.sequenceNumber());
        assertThat(third.messageId()).isNotEqualTo(first.messageId());
        assertThat(third.sequenceNumber()).isGreaterThan(first.sequenceNumber());
        assertThat(texts("mail.fifo")).containsExactly("one", "three");
    }

    @Test
    void a_duplicate_is_found_even_where_queues_look_for_none() {
        server.sqs().createQueue(r -> r.queueName("plain"));
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "plain"));

        publish("one", "g", "d");
        publish("two", "g", "d");

        assertThat(texts("plain")).containsExactly("one");
    }

    @Test
    void the_body_tells_duplicates_where_the_topic_says_so() {
        set("ContentBasedDeduplication", "true");

        publish("same", "g", null);
        publish("same", "g", null);
        publish("other", "g", null);

        assertThat(texts("mail.fifo")).containsExactly("same", "other");
    }

    @Test
    void duplicates_of_other_groups_are_none_where_the_topic_says_so() {
        set("FifoThroughputScope", "MessageGroup");
        server.sqs()
                .setQueueAttributes(r ->
                        r.queueUrl(server.url("mail.fifo"))
                                .attributes(
                                        Map.of(
                                                QueueAttributeName.DEDUPLICATION_SCOPE,
                                                "messageGroup")));

        publish("one", "g", "d");
        publish("two", "h", "d");
        publish("three", "h", "d");

        assertThat(texts("mail.fifo")).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void a_batch_is_published_in_order_and_tells_duplicates() {
        List<PublishBatchResultEntry> done =
                sns.publishBatch(r ->
                                r.topicArn(topic)
                                        .publishBatchRequestEntries(
                                                entry("a", "one", "d1"),
                                                entry("b", "two", "d2"),
                                                entry("c", "one again", "d1")))
                        .successful();

        assertThat(texts("mail.fifo")).containsExactly("one", "two");
        assertThat(done.get(2).messageId()).isEqualTo(done.get(0).messageId());
        assertThat(done.get(2).sequenceNumber()).isEqualTo(done.get(0).sequenceNumber());
    }

    @Test
    void numbers_go_on_after_a_restart() {
        String before = publish("one", "g", "d1").sequenceNumber();

        try (AwsServer second = AwsServer.on(server.backend())) {
            String after =
                    second.sns()
                            .publish(r ->
                                    r.topicArn(topic)
                                            .message("two")
                                            .messageGroupId("g")
                                            .messageDeduplicationId("d2"))
                            .sequenceNumber();

            assertThat(after).isGreaterThan(before);
        }
    }

    @Test
    void a_new_topic_of_the_same_name_knows_no_duplicates() {
        publish("one", "g", "d");
        sns.deleteTopic(r -> r.topicArn(topic));
        sns.createTopic(r -> r.name("orders.fifo").attributes(Map.of("FifoTopic", "true")));
        server.sqs().createQueue(r -> r.queueName("plain"));
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "plain"));

        publish("two", "g", "d");

        assertThat(texts("plain")).containsExactly("two");
    }

    @Test
    void what_belongs_to_fifo_is_demanded_and_refused_elsewhere() {
        String plain = sns.createTopic(r -> r.name("plain")).topicArn();

        assertThatThrownBy(() -> publish("x", null, "d"))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("MessageGroupId parameter is required");
        assertThatThrownBy(() -> publish("x", "g", null))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("ContentBasedDeduplication enabled");
        assertThatThrownBy(() ->
                        sns.subscribe(r ->
                                r.topicArn(plain).protocol("sqs").endpoint(QUEUE + "mail.fifo")))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("can not be subscribed to standard SNS topics");
        assertThatThrownBy(() -> sns.createTopic(r -> r.name("other.fifo")))
                .isInstanceOf(InvalidParameterException.class);
    }

    private static PublishBatchRequestEntry entry(String id, String message, String deduplication) {
        return PublishBatchRequestEntry.builder()
                .id(id)
                .message(message)
                .messageGroupId("g")
                .messageDeduplicationId(deduplication)
                .build();
    }

    private PublishResponse publish(String message, String group, String deduplication) {
        return sns.publish(r ->
                r.topicArn(topic)
                        .message(message)
                        .messageGroupId(group)
                        .messageDeduplicationId(deduplication));
    }

    private void set(String name, String value) {
        sns.setTopicAttributes(r -> r.topicArn(topic).attributeName(name).attributeValue(value));
    }

    private List<Message> receive(String queue) {
        return server.sqs()
                .receiveMessage(r ->
                        r.queueUrl(server.url(queue))
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                                .maxNumberOfMessages(10))
                .messages();
    }

    private List<String> texts(String queue) {
        return receive(queue).stream()
                .map(message -> JSON.readTree(message.body()))
                .map((JsonNode envelope) -> envelope.get("Message").asString())
                .toList();
    }
}
