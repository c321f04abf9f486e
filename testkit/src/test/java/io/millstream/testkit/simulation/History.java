package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.testkit.simulation.Sent.Attempt;
import io.millstream.testkit.simulation.Sent.Fate;
import io.millstream.testkit.simulation.Sent.Held;
import io.millstream.testkit.simulation.Sent.Life;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// All that clients have asked for and were told, and whether it can be true together.
///
/// Linear in time because every message has an id of its own and answers come in the order of
/// decisions: each answer is checked when it comes.
final class History {
    private final Plan plan;
    private final Machine machine;
    private final Trace trace;
    private final Names names = new Names();
    private final Rows rows = new Rows(names);
    private final Map<String, Sent> messages = new LinkedHashMap<>();
    private final Set<Attempt> pending = new LinkedHashSet<>();

    /// Asked for before the last end of the engine and never answered.
    private final List<Attempt> unknown = new ArrayList<>();

    /// What is gone once the answers that left together have all been heard.
    private final List<Runnable> afterAnswers = new ArrayList<>();

    private final Settlements settlements;
    private final Deliveries deliveries;

    private final Set<ChannelName> swallowing = new HashSet<>();
    private final Set<ChannelName> swallowedBefore = new HashSet<>();
    private final List<Held> timed = new ArrayList<>();
    private int boot;
    private long durableAtEnd;

    /// The latest time by the engine's clock in any receipt. That clock stands still while a frame
    /// is open, so nothing else tells how late it is at least.
    private long told;

    History(Plan plan, Machine machine, Trace trace) {
        this.plan = plan;
        this.machine = machine;
        this.trace = trace;
        this.settlements = new Settlements(names, machine, afterAnswers);
        this.deliveries = new Deliveries(this, plan, machine, trace);
    }

    Names names() {
        return names;
    }

    Rows rows() {
        return rows;
    }

    Collection<Sent> messages() {
        return messages.values();
    }

    Sent message(String id) {
        return messages.get(id);
    }

    List<Attempt> unknown() {
        return unknown;
    }

    boolean isWaiting() {
        return !pending.isEmpty();
    }

    String firstWaiting() {
        return pending.iterator().next().operations.toString();
    }

    int boot() {
        return boot;
    }

    long delivered() {
        return deliveries.delivered();
    }

    Deliveries deliveries() {
        return deliveries;
    }

    /// What is asked for and not answered.
    Stream<Operation> pending() {
        return pending.stream().flatMap(attempt -> attempt.operations.stream());
    }

    /// A client has a lease.
    void holds(Held held) {
        timed.add(held);
    }

    // What clients ask for.

    void asked(Attempt attempt) {
        pending.add(attempt);
        for (int i = 0; i < attempt.operations.size(); i++) {
            asked(attempt, i);
        }
        trace.tell(() -> "client " + attempt.client + " asks " + Words.of(attempt));
    }

    private void asked(Attempt attempt, int index) {
        switch (attempt.operations.get(index)) {
            case Operation.Put put -> {
                Sent sent = new Sent(put.message(), put.queue(), attempt, told);
                attempt.puts[index] = sent;
                messages.put(sent.id, sent);
            }
            case Operation.Settle settle -> {
                Held held = attempt.leases[index];
                held.enders.add(attempt);
                attempt.newest[index] = newest(held);
                if (!(settle.outcome() instanceof Outcome.Retry)) {
                    held.sent.removers.add(attempt);
                }
                if (settle.stale() == Operation.Stale.ACCEPT) {
                    // Whichever lease is current ends.
                    held.sent.last.enders.add(attempt);
                }
            }
            case Operation.Extend extend -> {
                // It may make the lease shorter.
                attempt.leases[index].enders.add(attempt);
                attempt.newest[index] = newest(attempt.leases[index]);
            }
            case Operation.Check check -> attempt.newest[index] = newest(attempt.leases[index]);
            case Operation.Define define -> names.asked((Definition.Queue) define.definition());
            case Operation.Remove remove -> {
                names.removalAsked(remove.name());
                risk(remove.name());
            }
            case Operation.Edit.Purge purge -> {
                Life life = names.life(purge.queue());
                names.purgeAsked(purge.queue());
                if (life != null) {
                    attempt.purged[index] = life;
                    attempt.purgeBelow[index] = life.lastSequence + 1;
                }
                risk(purge.queue());
            }
            default -> {}
        }
    }

    /// The newest fence of the lease's message; if a power cut may have taken that back, the
    /// lease's own.
    private static Fence newest(Held held) {
        Held last = held.sent.last;
        return last.forgettable ? held.fence() : last.fence();
    }

