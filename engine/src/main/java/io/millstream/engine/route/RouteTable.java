package io.millstream.engine.route;

import io.millstream.api.Definition;
import io.millstream.api.Definition.Binding;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One exchange with its bindings, compiled. It never changes; any thread.
public final class RouteTable {
    private static final Comparator<Binding> BY_NAME = Comparator.comparing(Binding::id);

    private final Definition.Exchange exchange;
    private final List<Binding> bindings;
    private final Map<String, List<Binding>> byKey = new HashMap<>();
    private final TopicTrie trie;

    /// Compiles an exchange with all that leads from it.
    public RouteTable(Definition.Exchange exchange, Collection<Binding> bindings) {
        this.exchange = exchange;
        this.bindings = bindings.stream().sorted(BY_NAME).toList();
        boolean isTopic = exchange.kind() == ExchangeKind.TOPIC;
        this.trie = new TopicTrie(isTopic ? this.bindings : List.of());
        if (exchange.kind() == ExchangeKind.DIRECT) {
            for (Binding binding : this.bindings) {
                byKey.computeIfAbsent(binding.id().pattern(), _ -> new ArrayList<>(1)).add(binding);
            }
        }
    }

    /// What it was compiled from.
    public Definition.Exchange exchange() {
        return exchange;
    }

    /// The bindings that take a message, in the order of their names.
    ///
    /// @param chance any number, by which an exchange chooses that does so by chance
    List<Binding> taking(Subject subject, long chance) {
        List<Binding> passing = new ArrayList<>();
        for (Binding binding : fitting(subject)) {
            if (!subject.mayCompare(1)) {
                return List.of();
            }
            if (binding.filter() == null || subject.passes(binding.filter())) {
                passing.add(binding);
            }
        }
        return switch (exchange.kind()) {
            case DIRECT, FANOUT, HEADERS -> passing;
            case TOPIC -> {
                passing.sort(BY_NAME);
                yield passing;
            }
            case CONSISTENT_HASH -> {
                Binding chosen = Rendezvous.choose(passing, hashed(subject));
                yield chosen == null ? List.of() : List.of(chosen);
            }
            case RANDOM -> {
                long number = Rendezvous.hash(exchange.name(), chance);
                yield passing.isEmpty()
                        ? List.of()
                        : List.of(passing.get(Math.floorMod(number, passing.size())));
            }
        };
    }

    /// Those that the exchange's kind lets take part, whatever their filters say.
    private List<Binding> fitting(Subject subject) {
        return switch (exchange.kind()) {
            case DIRECT -> byKey.getOrDefault(subject.key(), List.of());
            case TOPIC -> trie.matching(subject);
            case HEADERS ->
                    bindings.stream().filter(binding -> fits(binding.match(), subject)).toList();
            case FANOUT, CONSISTENT_HASH, RANDOM -> bindings;
        };
    }

    private String hashed(Subject subject) {
        String header = exchange.hashHeader();
        return header == null ? subject.key() : subject.header(header);
    }

    /// Whether headers are as asked. Asked for nothing, all of it is there and none of it.
    private static boolean fits(@Nullable HeaderMatch match, Subject subject) {
        if (match == null) {
            return true;
        }
        if (!subject.mayCompare(match.equal().size() + match.present().size())) {
            return false;
        }
        boolean isAny = match.mode().isAny();
        for (Header asked : match.equal()) {
            if (match.mode().looksAt(asked.name()) && isAny == hasEqual(subject, asked)) {
                return isAny;
            }
        }
        for (String asked : match.present()) {
            boolean there = !subject.headers(asked).isEmpty();
            if (match.mode().looksAt(asked) && isAny == there) {
                return isAny;
            }
        }
        return !isAny;
    }

    private static boolean hasEqual(Subject subject, Header asked) {
        List<Header> there = subject.headers(asked.name());
        return subject.mayCompare(there.size())
                && there.stream().anyMatch(header -> HeaderValues.isEqual(asked, header));
    }

    /// What each binding says to a message, in the order of their names.
    ///
    /// @param chance as for [#taking]
    List<View.Verdict> verdicts(Subject subject, long chance) {
        Set<Binding> fitting = new HashSet<>(fitting(subject));
        Set<Binding> taking = new HashSet<>(taking(subject, chance));
        List<View.Verdict> verdicts = new ArrayList<>();
        for (Binding binding : bindings) {
            boolean takes = taking.contains(binding);
            String why =
                    takes
                            ? "It takes it."
                            : fitting.contains(binding)
                                    ? otherwise(binding, subject)
                                    : unfit(binding, subject);
            verdicts.add(new View.Verdict(binding.id(), takes, why));
        }
        return verdicts;
    }

    private String otherwise(Binding binding, Subject subject) {
        String no = binding.filter() == null ? null : Judge.whyNot(binding.filter(), subject);
        if (no != null) {
            return "Its filter says no: " + no + ".";
        }
        return exchange.kind() == ExchangeKind.RANDOM
                ? "Another one is chosen by chance, this time."
                : "Another one is chosen for \"" + hashed(subject) + "\".";
    }

    private String unfit(Binding binding, Subject subject) {
        return exchange.kind() == ExchangeKind.HEADERS
                ? "The headers are not as it asks."
                : "The routing key \"%s\" does not fit its pattern \"%s\"."
                        .formatted(subject.key(), binding.id().pattern());
    }
}
