package io.millstream.testkit.simulation;

import java.util.stream.Stream;

/// Mistakes that an engine could have in how exchanges of all kinds route, and in what bindings let
/// through.
@SuppressWarnings("StringConcatToTextBlock") // A mistake is planted in a line as it stands.
final class RouteMutants {
    private static final String TABLE = "route/RouteTable.java";

    private RouteMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(choices(), filters(), ways()).flatMap(some -> some);
    }

    private static Stream<Mutant> choices() {
        return Stream.of(
                new Mutant(
                        "a headers exchange that takes any for all and all for any",
                        TABLE,
                        "boolean isAny = match.mode().isAny();",
                        "boolean isAny = !match.mode().isAny();"),
                new Mutant(
                        "a headers exchange that looks at what it is not to look at",
                        TABLE,
                        "if (match.mode().looksAt(asked) && isAny == there) {",
                        "if (isAny == there) {"),
                new Mutant(
                        "a hash that leads elsewhere after a restart",
                        TABLE,
                        "Rendezvous.choose(passing, hashed(subject));",
                        "Rendezvous.choose(passing, hashed(subject)"
                                + " + System.identityHashCode(exchange));"),
                new Mutant(
                        "a hash that leads elsewhere when any binding comes",
                        "route/Rendezvous.java",
                        "long keyHash = hash(key, 0);",
                        "long keyHash = hash(key, bindings.size());"),
                new Mutant(
                        "a hash of the key though a header is to be hashed",
                        TABLE,
                        "return header == null ? subject.key() : subject.header(header);",
                        "return header == null ? subject.header(\"color\") : subject.key();"),
                new Mutant(
                        "a choice by chance that takes all",
                        TABLE,
                        ": List.of(passing.get(Math.floorMod(number, passing.size())));",
                        ": passing;"));
    }

    private static Stream<Mutant> filters() {
        return Stream.of(
                new Mutant(
                        "a filter that is ignored",
                        TABLE,
                        "if (binding.filter() == null || subject.passes(binding.filter())) {",
                        "if (binding.id() != null) {"),
                new Mutant(
                        "a filter that is negated",
                        TABLE,
                        "subject.passes(binding.filter())",
                        "!subject.passes(binding.filter())"),
                new Mutant(
                        "a filter of a body that looks at headers",
                        "route/Subject.java",
                        "case BODY -> body();",
                        "case BODY -> fields();"),
                new Mutant(
                        "a filter that lets through what it is to except",
                        "route/Judge.java",
                        "tests.stream().noneMatch(one",
                        "tests.stream().anyMatch(one"));
    }

    private static Stream<Mutant> ways() {
        return Stream.of(
                new Mutant(
                        "an exchange that does not delay",
                        "state/PublishDecider.java",
                        "if (way.delayed() && message",
                        "if (way.isPlain() && message"),
                new Mutant(
                        "a delay of what comes by another way",
                        "route/Routing.java",
                        "return delays && !delayed ?",
                        "return !delayed ?"),
                new Mutant(
                        "a delay that is forgotten on the way to the next exchange",
                        "route/Routing.java",
                        "return new Way(delayed, List.copyOf(all));",
                        "return new Way(false, List.copyOf(all));"),
                new Mutant(
                        "a topic that nothing is routed to",
                        "state/PublishDecider.java",
                        "Definition.Topic topic = topics.definition(name);",
                        "Definition.Topic topic = null;"),
                new Mutant(
                        "a routed record that is told and not stored",
                        "state/FanOut.java",
                        "groups.add(new Group(entry));",
                        "if (!(entry instanceof Entry.Appended)) groups.add(new Group(entry));"),
                new Mutant(
                        "a routed record in the first partition, whatever its key",
                        "state/PublishDecider.java",
                        "partition = key == null ? 0 : Partitioner",
                        "partition = key == null ? 0 : 0 * Partitioner"));
    }

    /// What is wrong with shares is looked for where they are of different sizes.
    static Stream<Mutant> ofShares() {
        return Stream.of(
                new Mutant(
                        "a weight that is ignored",
                        "state/Service.java",
                        "UNIT : UNIT / group.weight;",
                        "UNIT : UNIT;"));
    }
}
