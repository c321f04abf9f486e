package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Tells a queue's lifecycle topic, if it has one, what happens to its messages. Guarded by the
/// backend's lock.
final class Telling {
    private final MemoryQueue queue;

    Telling(MemoryQueue queue) {
        this.queue = queue;
    }

    Lifecycle.Place place(long sequence) {
        return new Lifecycle.Place(life(), sequence);
    }

    private Lifecycle.Life life() {
        return new Lifecycle.Life(queue.name(), queue.incarnation());
    }

    void put(long sequence, Message message) {
        tell(Lifecycle.Stored.put(place(sequence), message));
    }

    /// @param from where it was, or null if it was settled here
    void comes(long sequence, Lifecycle.@Nullable Place from) {
        tell(new Lifecycle.Stored(place(sequence), null, from));
    }

    void goes(long sequence, Lifecycle.Place to) {
        tell(new Lifecycle.Moved(place(sequence), to));
    }

    /// @param ends when the lease ends by itself, or null
    void taken(Entry out, @Nullable Moment ends) {
        tell(
                new Lifecycle.Taken(
                        place(out.sequence()), out.attempts(), ends == null ? null : ends.wall()));
    }

    /// It was leased, or stuck, and is not any more.
    ///
    /// @param due until when it waits, or null
    void returned(Entry entry, @Nullable Moment due) {
        if (entry.isLeased() || entry.isStuck()) {
            tell(
                    new Lifecycle.Returned(
                            place(entry.sequence()),
                            entry.attempts(),
                            due == null ? null : due.wall()));
        }
    }

    void done(long sequence) {
        tell(new Lifecycle.Done(place(sequence)));
    }

    void dropped(long sequence) {
        tell(Lifecycle.Dropped.one(place(sequence)));
    }

    void stranded(long sequence, Via.Cause cause, String reason) {
        tell(new Lifecycle.Stranded(place(sequence), cause, reason));
    }

    void dead(long sequence, Via.Cause cause, String reason, Lifecycle.Place to) {
        tell(new Lifecycle.Dead(place(sequence), cause, reason, to));
    }

    void purged(long end) {
        tell(new Lifecycle.Purged(life(), end));
    }

    /// It is about to be declared to tell this topic, or nobody.
    void declared(@Nullable ChannelName next) {
        if (!Objects.equals(next, queue.declared().definition().lifecycle())) {
            tell(new Lifecycle.Left(life()));
        }
    }

    void removed() {
        tell(new Lifecycle.Removed(life()));
    }

    private void tell(Lifecycle event) {
        ChannelName topic = queue.declared().definition().lifecycle();
        if (topic != null) queue.store().tell(topic, event);
    }
}
