package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Filter.Rule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A filter policy is read as SNS reads it, or refused with the place that is wrong.
class FilterTest {
    record Wrong(Map<String, ?> policy, String where, String what) {}

    private static Wrong wrong(Object value, String where, String what) {
        return new Wrong(Map.of("a", value), where, what);
    }

    private static Wrong wrongOperator(String name, Object value, String what) {
        return wrong(List.of("x", Map.of(name, value)), "a[1]", what);
    }

    private static Stream<Wrong> wrongs() {
        return Stream.of(
                new Wrong(Map.of(), "the policy", "is empty"),
                wrong("x", "a", "neither an array nor an object"),
                wrong(List.of(), "a", "is empty"),
                wrong(Map.of("b", List.of("x")), "a", "headers are not nested"),
                wrong(List.of(List.of("x")), "a[0]", "neither a text"),
                wrong(List.of(Map.of()), "a[0]", "0 operators"),
                wrong(List.of(Map.of("prefix", "x", "suffix", "y")), "a[0]", "2 operators"),
                wrongOperator("begins", "x", "unknown operator begins"),
                wrongOperator("prefix", "", "no text after prefix"),
                wrongOperator("suffix", 5, "no text after suffix"),
                wrongOperator("equals-ignore-case", List.of("x"), "no text"),
                wrongOperator("wildcard", "a**b", "two * in a row"),
                wrongOperator("wildcard", "a\\b", "backslash"),
                wrongOperator("wildcard", "a\\", "backslash"),
                wrongOperator("exists", "yes", "Say true or false"),
                wrongOperator("cidr", "10.0.0.0", "a slash"),
                wrongOperator("cidr", "10.0.0.0/33", "0 to 32 bits"),
                wrongOperator("cidr", "host/8", "a slash"),
                wrongOperator("numeric", List.of(), "no comparison"),
                wrongOperator("numeric", List.of("=", "5"), "a number is expected"),
                wrongOperator("numeric", List.of("!", 5), "Use =, <"),
                wrongOperator("numeric", List.of("<", 5, ">", 1), "a range by"),
                wrongOperator("numeric", List.of(">", 5, "<", 5), "in which nothing is"),
                wrongOperator("numeric", List.of("=", 1_000_000_001L), "1000000000"),
                wrongOperator("numeric", List.of("=", new BigDecimal("0.000001")), "5 digits"),
                wrongOperator("numeric", List.of("=", Double.NaN), "no number"),
                wrongOperator("anything-but", List.of(), "nothing after anything-but"),
                wrongOperator("anything-but", true, "Give texts or numbers"),
                wrongOperator("anything-but", Map.of("exists", true), "It takes values"),
                wrongOperator("anything-but", Map.of("prefix", ""), "no text"),
                new Wrong(
                        Map.of("$or", List.of(Map.of("a", List.of("x")), Map.of("b", "y"))),
                        "$or[1].b",
                        "neither an array"));
    }

    @ParameterizedTest
    @MethodSource("wrongs")
    void what_is_wrong_is_said_with_its_place(Wrong wrong) {
        assertThatThrownBy(() -> Filter.onHeaders(wrong.policy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("A filter policy is wrong at " + wrong.where + ": ")
                .hasMessageContaining(wrong.what);
    }

    @Test
    void values_that_nothing_may_be_count_as_well() {
        List<String> values = IntStream.rangeClosed(0, 10_000).mapToObj(i -> "v" + i).toList();

        assertThatThrownBy(() ->
                        Filter.onHeaders(Map.of("a", List.of(Map.of("anything-but", values)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one value too many");
    }

    @Test
    void a_place_in_a_nested_policy_is_a_path() {
        assertThatThrownBy(() ->
                        Filter.onBody(Map.of("a", Map.of("b", Map.of("c", List.of(Map.of()))))))
                .hasMessageContaining("wrong at a.b.c[0]:");
    }

    @Test
    void a_policy_without_end_is_refused() {
        Map<String, Object> policy = Map.of("a", List.of("x"));
        for (int i = 0; i < 100; i++) {
            policy = Map.of("a", policy);
        }
        Map<String, Object> deep = policy;

        assertThatThrownBy(() -> Filter.onBody(deep)).hasMessageContaining("deeper than 50");
    }

    @Test
    void a_filter_of_too_many_characters_is_refused() {
        String half = "x".repeat(Filter.CHARS_MAX / 2);

        assertThat(Filter.onHeaders(Map.of(half, List.of(half))).names()).isEqualTo(1);
        for (Object test :
                List.of(
                        half + "x",
                        Map.of("prefix", half + "x"),
                        Map.of("suffix", half + "x"),
                        Map.of("wildcard", half + "x"),
                        Map.of("equals-ignore-case", half + "x"),
                        Map.of("anything-but", List.of("x", half)))) {
            assertThatThrownBy(() -> Filter.onHeaders(Map.of(half, List.of(test))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("262144 characters");
        }
        var number = new Filter.Test.Numeral(BigDecimal.TEN.pow(2 * Filter.CHARS_MAX));
        assertThatThrownBy(
                        () -> new Filter(Filter.Scope.BODY, new Rule.Field("a", List.of(number))))
                .hasMessageContaining("262144 characters");
    }

    @Test
    void headers_that_are_asked_for_are_bounded() {
        Header one = Header.text("a", "x");

        assertThat(HeaderMatch.all(Stream.generate(() -> one).limit(1000).toArray(Header[]::new)))
                .isNotNull();
        assertThatThrownBy(() ->
                        HeaderMatch.all(
                                Stream.generate(() -> one).limit(1001).toArray(Header[]::new)))
                .hasMessageContaining("1000 headers");
        assertThatThrownBy(() -> HeaderMatch.all(Header.text("a", "x".repeat(1 << 18))))
                .hasMessageContaining("262144 characters");
    }

    @Test
    void alternatives_are_such_only_as_sns_says() {
        Map<String, Object> one = Map.of("a", List.of("x"));
        Map<String, Object> two = Map.of("b", List.of("y"));

        assertThat(Filter.onHeaders(Map.of("$or", List.of(one, two))).rule())
                .isInstanceOf(Rule.Any.class);
        assertThat(Filter.onHeaders(Map.of("$or", List.of("x"))).rule())
                .isInstanceOf(Rule.Field.class);
        assertThatThrownBy(() -> Filter.onHeaders(Map.of("$or", List.of(one))))
                .as("one object alone is an operator")
                .hasMessageContaining("unknown operator a");
        assertThat(
                        Filter.onHeaders(
                                        Map.of(
                                                "$or",
                                                List.of(
                                                        Map.of("prefix", "p"),
                                                        Map.of("suffix", "s"))))
                                .rule())
                .as("operators of a name like any other")
                .isInstanceOf(Rule.Field.class);
    }

    @Test
    void names_and_combinations_are_counted_as_sns_counts_them() {
        Map<String, Object> nested = new HashMap<>();
        nested.put("a", Map.of("b", Map.of("c", List.of("1", "2", "3", "4"))));
        nested.put("d", Map.of("e", List.of("1", "2", "3")));
        nested.put("f", List.of("1", "2", "3"));
        Filter filter = Filter.onBody(nested);

        assertThat(filter.names()).isEqualTo(3);
        assertThat(filter.combinations()).isEqualTo((4 * 3) * (3 * 2) * 3);
        assertThat(
                        Filter.onHeaders(
                                        Map.of("a", List.of(Map.of("anything-but", List.of(1, 2)))))
                                .combinations())
                .isEqualTo(2);
    }
}
