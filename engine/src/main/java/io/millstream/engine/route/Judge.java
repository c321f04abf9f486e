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
    private static final String TOO_MUCH = "it has more to compare than one message may";

    private final Subject subject;

    private Judge(Subject subject) {
        this.subject = subject;
    }

    /// Why a message does not pass, as the name that said no, or null if it passes.
    static @Nullable String whyNot(Filter filter, Subject subject) {
        Map<String, @Nullable Object> properties = subject.properties(filter.scope());
        return properties == null
                ? "the body is no JSON object"
                : new Judge(subject).whyNot(filter.rule(), properties);
    }

    private @Nullable String whyNot(Rule rule, Map<String, @Nullable Object> object) {
        if (!subject.mayCompare(1)) {
            return TOO_MUCH;
        }
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
    private @Nullable String whyNotInside(Rule rule, @Nullable Object value) {
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

    private boolean passes(List<Test> tests, Map<String, @Nullable Object> object, String name) {
        boolean there = object.containsKey(name);
        List<@Nullable Object> values = new ArrayList<>();
        if (there) {
            add(object.get(name), values);
        }
        subject.mayCompare(values.size());
        for (Test test : tests) {
            if (subject.isExhausted()) {
                return false;
            }
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

    private boolean passes(Test test, @Nullable Object value) {
        return subject.mayCompareText(chars(test, value)) && isSo(test, value);
    }

    /// How much is read to compare them.
    private static int chars(Test test, @Nullable Object value) {
        if (!(value instanceof String text)) {
            return 0;
        }
        return switch (test) {
            case Test.Text(String asked) -> asked.length() == text.length() ? text.length() : 0;
            case Test.Prefix(String asked) -> asked.length();
            case Test.Suffix(String asked) -> asked.length();
            case Test.IgnoringCase(String asked) -> asked.length() + text.length();
            case Test.Wildcard(String pattern) -> pattern.length() + text.length();
            default -> 0;
        };
    }

    private boolean isSo(Test test, @Nullable Object value) {
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
                    value instanceof String text && Wildcard.fits(pattern, text);
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
}
