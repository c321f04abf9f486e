package io.millstream.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Each operator of SNS's filter policies says what its documentation says.
class JudgeTest {
    private static final String NAME = "a";

    private static boolean passes(Object tests, Header... headers) {
        Message.Builder message = Message.builder("");
        for (Header header : headers) {
            message.header(header);
        }
        return new Subject("", message.build())
                .passes(
                        Filter.onHeaders(
                                Map.of(NAME, tests instanceof List ? tests : List.of(tests))));
    }

    private static boolean text(Object tests, String value) {
        return passes(tests, Header.text(NAME, value));
    }

    private static boolean number(Object tests, String value) {
        return passes(tests, new Header(NAME, Header.NUMBER, Bytes.utf8(value)));
    }

    private static boolean array(Object tests, String json) {
        return passes(tests, new Header(NAME, "text.Array", Bytes.utf8(json)));
    }

    private static boolean body(Map<String, ?> policy, String json) {
        return new Subject("", Message.of(json)).passes(Filter.onBody(policy));
    }

    private static Map<String, Object> op(String name, Object value) {
        return Map.of(name, value);
    }

    @Test
    void exact_texts() {
        List<String> sports = List.of("rugby", "tennis");

        assertThat(text(sports, "tennis")).isTrue();
        assertThat(text(sports, "Tennis")).isFalse();
        assertThat(text(sports, "baseball")).isFalse();
        assertThat(array(sports, "[\"baseball\",\"rugby\"]")).isTrue();
        assertThat(array(sports, "[\"baseball\"]")).isFalse();
        assertThat(passes(sports)).isFalse();
        assertThat(number(List.of("5"), "5")).isFalse();
    }

    @Test
    void a_name_that_comes_twice_has_both_values() {
        Header one = Header.text(NAME, "1");
        Header two = Header.text(NAME, "2");

        assertThat(passes("1", one, two)).isTrue();
        assertThat(passes("2", one, two)).isTrue();
        assertThat(passes("3", one, two)).isFalse();
    }

    @Test
    void bytes_are_as_if_they_were_not_there() {
        Header bytes = new Header(NAME, "bytes.png", Bytes.utf8("x"));

        assertThat(passes("x", bytes)).isFalse();
        assertThat(passes(op("exists", false), bytes)).isTrue();
    }

    @Test
    void prefix_suffix_and_case() {
        assertThat(text(op("prefix", "bas"), "baseball")).isTrue();
        assertThat(text(op("prefix", "bas"), "rugby")).isFalse();
        assertThat(text(op("suffix", "ball"), "baseball")).isTrue();
        assertThat(text(op("suffix", "ball"), "ballet")).isFalse();
        assertThat(text(op("equals-ignore-case", "tennis"), "TeNNis")).isTrue();
        assertThat(text(op("equals-ignore-case", "tennis"), "tennis2")).isFalse();
        assertThat(array(op("prefix", "bas"), "[\"x\",\"basket\"]")).isTrue();
    }

    @Test
    void wildcards() {
        assertThat(text(op("wildcard", "*ball"), "baseball")).isTrue();
        assertThat(text(op("wildcard", "*ball"), "balls")).isFalse();
        assertThat(text(op("wildcard", "b*e*l"), "baseball")).isTrue();
        assertThat(text(op("wildcard", "b*x*l"), "baseball")).isFalse();
        assertThat(text(op("wildcard", "base*"), "base")).isTrue();
        assertThat(text(op("wildcard", "exact"), "exact")).isTrue();
        assertThat(text(op("wildcard", "a\\*b"), "a*b")).isTrue();
        assertThat(text(op("wildcard", "a\\*b"), "axb")).isFalse();
        assertThat(text(op("wildcard", "a\\\\*"), "a\\x")).isTrue();
        assertThat(text(op("wildcard", "*a*a*a*a*a*a*b"), "a".repeat(10_000))).isFalse();
    }

    @Test
    void a_text_that_is_looked_through_too_often_passes_nothing_more() {
        List<Map<String, Object>> tests =
                Stream.generate(() -> op("wildcard", "*a*b")).limit(1000).toList();
        Subject subject =
                new Subject("", Message.builder("").header(NAME, "a".repeat(200_000)).build());

        assertThat(subject.passes(onHeaders(List.of("b")))).isFalse();
        assertThat(subject.isExhausted()).isFalse();
        assertThat(subject.passes(onHeaders(tests))).isFalse();
        assertThat(subject.isExhausted()).isTrue();
        assertThat(subject.passes(onHeaders(List.of(op("exists", true))))).isFalse();
    }

    @Test
    void a_name_may_come_as_often_as_a_message_is_large() {
        Message.Builder message = Message.builder("");
        for (int i = 0; i < 200_000; i++) {
            message.header(NAME, "x");
        }
        message.header(NAME, "last");

        assertThat(new Subject("", message.build()).passes(onHeaders(List.of("last")))).isTrue();
    }

    private static Filter onHeaders(List<?> tests) {
        return Filter.onHeaders(Map.of(NAME, tests));
    }

    @Test
    void anything_but() {
        Map<String, Object> sports = op("anything-but", List.of("rugby", "tennis"));

        assertThat(text(sports, "baseball")).isTrue();
        assertThat(text(sports, "rugby")).isFalse();
        assertThat(array(sports, "[\"rugby\",\"baseball\"]")).isTrue();
        assertThat(array(sports, "[\"rugby\"]")).isFalse();
        assertThat(passes(sports)).as("nothing is not anything").isFalse();
        assertThat(passes(List.of(sports, op("exists", false)))).isTrue();
        assertThat(text(op("anything-but", "rugby"), "tennis")).isTrue();
        assertThat(number(op("anything-but", List.of(100, 500)), "101")).isTrue();
        assertThat(number(op("anything-but", List.of(100, 500)), "100.0")).isFalse();
    }

