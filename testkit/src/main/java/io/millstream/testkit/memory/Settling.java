package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Handle;
import io.millstream.api.Operation.Check;
import io.millstream.api.Operation.Extend;
import io.millstream.api.Operation.Settle;
import io.millstream.api.Operation.Stale;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;
import io.millstream.testkit.memory.Commits.Step;
import io.millstream.testkit.memory.Entry.State.Leased;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// What the holder of a lease may do with it. Guarded by the backend's lock.
final class Settling {

    private final Store store;

    Settling(Store store) {
        this.store = store;
    }

    Step settle(Settle settle) {
        Handle handle = settle.handle();
        if (settle.stale() == Stale.ACCEPT && !(settle.outcome() instanceof Outcome.Done)) {
            return Step.refused(
                    new Refusal.Invalid(
                            "Only done is taken from a lease that may have ended, not "
                                    + settle.outcome()
                                    + ". Settle with the rule REFUSE."));
        }
        MemoryQueue queue = queue(handle);
        if (queue == null) {
            boolean another = store.queue(handle.queue()) != null;
            return another && settle.stale() == Stale.ACCEPT
                    ? Step.did(new Effect.Settled(null))
                    : Step.refused(new Refusal.NoSuchChannel(handle.queue()));
        }
        Entry entry = queue.entry(handle.sequence());
        boolean current = entry != null && MemoryQueue.isCurrent(entry, handle.fence());
        if (!current && settle.stale() == Stale.REFUSE) {
            return Step.refused(new Refusal.StaleFence(handle));
        }
        ChannelName deadLetter = entry == null ? null : settle(queue, entry, settle.outcome());
        return Step.did(new Effect.Settled(deadLetter));
    }

    private static @Nullable ChannelName settle(MemoryQueue queue, Entry entry, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> {
                queue.finish(entry);
                yield null;
            }
            case Outcome.Dead(String reason) -> queue.giveUp(entry, Via.Cause.REJECTED, reason);
            case Outcome.Retry(Duration after, boolean counts) -> {
                Entry again = counts ? entry : entry.withAttempts(entry.attempts() - 1);
                if (after.isZero() || queue.isUsedUp(again)) yield queue.makeReady(again);
                queue.delay(again, after);
                yield null;
            }
        };
    }

    Step extend(Extend extend) {
        Handle handle = extend.handle();
        MemoryQueue queue = queue(handle);
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(handle.queue()));
        Entry entry = queue.entry(handle.sequence());
        if (entry == null
                || !(entry.state() instanceof Leased lease)
                || !lease.fence().equals(handle.fence())) {
            return Step.refused(new Refusal.StaleFence(handle));
        }
        if (lease.ends() == null) {
            return Step.refused(
                    new Refusal.Invalid(
                            "The lease of message "
                                    + handle.sequence()
                                    + " in "
                                    + handle.queue()
                                    + " lasts as long as its session and needs no extension."));
        }
        Moment until = store.now().plus(extend.length());
        queue.replace(entry.sequence(), entry.with(lease.until(until)));
        return Step.did(new Effect.Extended(until.wall()));
    }

    Step check(Check check) {
        Handle handle = check.handle();
        MemoryQueue queue = queue(handle);
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(handle.queue()));
        Entry entry = queue.entry(handle.sequence());
        return entry != null && MemoryQueue.isCurrent(entry, handle.fence())
                ? Step.did(Effect.Plain.PLAIN)
                : Step.refused(new Refusal.StaleFence(handle));
    }

    /// The queue in the life that the handle means, or null.
    private @Nullable MemoryQueue queue(Handle handle) {
        MemoryQueue queue = store.queue(handle.queue());
        return queue != null && queue.incarnation() == handle.incarnation() ? queue : null;
    }
}
