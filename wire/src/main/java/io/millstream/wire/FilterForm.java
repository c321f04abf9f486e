package io.millstream.wire;

import static io.millstream.wire.Kinds.DECIMAL;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Filter;
import io.millstream.api.Filter.Rule;
import io.millstream.api.Filter.Test;
import io.millstream.api.Network;

import java.util.List;
import java.util.Map;

/// A filter: as its rule, which is what is written, or as SNS's policy, which is what people write.
///
/// ```json
/// {"scope":"headers","policy":{"event":["order_placed",{"prefix":"refund_"}]}}
/// ```
final class FilterForm {
    static final Kind<Filter> KIND =
            Kind.object(
                    "a filter, such as {\"policy\":{\"event\":[\"order_placed\"]}}",
                    FilterForm::write,
                    FilterForm::read);

    private static final Kind<Filter.Scope> SCOPE = Kinds.word(Filter.Scope.class);
    private static final Kind<Filter.Literal> LITERAL = Kinds.word(Filter.Literal.class);
    private static final Kind<Rule> RULE =
            Kind.object("a rule", FilterForm::writeRule, FilterForm::readRule);
    private static final Kind<List<Rule>> RULES = Kinds.list(RULE);
    private static final Kind<Test> TEST =
            Kind.object("a test", FilterForm::writeTest, FilterForm::readTest);
    private static final Kind<List<Test>> TESTS = Kinds.list(TEST);
    private static final Kind<RuleTag> RULE_TAG = Kinds.word(RuleTag.class);
    private static final Kind<TestTag> TEST_TAG = Kinds.word(TestTag.class);

    /// A policy is only read, and by [Filter] itself.
    private static final Kind<Map<?, ?>> POLICY =
            new Kind<>(
                    "a filter policy, which is an object",
                    (_, _) -> {
                        throw new IllegalStateException("Filters are written as rules.");
                    },
                    (_, raw) -> raw instanceof Map<?, ?> policy ? policy : null);

    private enum RuleTag {
        ALL,
        ANY,
        FIELD,
        INSIDE
    }

    private enum TestTag {
        TEXT,
        NUMERAL,
        WORD,
        PREFIX,
        SUFFIX,
        IGNORING_CASE,
        WILDCARD,
        RANGE,
        EXISTS,
        IN_NETWORK,
        EXCEPT
    }

    private FilterForm() {}

    private static void write(Out out, Filter filter) {
        out.or("scope", SCOPE, filter.scope(), Filter.Scope.HEADERS)
                .put("rule", RULE, filter.rule());
    }

    private static Filter read(In in) {
        Filter.Scope scope = in.or("scope", SCOPE, Filter.Scope.HEADERS);
        Rule rule = in.maybe("rule", RULE);
        Map<?, ?> policy = in.maybe("policy", POLICY);
        if (rule != null && policy == null) {
            return new Filter(scope, rule);
        }
        if (policy != null && rule == null) {
            return ofPolicy(scope, policy);
        }
        throw in.wrong("has not exactly one of policy and rule", "Give a policy");
    }

    private static Filter ofPolicy(Filter.Scope scope, Map<?, ?> policy) {
        @SuppressWarnings("unchecked") // Tree makes no others.
        Map<String, ?> named = (Map<String, ?>) policy;
        return switch (scope) {
            case HEADERS -> Filter.onHeaders(named);
            case BODY -> Filter.onBody(named);
        };
    }

    private static void writeRule(Out out, Rule rule) {
        switch (rule) {
            case Rule.All(List<Rule> rules) ->
                    out.put("rule", RULE_TAG, RuleTag.ALL).put("rules", RULES, rules);
            case Rule.Any(List<Rule> rules) ->
                    out.put("rule", RULE_TAG, RuleTag.ANY).put("rules", RULES, rules);
            case Rule.Field(String name, List<Test> tests) ->
                    out.put("rule", RULE_TAG, RuleTag.FIELD)
                            .put("name", TEXT, name)
                            .put("tests", TESTS, tests);
            case Rule.Inside(String name, Rule inner) ->
                    out.put("rule", RULE_TAG, RuleTag.INSIDE)
                            .put("name", TEXT, name)
                            .put("is", RULE, inner);
        }
    }

    private static Rule readRule(In in) {
        return switch (in.get("rule", RULE_TAG)) {
            case ALL -> new Rule.All(in.get("rules", RULES));
            case ANY -> new Rule.Any(in.get("rules", RULES));
            case FIELD -> new Rule.Field(in.get("name", TEXT), in.get("tests", TESTS));
            case INSIDE -> new Rule.Inside(in.get("name", TEXT), in.get("is", RULE));
        };
    }

    private static void writeTest(Out out, Test test) {
        switch (test) {
            case Test.Text(String value) -> writeText(out, TestTag.TEXT, value);
            case Test.Prefix(String value) -> writeText(out, TestTag.PREFIX, value);
            case Test.Suffix(String value) -> writeText(out, TestTag.SUFFIX, value);
            case Test.IgnoringCase(String value) -> writeText(out, TestTag.IGNORING_CASE, value);
            case Test.Wildcard(String pattern) -> writeText(out, TestTag.WILDCARD, pattern);
            case Test.InNetwork(Network network) ->
                    writeText(out, TestTag.IN_NETWORK, network.cidr());
            case Test.Numeral numeral ->
                    out.put("test", TEST_TAG, TestTag.NUMERAL)
                            .put("value", DECIMAL, numeral.value());
            case Test.Word(Filter.Literal value) ->
                    out.put("test", TEST_TAG, TestTag.WORD).put("value", LITERAL, value);
            case Test.Exists(boolean there) ->
                    out.put("test", TEST_TAG, TestTag.EXISTS).or("there", FLAG, there, true);
            case Test.Except(List<Test> tests) ->
                    out.put("test", TEST_TAG, TestTag.EXCEPT).put("tests", TESTS, tests);
            case Test.Range range ->
                    out.put("test", TEST_TAG, TestTag.RANGE)
                            .maybe("low", DECIMAL, range.low())
                            .or("low_included", FLAG, range.lowIncluded(), false)
                            .maybe("high", DECIMAL, range.high())
                            .or("high_included", FLAG, range.highIncluded(), false);
        }
    }

    private static void writeText(Out out, TestTag tag, String value) {
        out.put("test", TEST_TAG, tag).put("value", TEXT, value);
    }

    private static Test readTest(In in) {
        return switch (in.get("test", TEST_TAG)) {
            case TEXT -> new Test.Text(in.get("value", Kinds.TEXT));
            case PREFIX -> new Test.Prefix(in.get("value", Kinds.TEXT));
            case SUFFIX -> new Test.Suffix(in.get("value", Kinds.TEXT));
            case IGNORING_CASE -> new Test.IgnoringCase(in.get("value", Kinds.TEXT));
            case WILDCARD -> new Test.Wildcard(in.get("value", Kinds.TEXT));
            case IN_NETWORK -> new Test.InNetwork(new Network(in.get("value", Kinds.TEXT)));
            case NUMERAL -> new Test.Numeral(in.get("value", DECIMAL));
            case WORD -> new Test.Word(in.get("value", LITERAL));
            case EXISTS -> new Test.Exists(in.or("there", FLAG, true));
            case EXCEPT -> new Test.Except(in.get("tests", TESTS));
            case RANGE ->
                    new Test.Range(
                            in.maybe("low", DECIMAL),
                            in.or("low_included", FLAG, false),
                            in.maybe("high", DECIMAL),
                            in.or("high_included", FLAG, false));
        };
    }
}