    @Test
    void anything_but_what_looks_so() {
        assertThat(text(op("anything-but", op("prefix", "order-")), "data")).isTrue();
        assertThat(text(op("anything-but", op("prefix", "order-")), "order-1")).isFalse();
        assertThat(text(op("anything-but", op("suffix", List.of("1", "2"))), "order-2")).isFalse();
        assertThat(text(op("anything-but", op("suffix", List.of("1", "2"))), "order-3")).isTrue();
        assertThat(text(op("anything-but", op("wildcard", "*ball")), "football")).isFalse();
        assertThat(text(op("anything-but", op("wildcard", "*ball")), "rugby")).isTrue();
        assertThat(text(op("anything-but", op("equals-ignore-case", "x")), "X")).isFalse();
    }

    @Test
    void numbers() {
        Map<String, Object> range = op("numeric", List.of(">", 0, "<=", 150));

        assertThat(number(301.5, "301.50")).isTrue();
        assertThat(number(op("numeric", List.of("=", 301.5)), "3.015e2")).isTrue();
        assertThat(number(range, "0")).isFalse();
        assertThat(number(range, "0.1")).isTrue();
        assertThat(number(range, "150")).isTrue();
        assertThat(number(range, "150.00001")).isFalse();
        assertThat(number(op("numeric", List.of("<", 0)), "-1")).isTrue();
        assertThat(number(op("numeric", List.of(">=", 0)), "0")).isTrue();
        assertThat(text(range, "5")).as("a text is no number").isFalse();
        assertThat(array(range, "[500, 5]")).isTrue();
        assertThat(number(range, "five")).isFalse();
    }

    @Test
    void what_is_there_and_what_is_not() {
        assertThat(text(op("exists", true), "")).isTrue();
        assertThat(passes(op("exists", true))).isFalse();
        assertThat(text(op("exists", false), "")).isFalse();
        assertThat(passes(op("exists", false))).isTrue();
    }

    @Test
    void addresses() {
        assertThat(text(op("cidr", "10.0.0.0/24"), "10.0.0.255")).isTrue();
        assertThat(text(op("cidr", "10.0.0.0/24"), "10.0.1.0")).isFalse();
        assertThat(text(op("cidr", "2001:db8::/32"), "2001:db8:ffff::1")).isTrue();
        assertThat(text(op("cidr", "2001:db8::/32"), "2001:db9::1")).isFalse();
        assertThat(text(op("cidr", "10.0.0.0/24"), "no address")).isFalse();
        assertThat(text(op("cidr", "0.0.0.0/0"), "1.2.3.4")).isTrue();
        assertThat(text(op("cidr", "0.0.0.0/0"), "::1")).isFalse();
    }

    @Test
    void words_of_json() {
        List<Object> words = Arrays.asList(true, null);

        assertThat(array(words, "[false, true]")).isTrue();
        assertThat(array(words, "[null]")).isTrue();
        assertThat(array(words, "[false, \"true\"]")).isFalse();
        assertThat(text(words, "true")).isFalse();
        assertThat(body(Map.of("a", words), "{\"a\":null}")).isTrue();
        assertThat(body(Map.of("a", words), "{}")).isFalse();
    }

    @Test
    void all_names_must_pass_and_of_alternatives_one() {
        Map<String, Object> policy =
                Map.of(
                        "source",
                        List.of("x"),
                        "$or",
                        List.of(
                                Map.of("metric", List.of("cpu")),
                                Map.of("space", List.of(Map.of("prefix", "s")))));

        assertThat(body(policy, "{\"source\":\"x\",\"metric\":\"cpu\"}")).isTrue();
        assertThat(body(policy, "{\"source\":\"x\",\"space\":\"sns\"}")).isTrue();
        assertThat(body(policy, "{\"source\":\"x\",\"space\":\"aws\"}")).isFalse();
        assertThat(body(policy, "{\"metric\":\"cpu\"}")).isFalse();
        assertThat(body(Map.of("$or", List.of("x")), "{\"$or\":\"x\"}"))
                .as("a name like any other")
                .isTrue();
    }

    @Test
    void objects_in_objects_and_in_arrays() {
        Map<String, Object> policy =
                Map.of("p", Map.of("q", Map.of("r", List.of("1"), "s", List.of("2"))));

        assertThat(body(policy, "{\"p\":{\"q\":{\"r\":\"1\",\"s\":\"2\"}}}")).isTrue();
        assertThat(body(policy, "{\"p\":{\"q\":{\"r\":\"1\"}}}")).isFalse();
        assertThat(body(policy, "{\"p\":[{\"q\":[{},{\"r\":[\"0\",\"1\"],\"s\":\"2\"}]}]}"))
                .isTrue();
        assertThat(body(policy, "{\"p\":{\"q\":[{\"r\":\"1\"},{\"s\":\"2\"}]}}"))
                .as("one object must have both")
                .isFalse();
        assertThat(body(policy, "{\"p\":\"q\"}")).isFalse();
        assertThat(body(Map.of("p", Map.of("q", List.of(op("exists", false)))), "{}")).isTrue();
    }

    @Test
    void what_is_no_object_passes_nothing() {
        Map<String, Object> policy = Map.of("a", List.of(op("exists", false)));

        assertThat(body(policy, "{}")).isTrue();
        assertThat(body(policy, "[]")).isFalse();
        assertThat(body(policy, "text")).isFalse();
        assertThat(body(policy, "{\"a\":{}}")).as("an object is no value").isTrue();
    }
}
