package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;

import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Requests that are as large as they may be and hold as many parts as fit: what they cost is
/// bounded by their bytes, not by their parts.
class HostileParametersTest {
    private static final int BODY_BYTES = AwsServer.LIMITS.bodyBytesMax();
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:orders";

    /// The request and its answer are here too, as texts and as bytes, and what their buffers grew
    /// through. An object for each part would take several times as much.
    private static final long GARBAGE_BYTES_MAX = 12L * BODY_BYTES;

    private AwsServer server;

    @BeforeEach
    void open_a_topic() {
        server = AwsServer.start();
        server.sns().createTopic(r -> r.name("orders"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_form_of_ampersands_costs_no_more_than_its_bytes() {
        String form = "a&".repeat(BODY_BYTES / 2);

        HttpResponse<String> answer = cheaply(() -> server.query(form));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("MalformedQueryString");
    }

    @Test
    void a_message_of_numbers_costs_no_more_than_its_bytes() {
        String message = "{\"default\":\"x\",\"a\":[" + "1,".repeat(BODY_BYTES / 2 - 200) + "1]}";
        String form =
                "Action=Publish&Version=2010-03-31&MessageStructure=json&TopicArn="
                        + TOPIC
                        + "&Message="
                        + message;

        HttpResponse<String> answer = cheaply(() -> server.query(form));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Message too long");
    }

    @Test
    void a_policy_of_numbers_costs_no_more_than_its_bytes() {
        String policy = "{\"a\":[" + "1,".repeat(BODY_BYTES / 2 - 200) + "1]}";
        String form =
                "Action=SetTopicAttributes&Version=2010-03-31&AttributeName=DeliveryPolicy"
                        + "&TopicArn="
                        + TOPIC
                        + "&AttributeValue="
                        + policy;

        HttpResponse<String> answer = cheaply(() -> server.query(form));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(" characters.");
    }

    @Test
    void a_text_of_json_has_a_bounded_number_of_values() {
        String message = "{\"default\":\"x\",\"a\":[" + "1,".repeat(20_000) + "1]}";

        assertThatThrownBy(() ->
                        server.sns()
                                .publish(r ->
                                        r.topicArn(TOPIC)
                                                .messageStructure("json")
                                                .message(message)))
                .hasMessageContaining("JSON message body failed to parse");
    }

    @Test
    void spaces_between_the_parts_of_a_policy_are_not_kept() {
        String policy =
                "{ \"http\" :\n{\"defaultRequestPolicy\" : {\"headerContentType\":\t"
                        + "\"text/plain; charset=utf-8\" } } }";
        server.sns()
                .setTopicAttributes(r ->
                        r.topicArn(TOPIC).attributeName("DeliveryPolicy").attributeValue(policy));

        assertThat(server.sns().getTopicAttributes(r -> r.topicArn(TOPIC)).attributes())
                .containsEntry(
                        "DeliveryPolicy",
                        "{\"http\":{\"defaultRequestPolicy\":{\"headerContentType\":"
                                + "\"text/plain; charset=utf-8\"}}}");
    }

    @Test
    void a_policy_with_as_many_statements_as_it_may_have_takes_no_more() {
        String statement =
                "{\"Sid\":\"s%d\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\"}";
        String policy =
                IntStream.range(0, 100)
                        .mapToObj(statement::formatted)
                        .collect(Collectors.joining(",", "{\"Statement\":[", "]}"));
        SnsClient sns = server.sns();
        sns.setTopicAttributes(
                r -> r.topicArn(TOPIC).attributeName("Policy").attributeValue(policy));

        assertThatThrownBy(() -> permit(sns))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("It must have 1 to 100 statements.");
        sns.removePermission(r -> r.topicArn(TOPIC).label("s7"));
        permit(sns);
        assertThat(sns.getTopicAttributes(r -> r.topicArn(TOPIC)).attributes().get("Policy"))
                .contains("\"one-more\"")
                .doesNotContain("\"s7\"");
    }

    private static void permit(SnsClient sns) {
        sns.addPermission(r ->
                r.topicArn(TOPIC)
                        .label("one-more")
                        .awsAccountIds("111122223333")
                        .actionNames("Publish"));
    }

    private HttpResponse<String> cheaply(Supplier<HttpResponse<String>> request) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getTotalThreadAllocatedBytes();
        HttpResponse<String> answer = request.get();
        long garbage = threads.getTotalThreadAllocatedBytes() - before;
        assertThat(garbage).isLessThan(GARBAGE_BYTES_MAX);
        return answer;
    }
}
