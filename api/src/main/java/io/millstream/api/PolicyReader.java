package io.millstream.api;

import io.millstream.api.Filter.Literal;
import io.millstream.api.Filter.Rule;
import io.millstream.api.Filter.Scope;
import io.millstream.api.Filter.Test;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Reads SNS's filter policies and says where one is wrong.
final class PolicyReader {
    private static final String OR = "$or";
    private static final String ANYTHING_BUT = "anything-but";
    private static final String EXISTS = "exists";
    private static final String NUMERIC = "numeric";
    private static final String PREFIX = "prefix";
    private static final String SUFFIX = "suffix";
    private static final String WILDCARD = "wildcard";
    private static final String IGNORING_CASE = "equals-ignore-case";
    private static final String CIDR = "cidr";
    private static final Set<String> RESERVED =
            Set.of(
                    ANYTHING_BUT,
                    EXISTS,
                    NUMERIC,
                    PREFIX,
                    SUFFIX,
                    WILDCARD,
                    IGNORING_CASE,
                    CIDR,
                    "=",
                    "<",
                    "<=",
                    ">",
                    ">=");
    private static final BigDecimal NUMBER_MAX = BigDecimal.valueOf(1_000_000_000);
    private static final int NUMBER_SCALE_MAX = 5;
    private static final int DEPTH_MAX = 50;
    private static final int TESTS_MAX = 10_000;
    private static final long MANY = Integer.MAX_VALUE;

    private final Scope scope;
    private int tests;

    PolicyReader(Scope scope) {
        this.scope = scope;
    }

    Rule read(Map<?, ?> policy) {
        return object("the policy", policy, 0);
    }

    private Rule object(String where, Map<?, ?> object, int depth) {
        if (object.isEmpty()) {
            throw wrong(where, "is empty. Name at least one property");
        }
        if (depth > DEPTH_MAX) {
            throw wrong(where, "is nested deeper than " + DEPTH_MAX + " levels. Flatten it");
        }
        List<Rule> rules = new ArrayList<>();
        object.forEach((key, value) -> {
            String name = String.valueOf(key);
            String place = depth == 0 && where.equals("the policy") ? name : where + "." + name;
            rules.add(property(place, name, value, depth));
        });
        return rules.size() == 1 ? rules.getFirst() : new Rule.All(rules);
    }

    private Rule property(String where, String name, @Nullable Object value, int depth) {
        if (name.equals(OR) && value instanceof List<?> list && isAlternatives(list)) {
            List<Rule> rules = new ArrayList<>();
            for (Object one : list) {
                rules.add(object(where + "[" + rules.size() + "]", (Map<?, ?>) one, depth + 1));
            }
            return new Rule.Any(rules);
        }
        return switch (value) {
            case List<?> list -> new Rule.Field(name, tests(where, list));
            case Map<?, ?> object when scope == Scope.BODY ->
                    new Rule.Inside(name, object(where, object, depth + 1));
            case Map<?, ?> _ ->
                    throw wrong(
                            where,
                            "is an object, and headers are not nested. Give an array, or filter on"
                                    + " the body");
            case null, default ->
                    throw wrong(where, "is neither an array nor an object. Put it into an array");
        };
    }

    /// Whether SNS takes this for alternatives; otherwise `$or` is a name like any other.
    private static boolean isAlternatives(List<?> list) {
        return list.size() > 1
                && list.stream()
                        .allMatch(one ->
                                one instanceof Map<?, ?> object
                                        && object.keySet().stream().noneMatch(RESERVED::contains));
    }

    private List<Test> tests(String where, List<?> list) {
        if (list.isEmpty()) {
            throw wrong(where, "is empty, which nothing passes. Give at least one value");
        }
        List<Test> read = new ArrayList<>();
        for (Object one : list) {
            String place = where + "[" + read.size() + "]";
            read.add(one instanceof Map<?, ?> object ? operator(place, object) : value(place, one));
            count(place);
        }
        return read;
    }

    private void count(String where) {
        if (++tests > TESTS_MAX) {
            throw wrong(where, "is one value too many; a policy has at most " + TESTS_MAX);
        }
    }

