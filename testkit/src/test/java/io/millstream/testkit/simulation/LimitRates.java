package io.millstream.testkit.simulation;

import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Message;
import io.millstream.api.Rate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How often messages of a queue have begun, by what its clients were told: never more often than
/// its rates say. Of each rate it is known when the next one may begin at the earliest, whatever
/// nobody was told of, and when one may at the latest.
final class LimitRates {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// No rate makes anybody wait longer than this.
    static final long WAIT_NANOS_MAX = 12_000 * NANOS_PER_MILLI;

    private final List<Start> heard = new ArrayList<>();

    /// By what is limited: when the next one would begin if all were spread evenly, in nanoseconds.
    private Map<String, Long> least = new TreeMap<>();

    private Map<String, Long> most = new TreeMap<>();

    /// The same of those of which nothing is known.
    private long mostOfOthers;

    /// A message that has begun.
    ///
    /// @param at when, by the engine's clock
    /// @param durable how far the log was durable when that was heard
    record Start(Fence fence, long at, Message message, long durable) {}

    void started(Start start) {
        heard.add(start);
    }

    /// All that has begun has been heard of.
    void fold(Definition.Queue definition) {
        heard.sort(Comparator.comparingLong(start -> start.fence().position()));
        for (Start start : heard) {
            rates(definition, start.message())
                    .forEach(
                            (what, rate) -> check(start, what, rate, least.getOrDefault(what, 0L)));
            note(start, definition, least, 0);
            note(start, definition, most, mostOfOthers);
        }
        heard.clear();
    }

    private static void check(Start start, String what, Rate rate, long next) {
        long early = (rate.burst() - 1) * rate.intervalNanos();
        PromiseBroken.unless(
                next <= start.at() * NANOS_PER_MILLI + early,
                start.message().id(),
                "It began at %d by %s, and by the rate of %s it may at %d: %s",
                start.at(),
                start.fence(),
                what,
                Math.ceilDiv(next - early, NANOS_PER_MILLI),
                rate);
    }

    private static void note(
            Start start, Definition.Queue definition, Map<String, Long> nexts, long others) {
        rates(definition, start.message())
                .forEach((what, rate) -> {
                    long from = nexts.getOrDefault(what, others);
                    long at = start.at() * NANOS_PER_MILLI;
                    nexts.put(what, Math.max(from, at) + rate.intervalNanos());
                });
    }

    /// The rates that hold for a message.
    private static Map<String, Rate> rates(Definition.Queue definition, Message message) {
        Map<String, Rate> rates = new TreeMap<>();
        rates.put("the queue", definition.limits().rate());
        if (message.type() != null && definition.typed()) {
            rates.put(
                    ofType(message.type()), definition.limits().types().of(message.type()).rate());
        }
        if (message.group() != null) {
            rates.put(
                    ofGroup(message.group()),
                    definition.limits().groups().of(message.group()).rate());
        }
        rates.values().removeIf(rate -> rate == null);
        return rates;
    }

    private static String ofType(String type) {
        return "type " + type;
    }

    private static String ofGroup(String group) {
        return "group " + group;
    }

    /// It is declared anew: what has no rate any more is forgotten. Everything has been folded.
    void define(Definition.Queue definition) {
        least.keySet().removeIf(what -> rateOf(what, definition) == null);
        most.keySet().removeIf(what -> rateOf(what, definition) == null);
    }

    private static Rate rateOf(String what, Definition.Queue definition) {
        if (what.startsWith("type ")) {
            return definition.limits().types().of(what.substring(5)).rate();
        }
        return what.startsWith("group ")
                ? definition.limits().groups().of(what.substring(6)).rate()
                : definition.limits().rate();
    }

    /// The engine has ended.
    ///
    /// @param forgettable what was heard when the log was durable so far may be forgotten, or -1
    /// @param latest the engine's clock showed this or less
    void ended(Definition.Queue definition, long forgettable, long latest) {
        List<Start> certain = new ArrayList<>(heard);
        certain.removeIf(start -> start.durable() == forgettable);
        Map<String, Long> before = new TreeMap<>(least);
        fold(definition);
        least = before;
        heard.addAll(certain);
        fold(definition);
        unheard(latest);
    }

    /// Anything may have begun that nobody hears of.
    void unheard(long latest) {
        mostOfOthers = latest * NANOS_PER_MILLI + WAIT_NANOS_MAX;
        most.replaceAll((what, next) -> Math.max(next, mostOfOthers));
    }

    /// When a message may surely begin as far as rates say, in milliseconds.
    long surelyOpen(Definition.Queue definition, Message message) {
        long open = 0;
        for (Map.Entry<String, Rate> one : rates(definition, message).entrySet()) {
            Rate rate = one.getValue();
            long early = (rate.burst() - 1) * rate.intervalNanos();
            long next = most.getOrDefault(one.getKey(), mostOfOthers);
            open = Math.max(open, Math.ceilDiv(next - early, NANOS_PER_MILLI));
        }
        return open;
    }
}
