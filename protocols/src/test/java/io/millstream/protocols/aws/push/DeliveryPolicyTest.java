package io.millstream.protocols.aws.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

class DeliveryPolicyTest {
    @Test
    void without_a_policy_there_are_three_retries_twenty_seconds_apart() {
        DeliveryPolicy usual = DeliveryPolicy.of("", "");

        assertThat(seconds(usual)).containsExactly(20.0, 20.0, 20.0);
        assertThat(usual.isOver(3)).isFalse();
        assertThat(usual.isOver(4)).isTrue();
    }

    @Test
    void the_four_phases_follow_each_other() {
        DeliveryPolicy policy =
                policy(
                        "\"numRetries\":9,\"numNoDelayRetries\":2,\"numMinDelayRetries\":1,"
                                + "\"numMaxDelayRetries\":2,\"minDelayTarget\":10,"
                                + "\"maxDelayTarget\":40");

        assertThat(seconds(policy))
                .containsExactly(0.0, 0.0, 10.0, 10.0, 20.0, 30.0, 40.0, 40.0, 40.0);
    }

    @ParameterizedTest
    @CsvSource({
        "linear,      10.0, 25.0, 40.0, 55.0, 70.0",
        "arithmetic,  10.0, 13.75, 25.0, 43.75, 70.0",
        "geometric,   10.0, 16.266, 26.458, 43.035, 70.0",
        "exponential, 10.0, 20.0, 40.0, 70.0, 70.0"
    })
    void a_delay_grows_as_the_function_says(
            String function, double one, double two, double three, double four, double five) {
        DeliveryPolicy policy =
                policy(
                        "\"numRetries\":5,\"minDelayTarget\":10,\"maxDelayTarget\":70,"
                                + "\"backoffFunction\":\""
                                + function
                                + '"');

        assertThat(seconds(policy)).containsExactly(one, two, three, four, five);
    }

    @Test
    void a_subscription_overrides_its_topic_unless_the_topic_says_no() {
        String topic = "{\"http\":{\"defaultHealthyRetryPolicy\":{\"numRetries\":7}%s}}";
        String own = "{\"throttlePolicy\":{\"maxReceivesPerSecond\":5}}";

        DeliveryPolicy merged = DeliveryPolicy.of(topic.formatted(""), own);
        DeliveryPolicy forced =
                DeliveryPolicy.of(topic.formatted(",\"disableSubscriptionOverrides\":true"), own);

        assertThat(merged.retries()).isEqualTo(7);
        assertThat(merged.perSecond()).isEqualTo(5);
        assertThat(forced.perSecond()).isZero();
    }

    @Test
    void what_is_shown_reads_as_the_same_policy() {
        DeliveryPolicy policy =
                DeliveryPolicy.of(
                        "",
                        "{\"healthyRetryPolicy\":{\"numRetries\":9,\"minDelayTarget\":1,"
                                + "\"backoffFunction\":\"geometric\"},\"throttlePolicy\":{"
                                + "\"maxReceivesPerSecond\":3},\"requestPolicy\":{"
                                + "\"headerContentType\":\"application/json\"}}");

        assertThat(DeliveryPolicy.of("", policy.json())).isEqualTo(policy);
        assertThat(DeliveryPolicy.ofTopic(DeliveryPolicy.effectiveOfTopic("")))
                .isEqualTo(DeliveryPolicy.USUAL);
    }

    @Test
    void a_media_type_may_have_quotes() {
        String json =
                "{\"requestPolicy\":{\"headerContentType\":"
                        + "\"text/plain; charset=\\\"UTF-8\\\"; x=\\\\\"}}";
        DeliveryPolicy policy = DeliveryPolicy.of("", json);
        String topic = "{\"http\":" + json.replace("requestPolicy", "defaultRequestPolicy") + '}';

        assertThat(policy.contentType()).isEqualTo("text/plain; charset=\"UTF-8\"; x=\\");
        assertThat(DeliveryPolicy.of("", policy.json())).isEqualTo(policy);
        assertThat(DeliveryPolicy.ofTopic(DeliveryPolicy.effectiveOfTopic(topic)))
                .isEqualTo(policy);
    }

    @Test
    void what_takes_longer_than_an_hour_is_refused() {
        assertThatThrownBy(() ->
                        policy("\"numRetries\":100,\"minDelayTarget\":60,\"maxDelayTarget\":60"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3600 seconds");
    }

    @Test
    void each_endpoint_has_a_share_of_all_posts_and_one_at_least() {
        PushLimits limits = PushLimits.USUAL;

        assertThat(limits.share(1)).isEqualTo(16);
        assertThat(limits.share(64)).isEqualTo(4);
        assertThat(limits.share(1_000)).isEqualTo(1);
    }

    private static DeliveryPolicy policy(String retries) {
        return DeliveryPolicy.of("", "{\"healthyRetryPolicy\":{" + retries + "}}");
    }

    private static List<Double> seconds(DeliveryPolicy policy) {
        return IntStream.rangeClosed(1, policy.retries())
                .mapToObj(policy::delay)
                .map(Duration::toMillis)
                .map(millis -> millis / 1_000.0)
                .toList();
    }
}
