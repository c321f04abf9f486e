package io.millstream.testkit.simulation;

import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.testkit.simulation.Sent.Attempt;

import java.util.List;
import java.util.StringJoiner;

/// Events in few words.
final class Words {
    private Words() {}

    static String of(Attempt attempt) {
        StringJoiner words = new StringJoiner(" + ");
        for (int i = 0; i < attempt.operations.size(); i++) {
            String lease = attempt.leases[i] == null ? "" : " of " + attempt.leases[i].sent.id;
            words.add(of(attempt.operations.get(i)) + lease);
        }
        return words.toString();
    }

    static String of(Operation operation) {
        return switch (operation) {
            case Operation.Put put ->
                    "put %s (%d bytes, priority %d, group %s, delay %s, key %s) to %s"
                            .formatted(
                                    put.message().id(),
                                    put.message().body().length(),
                                    put.message().priority(),
                                    put.message().group(),
                                    put.message().delay(),
                                    put.message().deduplication(),
                                    put.queue());
            case Operation.Publish publish ->
                    "publish %s (%d bytes) to %s with %s"
                            .formatted(
                                    publish.message().id(),
                                    publish.message().body().length(),
                                    publish.exchange(),
                                    publish.routingKey());
            case Operation.Settle settle ->
                    "settle %s %s %s"
                            .formatted(
                                    shortly(settle.outcome().toString()),
                                    settle.stale(),
                                    settle.handle());
            case Operation.Write write ->
                    "write %s %s if %s"
                            .formatted(
                                    shortly(write.key()),
                                    write.value() == null
                                            ? "nothing"
                                            : shortly(write.value().utf8()),
                                    write.expect());
            case Operation.Define(Definition.Queue queue, Expect expect) ->
                    "define %s if %s".formatted(of(queue), expect);
            default -> shortly(operation.toString());
        };
    }

    /// What is special about it.
    static String of(Definition.Queue queue) {
        StringJoiner words = new StringJoiner(", ", queue.name() + " (", ")");
        words.add(queue.groups().toString());
        words.add("attempts " + queue.maxAttempts());
        words.add("dead to " + queue.deadLetter());
        if (queue.maxInFlight() < Definition.Queue.MAX_IN_FLIGHT) {
            words.add("in flight " + queue.maxInFlight());
        }
        say(words, "ageing", queue.ageing());
        say(words, "back-off", queue.backOff());
        say(words, "duplicates", queue.deduplication());
        say(words, "capacity", queue.capacity().isLimited() ? queue.capacity() : null);
        say(words, "retention", queue.retention());
        say(words, "lives", queue.timeToLive());
        say(words, "paused", queue.paused() ? true : null);
        return words.toString();
    }

    private static void say(StringJoiner words, String what, Object value) {
        if (value != null) {
            words.add(what + " " + value);
        }
    }

    static String shortly(List<Operation> operations) {
        StringJoiner words = new StringJoiner(" + ");
        operations.forEach(operation -> words.add(of(operation)));
        return words.toString();
    }

    private static String shortly(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    static String of(Lease lease) {
        return "%s deliveries %d attempts %d until %s via %s"
                .formatted(
                        lease.handle(),
                        lease.deliveries(),
                        lease.attempts(),
                        lease.until(),
                        lease.via());
    }
}
