package io.millstream.engine.route;

import io.millstream.api.Filter;
import io.millstream.api.Filter.Rule;
import io.millstream.api.Filter.Test;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Says whether a message passes a filter.
///
/// A value passes a field if it passes one of its tests; of a list of values one must pass. What is
/// not there passes only the test that nothing is there.
final class Judge {
    private Judge() {}

    /// Why a message does not pass, as the name that said no, or null if it passes.
    static @Nullable String whyNot(Filter filter, Subject subject) {
        Map<String, @Nullable Object> properties = subject.properties(filter.scope());
        return properties == null
                ? "the body is no JSON object"
                : whyNot(filter.rule(), properties);
    }

    private static @Nullable String whyNot(Rule rule, Map<String, @Nullable Object> object) {
        return switch (rule) {
            case Rule.All(List<Rule> rules) -> {
                for (Rule one : rules) {
                    String why = whyNot(one, object);
                    if (why != null) {
                        yield why;
                    }
                }
                yield null;
            }
            case Rule.Any(List<Rule> rules) -> {
                for (Rule one : rules) {
                    if (whyNot(one, object) == null) {
                        yield null;
                    }
                }
                yield "$or";
            }
            case Rule.Field(String name, List<Test> tests) ->
                    passes(tests, object, name) ? null : name;
            case Rule.Inside(String name, Rule inner) -> {
                String why = whyNotInside(inner, object.get(name));
                yield why == null ? null : name + why;
            }
        };
    }

    /// An object passes as a whole, so of a list one object must.
    private static @Nullable String whyNotInside(Rule rule, @Nullable Object value) {
        if (value instanceof List<?> list) {
            for (Object one : list) {
                if (whyNotInside(rule, one) == null) {
                    return null;
                }
            }
            return "[]";
        }
        String why = whyNot(rule, value instanceof Map<?, ?> map ? typed(map) : Map.of());
        return why == null ? null : "." + why;
    }

    @SuppressWarnings("unchecked") // Objects are read as such maps.
    private static Map<String, @Nullable Object> typed(Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
    }

    private static boolean passes(
            List<Test> tests, Map<String, @Nullable Object> object, String name) {
        boolean there = object.containsKey(name);
        List<@Nullable Object> values = new ArrayList<>();
        if (there) {
            add(object.get(name), values);
        }
        for (Test test : tests) {
            if (test instanceof Test.Exists(boolean asked)) {
                if (asked == (there && !(object.get(name) instanceof Map<?, ?>))) {
                    return true;
                }
            } else if (values.stream().anyMatch(value -> passes(test, value))) {
                return true;
            }
        }
        return false;
    }

    /// The values of a property, those of lists one by one; an object is none.
    private static void add(@Nullable Object value, List<@Nullable Object> values) {
        if (value instanceof List<?> list) {
            list.forEach(one -> add(one, values));
        } else if (!(value instanceof Map<?, ?>)) {
            values.add(value);
        }
    }

    private static boolean passes(Test test, @Nullable Object value) {
        return switch (test) {
            case Test.Text(String text) -> text.equals(value);
            case Test.Numeral(BigDecimal number) ->
                    value instanceof BigDecimal other && number.compareTo(other) == 0;
            case Test.Word(Filter.Literal literal) ->
                    switch (literal) {
                        case TRUE -> Boolean.TRUE.equals(value);
                        case FALSE -> Boolean.FALSE.equals(value);
                        case NULL -> value == null;
                    };
            case Test.Prefix(String prefix) ->
                    value instanceof String text && text.startsWith(prefix);
            case Test.Suffix(String suffix) ->
                    value instanceof String text && text.endsWith(suffix);
            case Test.IgnoringCase(String asked) ->
                    value instanceof String text && fold(asked).equals(fold(text));
            case Test.Wildcard(String pattern) ->
                    value instanceof String text && fits(pattern, text);
            case Test.Range range -> value instanceof BigDecimal number && isIn(range, number);
            case Test.Exists _ -> false;
            case Test.InNetwork(var network) ->
                    value instanceof String text && network.contains(text);
            case Test.Except(List<Test> tests) ->
                    tests.stream().noneMatch(one -> passes(one, value));
        };
    }

    private static String fold(String text) {
        return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    private static boolean isIn(Test.Range range, BigDecimal number) {
        BigDecimal low = range.low();
        BigDecimal high = range.high();
        int least = range.lowIncluded() ? 0 : 1;
        int most = range.highIncluded() ? 0 : -1;
        return (low == null || number.compareTo(low) >= least)
                && (high == null || number.compareTo(high) <= most);
    }

    /// Goes back to the last `*` only, so that it never takes more than the product of the lengths.
    private static boolean fits(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int begun = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                begun = t;
                continue;
            }
            int literal = p < pattern.length() && pattern.charAt(p) == '\\' ? p + 1 : p;
            if (literal < pattern.length() && pattern.charAt(literal) == text.charAt(t)) {
                p = literal + 1;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++begun;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
