package io.millstream.engine.state;

import io.millstream.api.Filter;
import io.millstream.api.Filter.Literal;
import io.millstream.api.Filter.Rule;
import io.millstream.api.Filter.Scope;
import io.millstream.api.Filter.Test;
import io.millstream.api.Network;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// The bytes of a [Filter]: 0 for none or 1 + scope, then its rule.
///
/// ```
///   rule  1 all    count rule*            test  1 text     6 ignoring case     each: text
///         2 any    count rule*                  4 prefix   7 wildcard
///         3 field  name count test*             5 suffix  10 network
///         4 inside name rule                    2 number   text
///                                               3 word     byte
///                                               8 range    flags, low, high: texts
///                                               9 exists   byte
///                                              11 except   count test*
/// ```
///
/// A rule, a test and flags each begin with a byte. The flags of a range: 1 low is included, 2 high
/// is, 4 there is a low, 8 there is a high; a bound that is not there is not written.
final class FilterCodec {
    private static final int ALL = 1;
    private static final int ANY = 2;
    private static final int FIELD = 3;
    private static final int INSIDE = 4;

    private static final int TEXT = 1;
    private static final int NUMBER = 2;
    private static final int WORD = 3;
    private static final int PREFIX = 4;
    private static final int SUFFIX = 5;
    private static final int IGNORING_CASE = 6;
    private static final int WILDCARD = 7;
    private static final int RANGE = 8;
    private static final int EXISTS = 9;
    private static final int NETWORK = 10;
    private static final int EXCEPT = 11;

    private static final int LOW_INCLUDED = 1;
    private static final int HIGH_INCLUDED = 2;
    private static final int LOW = 4;
    private static final int HIGH = 8;

    // Their places are what the bytes say: only ever added to at the end.
    private static final List<Scope> SCOPES = List.of(Scope.HEADERS, Scope.BODY);
    private static final List<Literal> LITERALS =
            List.of(Literal.TRUE, Literal.FALSE, Literal.NULL);

    private FilterCodec() {}

    static void encode(@Nullable Filter filter, Output out) {
        out.byteValue(filter == null ? 0 : 1 + SCOPES.indexOf(filter.scope()));
        if (filter != null) {
            encode(filter.rule(), out);
        }
    }

    static @Nullable Filter decode(Input in) {
        int scope = in.byteValue();
        return scope == 0 ? null : new Filter(of(SCOPES, scope - 1), decodeRule(in));
    }

    private static void encode(Rule rule, Output out) {
        switch (rule) {
            case Rule.All(List<Rule> rules) -> encode(ALL, rules, out);
            case Rule.Any(List<Rule> rules) -> encode(ANY, rules, out);
            case Rule.Field(String name, List<Test> tests) -> {
                text(FIELD, name, out);
                encode(tests, out);
            }
            case Rule.Inside(String name, Rule inner) -> {
                text(INSIDE, name, out);
                encode(inner, out);
            }
        }
    }

    private static void encode(int type, List<Rule> rules, Output out) {
        out.byteValue(type);
        out.varint(rules.size());
        rules.forEach(rule -> encode(rule, out));
    }

    private static Rule decodeRule(Input in) {
        int type = in.byteValue();
        return switch (type) {
            case ALL -> new Rule.All(decodeRules(in));
            case ANY -> new Rule.Any(decodeRules(in));
            case FIELD -> new Rule.Field(in.text(), decodeTests(in));
            case INSIDE -> new Rule.Inside(in.text(), decodeRule(in));
            default -> throw new MalformedException("A filter has a rule of type " + type);
        };
    }

    private static List<Rule> decodeRules(Input in) {
        List<Rule> rules = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            rules.add(decodeRule(in));
        }
        return rules;
    }

    private static void encode(List<Test> tests, Output out) {
        out.varint(tests.size());
        tests.forEach(test -> encode(test, out));
    }

    private static void encode(Test test, Output out) {
        switch (test) {
            case Test.Text(String value) -> text(TEXT, value, out);
            case Test.Numeral(BigDecimal value) -> text(NUMBER, value.toString(), out);
            case Test.Word(Literal value) -> {
                out.byteValue(WORD);
                out.byteValue(LITERALS.indexOf(value));
            }
            case Test.Prefix(String value) -> text(PREFIX, value, out);
            case Test.Suffix(String value) -> text(SUFFIX, value, out);
            case Test.IgnoringCase(String value) -> text(IGNORING_CASE, value, out);
            case Test.Wildcard(String pattern) -> text(WILDCARD, pattern, out);
            case Test.Range range -> encode(range, out);
            case Test.Exists(boolean there) -> {
                out.byteValue(EXISTS);
                out.bool(there);
            }
            case Test.InNetwork(Network network) -> text(NETWORK, network.cidr(), out);
            case Test.Except(List<Test> tests) -> {
                out.byteValue(EXCEPT);
                encode(tests, out);
            }
        }
    }

    private static void encode(Test.Range range, Output out) {
        BigDecimal low = range.low();
        BigDecimal high = range.high();
        out.byteValue(RANGE);
        out.byteValue(
                (range.lowIncluded() ? LOW_INCLUDED : 0)
                        | (range.highIncluded() ? HIGH_INCLUDED : 0)
                        | (low == null ? 0 : LOW)
                        | (high == null ? 0 : HIGH));
        if (low != null) {
            out.text(low.toString());
        }
        if (high != null) {
            out.text(high.toString());
        }
    }

    private static void text(int type, String value, Output out) {
        out.byteValue(type);
        out.text(value);
    }

    private static List<Test> decodeTests(Input in) {
        List<Test> tests = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            tests.add(decodeTest(in));
        }
        return tests;
    }

    private static Test decodeTest(Input in) {
        int type = in.byteValue();
        return switch (type) {
            case TEXT -> new Test.Text(in.text());
            case NUMBER -> new Test.Numeral(number(in));
            case WORD -> new Test.Word(of(LITERALS, in.byteValue()));
            case PREFIX -> new Test.Prefix(in.text());
            case SUFFIX -> new Test.Suffix(in.text());
            case IGNORING_CASE -> new Test.IgnoringCase(in.text());
            case WILDCARD -> new Test.Wildcard(in.text());
            case RANGE -> decodeRange(in);
            case EXISTS -> new Test.Exists(in.bool());
            case NETWORK -> new Test.InNetwork(new Network(in.text()));
            case EXCEPT -> new Test.Except(decodeTests(in));
            default -> throw new MalformedException("A filter has a test of type " + type);
        };
    }

    private static Test.Range decodeRange(Input in) {
        int flags = in.byteValue();
        BigDecimal low = (flags & LOW) == 0 ? null : number(in);
        BigDecimal high = (flags & HIGH) == 0 ? null : number(in);
        return new Test.Range(low, (flags & LOW_INCLUDED) != 0, high, (flags & HIGH_INCLUDED) != 0);
    }

    private static BigDecimal number(Input in) {
        try {
            return new BigDecimal(in.text());
        } catch (NumberFormatException none) {
            throw new MalformedException("A filter has a number that is none");
        }
    }

    private static <T> T of(List<T> values, int code) {
        if (code >= values.size()) {
            throw new MalformedException("A filter has value " + code);
        }
        return values.get(code);
    }
}
