package io.millstream.testkit.simulation;

import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.testkit.simulation.Sent.Fate;
import io.millstream.testkit.simulation.Sent.Held;
import io.millstream.testkit.simulation.Sent.Life;

import java.time.Instant;

/// The leases that reach clients: whether each one can be, after all that they were told before.
final class Deliveries {
    private final History history;
    private final Names names;
    private final Plan plan;
    private final Machine machine;
    private final Trace trace;
    private final GroupOrder groups;
    private int epoch;
    private int epochBefore;
    private long delivered;

    Deliveries(History history, Plan plan, Machine machine, Trace trace) {
        this.history = history;
        this.names = history.names();
        this.plan = plan;
        this.machine = machine;
        this.trace = trace;
        this.groups = new GroupOrder(history);
    }

    long delivered() {
        return delivered;
    }

    /// The engine runs again, in another epoch.
    void opened() {
        epochBefore = Math.max(epochBefore, epoch);
        epoch = 0;
    }

    /// A lease has reached a client.
    ///
    /// @param at the engine's clock when it was made, or 0 if it is not known
    /// @param late whether it had ended before it arrived
    /// @return what is to be settled, or null if it is settled
    Held delivered(Lease lease, Term term, long at, boolean late) {
        delivered++;
        Message message = lease.message();
        Sent sent = history.message(message.id());
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
        groups.check(sent, life, lease, term instanceof Term.Auto, latest);
        seenStored(sent, lease.stored());
        PromiseBroken.unless(
                at == 0 || mayKeep(life, at - sent.stored),
                sent.id,
                "Delivered at %d, though it was stored at %d and %s does not keep it so long",
                at,
                sent.stored,
                life.name);
        PromiseBroken.unless(
                latest >= dueOf(sent, lease),
                sent.id,
                "Delivered at %d, though it was to wait until %d",
                latest,
                dueOf(sent, lease));
        sent.fate = Fate.STORED;
        sent.notBefore = 0;
        if (term instanceof Term.Auto) {
            sent.gone = "it was settled by being delivered";
            return null;
        }
        Held held = new Held(sent, life, lease, term, history.boot(), machine.durable());
        // What was asked for while it was on its way may have ended it already.
        held.mayHaveEnded = sent.atRisk;
        sent.removers.stream().filter(one -> !one.answered).forEach(held.enders::add);
        sent.last = held;
        history.holds(held);
        return held;
    }

    /// A dead letter waits no more because of its delay.
    private static long dueOf(Sent sent, Lease lease) {
        return lease.via() instanceof Via.Direct
                ? Math.max(sent.notBefore, sent.stored + sent.message.delay().toMillis())
                : sent.notBefore;
    }

    /// Whether a queue may be such that it keeps a message so long.
    private boolean mayKeep(Life life, long age) {
        return life.definition == null
                || Names.keeps(life.definition, age)
                || Names.keeps(life.before, age)
                || history.pending()
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
        boolean first =
                lease.deliveries() == 1
                        && lease.via() instanceof Via.Direct
                        && Specials.isPlain(lease.message());
        // What is settled by being delivered waits longer than what is leased after it.
        boolean mixed = plan.auto() && life.name.name().equals("q0");
        if (!first || plan.cancels() || mixed) {
            return;
        }
        long sequence = lease.handle().sequence();
        // A take that got something new waits longer than a later one that did not.
        boolean isOvertaken =
                plan.features().areAny()
                        && life.firstDeliveredBy != null
                        && lease.handle().fence().position() < life.firstDeliveredBy.position();
        PromiseBroken.unless(
                sequence > life.firstDelivered || isOvertaken,
                lease.message().id(),
                "%d of %s was first delivered after %d",
                sequence,
                life.name,
                life.firstDelivered);
        if (sequence > life.firstDelivered) {
            life.firstDelivered = sequence;
            life.firstDeliveredBy = lease.handle().fence();
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
}