    /// Everything that may be in a queue may be gone from now on.
    void risk(ChannelName queue) {
        for (Sent sent : messages.values()) {
            if (sent.gone == null && names.leads(placeOf(sent), queue)) {
                sent.atRisk = true;
                if (sent.last != null) {
                    sent.last.mayHaveEnded = true;
                }
            }
        }
    }

    private static ChannelName placeOf(Sent sent) {
        return sent.life == null ? sent.origin : sent.life.name;
    }

    /// Somebody waits for what comes into `queue`, and settles it by having it delivered.
    void swallows(ChannelName queue) {
        risk(queue);
        swallowing.add(queue);
    }

    /// Whether it may have been settled by a delivery that nobody has seen.
    boolean maySwallow(Sent sent) {
        return Stream.concat(swallowing.stream(), swallowedBefore.stream())
                .anyMatch(queue -> names.leads(sent.origin, queue));
    }

    /// A session closes: what is bound to it ends.
    void closing(Collection<Held> leases) {
        leases.stream().filter(Held::isSessionBound).forEach(held -> held.mayHaveEnded = true);
    }

    // What they are told.

    void answered(Attempt attempt, Receipt receipt) {
        pending.remove(attempt);
        attempt.answered = true;
        trace.tell(() ->
                "client " + attempt.client + " is told " + receipt + " to " + Words.of(attempt));
        switch (receipt) {
            case Receipt.Committed committed -> {
                told = Math.max(told, committed.now().toEpochMilli());
                for (int i = 0; i < attempt.operations.size(); i++) {
                    done(attempt, i, committed.effects().get(i), committed.now());
                }
            }
            case Receipt.Refused refused -> refused(attempt, refused);
        }
    }

    private void done(Attempt attempt, int index, Receipt.Effect effect, Instant now) {
        switch (attempt.operations.get(index)) {
            case Operation.Put put ->
                    stored(attempt.puts[index], ((Receipt.Effect.Stored) effect).sequence(), now);
            case Operation.Settle settle ->
                    settlements.settled(
                            attempt, index, settle, (Receipt.Effect.Settled) effect, now);
            case Operation.Extend extend -> {
                settlements.requireCurrent(attempt, index);
                attempt.leases[index].enders.remove(attempt);
                Instant until = ((Receipt.Effect.Extended) effect).until();
                attempt.leases[index].until = until.toEpochMilli();
                PromiseBroken.unless(
                        !until.isBefore(now.plus(extend.length())),
                        attempt.leases[index].sent.id,
                        "Extended at %s by %s to %s only",
                        now,
                        extend.length(),
                        until);
            }
            case Operation.Check check -> settlements.requireCurrent(attempt, index);
            case Operation.Define define ->
                    names.defined(define, ((Receipt.Effect.Changed) effect).version());
            case Operation.Remove remove -> {
                Life life = names.removed(remove);
                afterAnswers.add(() -> goneFrom(life, Long.MAX_VALUE, "its queue was removed"));
            }
            case Operation.Edit.Purge purge -> {
                Life life = names.life(purge.queue());
                PromiseBroken.unless(life != null, purge.queue().toString(), "Purged nothing");
                // A queue that was removed and defined again meanwhile begins with new numbers.
                long below = attempt.purged[index] == life ? attempt.purgeBelow[index] : 0;
                afterAnswers.add(() -> goneFrom(life, below, "its queue was purged"));
            }
            case Operation.Write write ->
                    rows.written(
                            write,
                            effect instanceof Receipt.Effect.Changed(long version) ? version : 0,
                            now.toEpochMilli());
            default -> {}
        }
    }

    private void goneFrom(Life life, long below, String why) {
        life.purgedBelow = Math.max(life.purgedBelow, below);
        for (Sent sent : messages.values()) {
            if (sent.life == life && sent.sequence != 0 && sent.sequence < below) {
                // If it has not been moved on meanwhile, which a look will show.
                sent.atRisk = true;
            }
        }
        trace.tell(() -> life.name + " below " + below + " is gone: " + why);
    }

