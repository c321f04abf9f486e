package io.millstream.testkit.memory;

import io.millstream.api.Message;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Receipt.Effect;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a queue keeps of its messages that were settled as done. Guarded by the backend's lock.
final class Kept {
    private final MemoryQueue queue;

    /// All since the queue keeps any, in the order of the settles; those whose time is over remain,
    /// so that a place is always the same one's.
    private List<One> all = new ArrayList<>();

    /// One of them.
    ///
    /// @param sequence which it was
    /// @param type what it was, as far as the queue had noted it
    /// @param settled when
    /// @param gone whether its time was over when another one was declared
    private record One(
            long sequence, Message message, @Nullable String type, Moment settled, boolean gone) {

        One goes() {
            return new One(sequence, message, type, settled, true);
        }
    }

    Kept(MemoryQueue queue) {
        this.queue = queue;
    }

    private @Nullable Duration time() {
        return queue.declared().definition().keepSettled();
    }

    private boolean isThere(One one, Duration time) {
        return !one.gone && queue.store().now().isBefore(one.settled.plus(time));
    }

    /// The queue is about to be declared anew.
    void declared(@Nullable Duration next) {
        Duration time = time();
        List<One> before = all;
        if (next == null || time == null) {
            all = new ArrayList<>();
        } else {
            all = new ArrayList<>(before);
            all.replaceAll(one -> isThere(one, time) ? one : one.goes());
        }
        queue.store().journal().changed(() -> all = before);
    }

    void keep(Entry entry) {
        if (time() != null) {
            One one =
                    new One(
                            entry.sequence(),
                            entry.message(),
                            queue.notedType(entry),
                            queue.store().now(),
                            false);
            all.add(one);
            queue.store().journal().changed(() -> all.remove(one));
        }
    }

    /// One has not been settled after all.
    void takeBack(long sequence) {
        all.removeIf(one -> one.sequence == sequence);
    }

    long count() {
        Duration time = time();
        return time == null ? 0 : all.stream().filter(one -> isThere(one, time)).count();
    }

    Effect.Replayed replay(Edit.Replay replay) {
        Duration time = time();
        int most = Math.min(replay.messages(), Edit.Replay.MESSAGES_MAX);
        int put = 0;
        long after = replay.after();
        for (int i = (int) Math.min(after, all.size()); time != null && i < all.size(); i++) {
            One one = all.get(i);
            Instant settled = one.settled.wall();
            if (!settled.isBefore(replay.until())) break;
            if (put == most) return new Effect.Replayed(put, after, true);
            if (isThere(one, time) && !settled.isBefore(replay.since())) {
                var _ = queue.putMoved(one.message, one.type, null);
                put++;
            }
            after = i + 1L;
        }
        return new Effect.Replayed(put, after, false);
    }
}
