package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Decides what becomes of messages that are dead: they go to the dead-letter target, wait for it
/// if it is not there, or are dropped where there is none.
final class Burial {
    private final State state;
    private final Tentative tentative;
    private final List<Entry> entries;

    /// @param entries where to add what happens
    Burial(State state, Tentative tentative, List<Entry> entries) {
        this.state = state;
        this.tentative = tentative;
        this.entries = entries;
    }

    /// A message is dead that was handed out.
    ///
    /// @return where it goes, or null
    @Nullable ChannelName bury(Delivery delivery, Via.Cause cause, String reason) {
        long channel = delivery.queue.channel();
        Tentative.Target source =
                Invariant.present(tentative.queue(channel), "There is no channel %d", channel);
        if (source.definition.deadLetter() == null) {
            entries.add(new Entry.Settled(channel, delivery.sequence, true));
            return null;
        }
        return bury(source, delivery.sequence, delivery.bytes, cause, reason);
    }

    /// A message is dead, whether it was handed out or not, which may be put by this commit.
    ///
    /// @param bytes how much it takes as it is stored
    /// @return where it goes, or null
    @Nullable ChannelName bury(
            Tentative.Target source, long sequence, int bytes, Via.Cause cause, String reason) {
        ChannelName deadLetter = source.definition.deadLetter();
        if (deadLetter == null
                || Deaths.isCircle(
                        arrival(source.channel, sequence), source.definition.name(), cause)) {
            entries.add(new Entry.Dropped(source.channel, sequence));
            return null;
        }
        Tentative.Target target = tentative.queue(deadLetter);
        if (target == null) {
            entries.add(new Entry.Stranded(source.channel, sequence, cause, reason));
            return null;
        }
        // It is taken however full that is, and leaves less room to what comes after it.
        target.waitingMessages++;
        target.waitingBytes += bytes;
        tentative.comes(target, source, sequence);
        entries.add(
                new Entry.Moved(
                        source.channel, sequence, target.channel, target.end++, cause, reason));
        return deadLetter;
    }

    private @Nullable Arrival arrival(long channel, long sequence) {
        QueueState queue = state.queue(channel);
        return queue == null ? null : queue.arrival(sequence);
    }
}
