package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What nobody can declare, because nobody could work with it.
class DefinitionTest {
    private static final ChannelName MAIL = ChannelName.of("mail");

    private static Map<String, Integer> weights(int groups, int chars) {
        return IntStream.range(0, groups)
                .boxed()
                .collect(Collectors.toMap(i -> ("%0" + chars + "d").formatted(i), _ -> 2));
    }

    @Test
    void the_names_in_a_definition_have_a_limit_together() {
        int half = Definition.CHARS_MAX / 2;
        QueueBuilder queue =
                Definition.Queue.builder(MAIL)
                        .groups(Groups.FAIR)
                        .arguments(Map.of("note", "x".repeat(half - 4)));

        assertThat(queue.weights(weights(128, half / 128)).build().weights()).hasSize(128);
        assertThatThrownBy(() -> queue.weights(weights(129, half / 128)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mail")
                .hasMessageContaining(String.valueOf(Definition.CHARS_MAX));
    }

    @Test
    void names_with_a_limit_of_their_own_count_too() {
        Map<String, Limit> exceptions =
                Map.of("x".repeat(Definition.CHARS_MAX + 1), Limit.concurrency(1));
        Limits limits = Limits.NONE.withGroups(new Limits.Each(null, exceptions));

        assertThatThrownBy(() -> Definition.Queue.builder(MAIL).limits(limits).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_back_off_does_not_begin_with_less_than_a_millisecond() {
        Duration second = Duration.ofSeconds(1);
        assertThat(new BackOff(Duration.ofMillis(1), 2, second).after(1))
                .isEqualTo(Duration.ofMillis(1));
        assertThatThrownBy(() -> new BackOff(Duration.ofNanos(999_999), 2, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("millisecond");
    }

    @Test
    void times_that_no_number_of_milliseconds_tells_are_refused() {
        assertThatThrownBy(() -> Retention.of(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Message.builder("x").time(Instant.MAX).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Message.builder("x").time(Instant.MIN).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_filter_is_neither_too_deep_nor_too_long() {
        Filter.Rule rule = new Filter.Rule.Field("a", List.of(new Filter.Test.Text("b")));
        Filter.Rule deep = rule;
        for (int i = 0; i < Filter.DEPTH_MAX; i++) {
            deep = new Filter.Rule.Inside("a", deep);
        }
        Filter.Rule tooDeep = deep;
        Filter.Rule tooLong =
                new Filter.Rule.All(
                        IntStream.range(0, Filter.PARTS_MAX).mapToObj(_ -> rule).toList());

        assertThatThrownBy(() -> new Filter(Filter.Scope.BODY, tooDeep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("several");
        assertThatThrownBy(() -> new Filter(Filter.Scope.BODY, tooLong))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new Filter(Filter.Scope.BODY, rule).names()).isEqualTo(1);
    }
}