    private static Test value(String where, @Nullable Object value) {
        return switch (value) {
            case String text -> new Test.Text(text);
            case Number number -> new Test.Numeral(number(where, number));
            case Boolean truth -> new Test.Word(truth ? Literal.TRUE : Literal.FALSE);
            case null -> new Test.Word(Literal.NULL);
            default ->
                    throw wrong(
                            where,
                            "is neither a text, a number, true, false, null nor an operator");
        };
    }

    private Test operator(String where, Map<?, ?> object) {
        if (object.size() != 1) {
            throw wrong(where, "has %d operators. Give each an object of its own", object.size());
        }
        var only = object.entrySet().iterator().next();
        String name = String.valueOf(only.getKey());
        Object value = only.getValue();
        return switch (name) {
            case EXISTS -> exists(where, value);
            case NUMERIC -> numeric(where, value);
            case CIDR -> network(where, value);
            case PREFIX, SUFFIX, WILDCARD, IGNORING_CASE -> onText(where, name, value);
            case ANYTHING_BUT -> new Test.Except(except(where, value));
            default ->
                    throw wrong(
                            where,
                            "has the unknown operator %s. There are anything-but, cidr,"
                                    + " equals-ignore-case, exists, numeric, prefix, suffix and"
                                    + " wildcard",
                            name);
        };
    }

    private static Test exists(String where, @Nullable Object value) {
        if (value instanceof Boolean there) {
            return new Test.Exists(there);
        }
        throw wrong(where, "asks whether it exists by %s. Say true or false", value);
    }

    private static Test network(String where, @Nullable Object value) {
        try {
            return new Test.InNetwork(new Network(String.valueOf(value)));
        } catch (IllegalArgumentException none) {
            throw wrong(where, "has no network: %s", none.getMessage());
        }
    }

    private static Test onText(String where, String operator, @Nullable Object value) {
        if (!(value instanceof String text) || text.isEmpty()) {
            throw wrong(where, "has no text after %s. Give one in quotation marks", operator);
        }
        return switch (operator) {
            case PREFIX -> new Test.Prefix(text);
            case SUFFIX -> new Test.Suffix(text);
            case IGNORING_CASE -> new Test.IgnoringCase(text);
            default -> wildcard(where, text);
        };
    }

