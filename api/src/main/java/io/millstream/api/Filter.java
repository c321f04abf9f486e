package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// What a message must say for a binding to take it: SNS's filter policy, read once.
///
/// ```java
/// Filter.onHeaders(Map.of("event", List.of("order_placed", Map.of("prefix", "refund_"))))
/// ```
///
/// A header of a number is a number, one whose type is `text.Array` holds a JSON array of which one
/// value must pass, and headers of bytes are as if they were not there. A body that is no JSON
/// object passes nothing.
///
/// @param scope what is looked at
/// @param rule what must be true of it
public record Filter(Scope scope, Rule rule) {
    /// How deep rules may lie in each other.
    public static final int DEPTH_MAX = 100;

    /// How many rules and tests there may be in all.
    public static final int PARTS_MAX = 20_000;

    /// How many characters all names, texts and patterns may have together.
    public static final int CHARS_MAX = 1 << 18;

    /// Refuses what would take too long to ask of each message.
    public Filter {
        new Extent().add(rule, 1);
    }

    /// How much there is of a filter, as far as it may be.
    private static final class Extent {
        private static final int BITS_OF_CHAR = 3;

        private int parts;
        private long chars;

        void add(Rule rule, int depth) {
            count(depth);
            switch (rule) {
                case Rule.All(List<Rule> rules) -> rules.forEach(one -> add(one, depth + 1));
                case Rule.Any(List<Rule> rules) -> rules.forEach(one -> add(one, depth + 1));
                case Rule.Inside(String name, Rule inner) -> {
                    count(name);
                    add(inner, depth + 1);
                }
                case Rule.Field(String name, List<Test> tests) -> {
                    count(name);
                    tests.forEach(test -> add(test, depth + 1));
                }
            }
        }

        private void add(Test test, int depth) {
            count(depth);
            switch (test) {
                case Test.Text(String value) -> count(value);
                case Test.Prefix(String value) -> count(value);
                case Test.Suffix(String value) -> count(value);
                case Test.IgnoringCase(String value) -> count(value);
                case Test.Wildcard(String pattern) -> count(pattern);
                case Test.Numeral(BigDecimal value) -> count(value);
                case Test.Range range -> {
                    count(range.low());
                    count(range.high());
                }
                case Test.Except(List<Test> tests) -> tests.forEach(one -> add(one, depth + 1));
                case Test.Word _, Test.Exists _, Test.InNetwork _ -> {}
            }
        }

        private void count(@Nullable BigDecimal number) {
            countChars(number == null ? 0 : number.unscaledValue().bitLength() / BITS_OF_CHAR);
        }

        private void count(String text) {
            countChars(text.length());
        }

        private void countChars(int more) {
            chars += more;
            if (chars > CHARS_MAX) {
                throw new IllegalArgumentException(
                        "A filter's names, texts and patterns have at most %d characters together."
                                        .formatted(CHARS_MAX)
                                + " Divide it among several bindings.");
            }
        }

        private void count(int depth) {
            parts++;
            if (depth > DEPTH_MAX || parts > PARTS_MAX) {
                throw new IllegalArgumentException(
                        "A filter has at most %d rules and tests, %d deep. Divide it among several"
                                        .formatted(PARTS_MAX, DEPTH_MAX)
                                + " bindings.");
            }
        }
    }

    /// What a filter looks at.
    public enum Scope {
        /// The message's headers.
        HEADERS,
        /// The message's body, which is JSON.
        BODY
    }

    /// What must be true of an object, which is all headers, the body or an object in it.
    public sealed interface Rule {

        /// Each of these.
        ///
        /// @param rules at least one
        record All(List<Rule> rules) implements Rule {
            /// Copies the rules.
            public All {
                rules = List.copyOf(rules);
            }
        }

        /// One of these.
        ///
        /// @param rules at least one
        record Any(List<Rule> rules) implements Rule {
            /// Copies the rules.
            public Any {
                rules = List.copyOf(rules);
            }
        }

        /// One value that is there under a name passes one of these tests.
        ///
        /// @param name of a header or a property
        /// @param tests at least one
        record Field(String name, List<Test> tests) implements Rule {
            /// Copies the tests.
            public Field {
                tests = List.copyOf(tests);
            }
        }

        /// An object that is there under a name, alone or in an array, is so.
        ///
        /// @param name of a property
        /// @param rule what must be true of it
        record Inside(String name, Rule rule) implements Rule {}
    }

    /// What must be true of one value.
    public sealed interface Test {

        /// It is this text.
        record Text(String value) implements Test {}

        /// It is this number.
        record Numeral(BigDecimal value) implements Test {}

        /// It is a word of JSON.
        record Word(Literal value) implements Test {}

        /// It is a text that begins so.
        record Prefix(String value) implements Test {}

        /// It is a text that ends so.
        record Suffix(String value) implements Test {}

        /// It is this text but for upper and lower case.
        record IgnoringCase(String value) implements Test {}

        /// It is a text of this form.
        ///
        /// @param pattern `*` stands for any characters or none, a backslash makes the `*` or
        ///   backslash behind it an ordinary one
        record Wildcard(String pattern) implements Test {}

        /// It is a number between two others.
        ///
        /// @param low not less than this, or null for no bound
        /// @param lowIncluded whether it may be `low`
        /// @param high not more than this, or null for no bound
        /// @param highIncluded whether it may be `high`
        record Range(
                @Nullable BigDecimal low,
                boolean lowIncluded,
                @Nullable BigDecimal high,
                boolean highIncluded)
                implements Test {}

        /// It is there, or nothing is.
        record Exists(boolean there) implements Test {}

        /// It is the text of an address in this network.
        record InNetwork(Network network) implements Test {}

        /// It is there and passes none of these.
        ///
        /// @param tests at least one
        record Except(List<Test> tests) implements Test {
            /// Copies the tests.
            public Except {
                tests = List.copyOf(tests);
            }
        }
    }

    /// A word of JSON that is a value.
    public enum Literal {
        /// `true`
        TRUE,
        /// `false`
        FALSE,
        /// `null`
        NULL
    }

    /// A filter on headers by an SNS policy, as any JSON reader gives it: maps, lists, texts,
    /// numbers, booleans and null.
    ///
    /// @throws IllegalArgumentException if it is none; the message says where and why
    public static Filter onHeaders(Map<String, ?> policy) {
        return new Filter(Scope.HEADERS, new PolicyReader(Scope.HEADERS).read(policy));
    }

    /// A filter on the body by an SNS policy, see [#onHeaders].
    ///
    /// @throws IllegalArgumentException if it is none; the message says where and why
    public static Filter onBody(Map<String, ?> policy) {
        return new Filter(Scope.BODY, new PolicyReader(Scope.BODY).read(policy));
    }

    /// How many different names it asks for, at any depth; SNS allows five.
    public int names() {
        return (int) PolicyReader.names(rule).distinct().count();
    }

    /// How many combinations of tests it has, as SNS counts them, which allows 150: the product
    /// over all names, at any depth; of alternatives the sum.
    public long combinations() {
        return PolicyReader.combinations(rule);
    }
}
