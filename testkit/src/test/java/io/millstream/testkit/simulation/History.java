package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Term;
import io.millstream.api.Via;
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

    private final Set<ChannelName> swallowing = new HashSet<>();
    private final Set<ChannelName> swallowedBefore = new HashSet<>();
    private final List<Held> timed = new ArrayList<>();
    private int boot;
    private long durableAtEnd;
    private int epoch;
    private int epochBefore;
    private long delivered;

    /// The latest time by the engine's clock in any receipt. That clock stands still while a frame
    /// is open, so nothing else tells how late it is at least.
    private long told;

    History(Plan plan, Machine machine, Trace trace) {
        this.plan = plan;
        this.machine = machine;
        this.trace = trace;
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
        return delivered;
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
                    settled(attempt, index, settle, (Receipt.Effect.Settled) effect, now);
            case Operation.Extend extend -> {
                requireCurrent(attempt, index);
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
            case Operation.Check check -> requireCurrent(attempt, index);
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
        seenStored(sent, now);
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

    /// When a message was stored never changes, wherever it goes.
    void seenStored(Sent sent, Instant at) {
        PromiseBroken.unless(
                sent.storedIsKnown
                        ? at.toEpochMilli() == sent.stored
                        : at.toEpochMilli() >= sent.stored,
                sent.id,
                "Stored at %d, then at %d",
                sent.stored,
                at.toEpochMilli());
        sent.stored = at.toEpochMilli();
        sent.storedIsKnown = true;
    }

    private void settled(
            Attempt attempt,
            int index,
            Operation.Settle settle,
            Receipt.Effect.Settled effect,
            Instant now) {
        Held held = attempt.leases[index];
        Sent sent = held.sent;
        if (settle.stale() == Operation.Stale.ACCEPT) {
            if (sent.life == held.life && names.isLast(held.life.name)) {
                afterAnswers.add(() -> sent.gone = "it was settled by any handle");
            }
            return;
        }
        requireCurrent(attempt, index);
        held.ended = true;
        switch (settle.outcome()) {
            case Outcome.Done done -> sent.gone = "it was settled as done";
            case Outcome.Dead dead -> buried(held, effect);
            case Outcome.Retry retry -> {
                int attempts = held.attempts - (retry.counts() ? 0 : 1);
                int limit = definitionOf(held).maxAttempts();
                if (limit > 0 && attempts >= limit) {
                    buried(held, effect);
                } else {
                    PromiseBroken.unless(
                            effect.deadLetter() == null, sent.id, "Buried, not given back");
                    if (!retry.after().isZero() && sent.last == held) {
                        sent.notBefore = now.plus(retry.after()).toEpochMilli();
                    }
                }
            }
        }
        if (!(settle.outcome() instanceof Outcome.Done)) {
            sent.removers.remove(attempt);
        }
    }

    /// A settle that was accepted found the lease's queue in its present life.
    private Definition.Queue definitionOf(Held held) {
        Life life = names.life(held.handle.queue());
        PromiseBroken.unless(
                life != null, held.sent.id, "Settled in %s, which is gone", held.handle.queue());
        return life.definition;
    }

    private void buried(Held held, Receipt.Effect.Settled effect) {
        Sent sent = held.sent;
        ChannelName target = definitionOf(held).deadLetter();
        Life life = target == null ? null : names.life(target);
        ChannelName expected = life == null ? null : target;
        PromiseBroken.unless(
                java.util.Objects.equals(expected, effect.deadLetter()),
                sent.id,
                "Dead-lettered to %s, though its queue says %s",
                effect.deadLetter(),
                expected);
        if (target == null) {
            sent.gone = "it was given up and has no dead-letter queue";
        } else if (life == null) {
            // It waits for its target, or for a definition that drops it.
            sent.stranded = true;
        } else if (sent.last == held) {
            sent.life = life;
            sent.sequence = 0;
            sent.deaths++;
        }
    }

    /// Only the newest lease may be settled, extended or checked, and only once.
    private void requireCurrent(Attempt attempt, int index) {
        Held held = attempt.leases[index];
        PromiseBroken.unless(!held.ended, held.sent.id, "%s was settled before", held.handle);
        PromiseBroken.unless(
                attempt.newest[index].equals(held.fence()),
                held.sent.id,
                "%s was accepted after %s had been handed out",
                held.handle,
                attempt.newest[index]);
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
            case Refusal.StaleFence stale -> requireStale(attempt, index);
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

    /// A lease that is surely current must not be refused.
    private void requireStale(Attempt attempt, int index) {
        Held held = attempt.leases[index];
        boolean current =
                !held.ended
                        && !held.mayHaveEnded
                        && !held.forgettable
                        && held.enders.stream().allMatch(ender -> ender == attempt)
                        && held.sent.removers.isEmpty()
                        && !held.sent.atRisk
                        && held.sent.last == held
                        && machine.latest() < held.until;
        PromiseBroken.unless(!current, held.sent.id, "%s was refused as stale", held.handle);
    }

    /// A lease has reached a client.
    ///
    /// @param at the engine's clock when it was made, or 0 if it is not known
    /// @param late whether it had ended before it arrived
    /// @return what is to be settled, or null if it is settled
    Held delivered(Lease lease, Term term, long at, boolean late) {
        delivered++;
        Message message = lease.message();
        Sent sent = messages.get(message.id());
        PromiseBroken.unless(sent != null, "message", "%s was never sent", message.id());
        trace.tell(sent.id, () -> "delivered " + Words.of(lease));
        PromiseBroken.unless(
                message.equals(sent.message), sent.id, "Delivered otherwise than it was sent");
        PromiseBroken.unless(sent.gone == null, sent.id, "Delivered, though %s", sent.gone);
        PromiseBroken.unless(
                sent.fate != Fate.REFUSED, sent.id, "Delivered, though its put was refused");
        Life life = names.of(lease.handle().queue(), lease.handle().incarnation());
        if (late) {
            sent.fate = Fate.STORED;
            return null;
        }
        long latest = at == 0 ? machine.latest() : at;
        checkPlace(sent, life, lease);
        checkFence(sent, lease, latest);
        checkOrder(life, lease);
        seenStored(sent, lease.stored());
        PromiseBroken.unless(
                at == 0 || mayKeep(life, at - sent.stored),
                sent.id,
                "Delivered at %d, though it was stored at %d and %s does not keep it so long",
                at,
                sent.stored,
                life.name);
        PromiseBroken.unless(
                latest >= sent.notBefore,
                sent.id,
                "Delivered at %d, though it was to wait until %d",
                latest,
                sent.notBefore);
        sent.fate = Fate.STORED;
        sent.notBefore = 0;
        if (term instanceof Term.Auto) {
            sent.gone = "it was settled by being delivered";
            return null;
        }
        Held held = new Held(sent, life, lease, term, boot, machine.durable());
        // What was asked for while it was on its way may have ended it already.
        held.mayHaveEnded = sent.atRisk;
        sent.removers.stream().filter(one -> !one.answered).forEach(held.enders::add);
        sent.last = held;
        timed.add(held);
        return held;
    }

    /// Whether a queue may be such that it keeps a message so long.
    private boolean mayKeep(Life life, long age) {
        return life.definition == null
                || Names.keeps(life.definition, age)
                || Names.keeps(life.before, age)
                || pending.stream()
                        .flatMap(attempt -> attempt.operations.stream())
                        .anyMatch(operation ->
                                operation instanceof Operation.Define(Definition.Queue queue, var _)
                                        && queue.name().equals(life.name)
                                        && Names.keeps(queue, age));
    }

    private void checkPlace(Sent sent, Life life, Lease lease) {
        long sequence = lease.handle().sequence();
        PromiseBroken.unless(
                !life.removed || life.purgedBelow == 0,
                sent.id,
                "Delivered from %s, which was removed",
                life.name);
        PromiseBroken.unless(
                sequence >= life.purgedBelow,
                sent.id,
                "Delivered, though %s was purged",
                life.name);
        switch (lease.via()) {
            case Via.Direct direct -> {
                PromiseBroken.unless(
                        sent.deaths == 0 && life.name.equals(sent.origin),
                        sent.id,
                        "Sent to %s, died %d times, delivered from %s as if directly",
                        sent.origin,
                        sent.deaths,
                        life.name);
                PromiseBroken.unless(
                        sent.sequence == 0 || sent.sequence == sequence,
                        sent.id,
                        "Stored at %d, delivered from %d",
                        sent.sequence,
                        sequence);
            }
            case Via.DeadLettered dead -> {
                PromiseBroken.unless(
                        dead.deaths() >= sent.deaths && dead.deaths() > 0,
                        sent.id,
                        "Died %d times, then %d",
                        sent.deaths,
                        dead.deaths());
                PromiseBroken.unless(
                        names.isEdge(dead.from(), life.name) && names.leads(sent.origin, life.name),
                        sent.id,
                        "Dead-lettered from %s to %s, though nobody said so",
                        dead.from(),
                        life.name);
                sent.deaths = dead.deaths();
            }
        }
        sent.life = life;
        sent.sequence = sequence;
    }

    private void checkFence(Sent sent, Lease lease, long latest) {
        Fence fence = lease.handle().fence();
        if (epoch == 0) {
            PromiseBroken.unless(
                    fence.epoch() > epochBefore,
                    sent.id,
                    "Epoch %d after epoch %d",
                    fence.epoch(),
                    epochBefore);
            epoch = fence.epoch();
        }
        PromiseBroken.unless(fence.epoch() == epoch, sent.id, "%s in epoch %d", fence, epoch);
        int limit = names.attemptsMax(lease.handle().queue());
        PromiseBroken.unless(
                lease.attempts() <= limit,
                sent.id,
                "Delivered for the %d. time of %d",
                lease.attempts(),
                limit);
        Held before = sent.last;
        if (before == null) {
            return;
        }
        Fence last = before.fence();
        PromiseBroken.unless(
                fence.epoch() > last.epoch()
                        || (fence.epoch() == last.epoch() && fence.position() > last.position()),
                sent.id,
                "%s came after %s",
                fence,
                last);
        PromiseBroken.unless(
                before.mayBeOver(latest),
                sent.id,
                "Delivered by %s at %d, while %s lasts until %d",
                fence,
                latest,
                last,
                before.until);
        PromiseBroken.unless(
                lease.deliveries() > before.sureDeliveries(),
                sent.id,
                "Delivered %d times, then %d",
                before.deliveries,
                lease.deliveries());
    }

    private void checkOrder(Life life, Lease lease) {
        boolean first = lease.deliveries() == 1 && lease.via() instanceof Via.Direct;
        // What is settled by being delivered waits longer than what is leased after it.
        boolean mixed = plan.auto() && life.name.name().equals("q0");
        if (!first || plan.cancels() || mixed) {
            return;
        }
        long sequence = lease.handle().sequence();
        PromiseBroken.unless(
                sequence > life.firstDelivered,
                lease.message().id(),
                "%d of %s was first delivered after %d",
                sequence,
                life.name,
                life.firstDelivered);
        life.firstDelivered = sequence;
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
        epochBefore = Math.max(epochBefore, epoch);
        epoch = 0;
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