    private static Test wildcard(String where, String pattern) {
        boolean star = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
                if (i == pattern.length() || (pattern.charAt(i) != '*' && pattern.charAt(i) != c)) {
                    throw wrong(where, "has a backslash before neither * nor backslash");
                }
                star = false;
            } else if (c == '*' && star) {
                throw wrong(where, "has two * in a row. One stands for any number of characters");
            } else {
                star = c == '*';
            }
        }
        return new Test.Wildcard(pattern);
    }

    private List<Test> except(String where, @Nullable Object value) {
        if (value instanceof Map<?, ?> object) {
            if (object.size() != 1) {
                throw wrong(where, "has %d operators after anything-but, not one", object.size());
            }
            var only = object.entrySet().iterator().next();
            String name = String.valueOf(only.getKey());
            if (!Set.of(PREFIX, SUFFIX, WILDCARD, IGNORING_CASE).contains(name)) {
                throw wrong(
                        where,
                        "has %s after anything-but. It takes values, prefix, suffix, wildcard and"
                                + " equals-ignore-case",
                        name);
            }
            return each(where, only.getValue(), one -> onText(where, name, one));
        }
        return each(
                where,
                value,
                one -> {
                    if (one instanceof String || one instanceof Number) {
                        return value(where, one);
                    }
                    throw wrong(where, "has %s after anything-but. Give texts or numbers", one);
                });
    }

    private interface Reading {
        Test read(@Nullable Object one);
    }

    private List<Test> each(String where, @Nullable Object value, Reading reading) {
        if (!(value instanceof List<?> list)) {
            return List.of(reading.read(value));
        }
        if (list.isEmpty()) {
            throw wrong(where, "has nothing after anything-but. Give at least one value");
        }
        List<Test> read = new ArrayList<>();
        for (Object one : list) {
            read.add(reading.read(one));
            count(where);
        }
        return read;
    }

    /// `["=", 5]`, `[">", 0]` or `[">", 0, "<=", 150]`.
    private static Test numeric(String where, @Nullable Object value) {
        if (!(value instanceof List<?> list) || (list.size() != 2 && list.size() != 4)) {
            throw wrong(where, "has no comparison after numeric, such as [\">\", 0, \"<=\", 150]");
        }
        String first = String.valueOf(list.getFirst());
        BigDecimal number = number(where, list.get(1));
        if (list.size() == 2) {
            return switch (first) {
                case "=" -> new Test.Range(number, true, number, true);
                case ">", ">=" -> new Test.Range(number, first.equals(">="), null, false);
                case "<", "<=" -> new Test.Range(null, false, number, first.equals("<="));
                default -> throw wrong(where, "compares by %s. Use =, <, <=, > or >=", first);
            };
        }
        String second = String.valueOf(list.get(2));
        BigDecimal high = number(where, list.get(3));
        if (!first.startsWith(">")
                || !second.startsWith("<")
                || !RESERVED.contains(first)
                || !RESERVED.contains(second)) {
            throw wrong(
                    where, "has a range by %s and %s. Use > or >=, then < or <=", first, second);
        }
        if (number.compareTo(high) >= 0) {
            throw wrong(where, "has a range from %s to %s, in which nothing is", number, high);
        }
        return new Test.Range(number, first.equals(">="), high, second.equals("<="));
    }

    private static BigDecimal number(String where, @Nullable Object value) {
        BigDecimal number =
                switch (value) {
                    case BigDecimal exact -> exact;
                    case BigInteger whole -> new BigDecimal(whole);
                    case Double d when d.isNaN() || d.isInfinite() ->
                            throw wrong(where, "has %s, which is no number", d);
                    case Double d -> BigDecimal.valueOf(d);
                    case Float f -> number(where, f.doubleValue());
                    case Number whole -> BigDecimal.valueOf(whole.longValue());
                    case null, default ->
                            throw wrong(where, "has %s where a number is expected", value);
                };
        if (number.abs().compareTo(NUMBER_MAX) > 0
                || number.stripTrailingZeros().scale() > NUMBER_SCALE_MAX) {
            throw wrong(
                    where,
                    "has the number %s. Numbers are -1000000000 to 1000000000 with at most %d"
                            + " digits after the point",
                    number,
                    NUMBER_SCALE_MAX);
        }
        return number;
    }

    private static IllegalArgumentException wrong(
            String where, String what, @Nullable Object... values) {
        String said = values.length == 0 ? what : what.formatted(values);
        return new IllegalArgumentException(
                "A filter policy is wrong at %s: it %s.".formatted(where, said));
    }

    // What a policy amounts to.

    static Stream<String> names(Rule rule) {
        return switch (rule) {
            case Rule.All(List<Rule> rules) -> rules.stream().flatMap(PolicyReader::names);
            case Rule.Any(List<Rule> rules) -> rules.stream().flatMap(PolicyReader::names);
            case Rule.Field(String name, List<Test> _) -> Stream.of(name);
            case Rule.Inside(String name, Rule inner) ->
                    names(inner).map(below -> name + "." + below);
        };
    }

    /// SNS multiplies the values of a name by how deep it lies.
    static long combinations(Rule rule) {
        return combinations(rule, 1);
    }

    private static long combinations(Rule rule, int level) {
        return switch (rule) {
            case Rule.All(List<Rule> rules) ->
                    rules.stream()
                            .mapToLong(one -> combinations(one, level))
                            .reduce(1, (one, other) -> Math.min(MANY, one * other));
            case Rule.Any(List<Rule> rules) ->
                    Math.min(MANY, rules.stream().mapToLong(one -> combinations(one, level)).sum());
            case Rule.Field(String _, List<Test> tests) ->
                    level * tests.stream().mapToLong(PolicyReader::values).sum();
            case Rule.Inside(String _, Rule inner) -> combinations(inner, level + 1);
        };
    }

    private static long values(Test test) {
        return test instanceof Test.Except(List<Test> tests) ? tests.size() : 1;
    }
}