    private void stored(Sent sent, long sequence, Instant now) {
        Life life = names.life(sent.origin);
        PromiseBroken.unless(life != null, sent.id, "Stored in %s, which is gone", sent.origin);
        long limit = life.definition.messageBytesMax();
        PromiseBroken.unless(
                limit == 0 || sent.message.body().length() <= limit,
                sent.id,
                "Stored with %d bytes, where %d is the limit",
                sent.message.body().length(),
                limit);
        deliveries.seenStored(sent, now);
        PromiseBroken.unless(
                sequence > life.lastSequence,
                sent.id,
                "Stored at %d of %s after %d",
                sequence,
                sent.origin,
                life.lastSequence);
        life.lastSequence = sequence;
        PromiseBroken.unless(
                sent.deaths > 0 || sent.sequence == 0 || sent.sequence == sequence,
                sent.id,
                "Delivered from %d, stored at %d",
                sent.sequence,
                sequence);
        sent.fate = Fate.STORED;
        if (sent.deaths == 0) {
            sent.life = life;
            sent.sequence = sequence;
        }
    }

    private void refused(Attempt attempt, Receipt.Refused refused) {
        for (int i = 0; i < attempt.operations.size(); i++) {
            if (attempt.puts[i] != null) {
                attempt.puts[i].fate = Fate.REFUSED;
            }
            if (attempt.leases[i] != null) {
                Held held = attempt.leases[i];
                held.sent.removers.remove(attempt);
            }
        }
        int index = refused.operation();
        Operation operation = attempt.operations.get(index);
        switch (refused.refusal()) {
            case Refusal.StaleFence stale -> settlements.requireStale(attempt, index);
            case Refusal.Conflict conflict -> {
                if (operation instanceof Operation.Write write) {
                    rows.conflicted(write.key(), conflict.version(), refused.now().toEpochMilli());
                }
            }
            case Refusal.NoSuchChannel none -> {
                if (operation instanceof Operation.Put put) {
                    boolean removed =
                            attempt.operations.stream()
                                    .anyMatch(Operation.Remove.class::isInstance);
                    PromiseBroken.unless(
                            removed || names.life(put.queue()) == null,
                            put.queue().toString(),
                            "Refused a put as if the queue were not there");
                }
            }
            case Refusal.Busy busy ->
                    PromiseBroken.unless(
                            !attempt.settles() || machine.mayBeFull(),
                            "log",
                            "A commit that settles was refused: Busy");
            case Refusal.TooLarge large ->
                    PromiseBroken.unless(
                            large.bytes() > large.bytesMax(),
                            operation.toString(),
                            "Refused: %s",
                            large);
            case Refusal.Invalid invalid ->
                    PromiseBroken.unless(
                            operation instanceof Operation.Put put
                                    && put.message().group() != null
                                    && !put.message().delay().isZero(),
                            operation.toString(),
                            "Refused: %s",
                            invalid);
            default ->
                    throw new PromiseBroken(
                            "refusal", "Unexpected: " + refused + " to " + operation);
        }
        for (Held held : attempt.leases) {
            if (held != null) {
                held.enders.remove(attempt);
                held.sent.last.enders.remove(attempt);
            }
        }
    }

    /// The answers that left together have all been heard.
    void heard() {
        afterAnswers.forEach(Runnable::run);
        afterAnswers.clear();
    }

    // What becomes of the engine.

    /// The engine has ended without answering.
    ///
    /// @param power whether the power was cut
    void ended(boolean power, long durable) {
        afterAnswers.clear();
        for (Attempt attempt : pending) {
            for (Sent sent : attempt.puts) {
                if (sent != null && sent.fate == Fate.ASKED) {
                    sent.fate = Fate.UNKNOWN;
                }
            }
        }
        swallowedBefore.addAll(swallowing);
        swallowing.clear();
        unknown.addAll(pending);
        pending.clear();
        timed.removeIf(held -> held.ended);
        durableAtEnd = durable;
        if (power) {
            powerCut();
        }
        for (Held held : timed) {
            if (held.isSessionBound() || held.mayBeOver(machine.latest())) {
                held.mayHaveEnded = true;
            }
        }
    }

    /// The power is cut, perhaps while the engine opens after it was killed.
    void powerCut() {
        for (Held held : timed) {
            if (held.boot == boot && held.durable == durableAtEnd) {
                held.forgettable = true;
            }
        }
    }

    /// The engine runs again.
    void opened() {
        boot++;
        // What was told without an entry is no clock that the next opening goes on from.
        told = 0;
        deliveries.opened();
        long graceEnd = machine.clock().wallMillis() + plan.graceMillis();
        timed.removeIf(Held::isSessionBound);
        timed.forEach(held -> held.until = Math.max(held.until, graceEnd));
        names.rebooted();
    }

    /// Everything that was under way has been looked into.
    void resolved() {
        unknown.clear();
        swallowedBefore.clear();
    }
}
