package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.Message;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Standing;
import io.millstream.engine.state.State;
import io.millstream.engine.state.StoredMessage;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What entries of one commit mean for who follows a queue, told before any of them is applied.
final class Narration {
    private final State state;
    private final Set<Long> tellers;
    private final long bytesMax;
    private final List<Chronicle.Told> told = new ArrayList<>();
    private Map<Long, Definition.Queue> defined = Map.of();
    private long bytes;

    /// @param tellers the queues that tell somebody, by their channels
    /// @param bytesMax ends where it has told more than this, in bytes of bodies
    Narration(State state, Set<Long> tellers, long bytesMax) {
        this.state = state;
        this.tellers = tellers;
        this.bytesMax = bytesMax;
    }

    List<Chronicle.Told> told() {
        return told;
    }

    /// Whether there was more to be told than may be: not all of it is told.
    boolean isTooLong() {
        return bytes > bytesMax;
    }

    void addAll(List<Entry> entries) {
        for (Entry entry : entries) {
            if (isTooLong()) {
                return;
            }
            add(entry);
        }
    }

    private void add(Entry entry) {
        switch (entry) {
            case Entry.QueueDefined one -> defined(one.channel(), one.definition());
            case Entry.QueueRemoved(long channel, _) -> {
                if (tells(channel)) {
                    tell(channel, new Lifecycle.Removed(life(channel)));
                }
            }
            case Entry.Put(long channel, long sequence, byte[] message) -> {
                if (tells(channel)) {
                    put(channel, sequence, StoredMessage.head(message));
                }
            }
            case Entry.FannedOut fanned -> fannedOut(fanned);
            case Entry.Taken taken -> taken(taken);
            case Entry.Settled(long channel, long sequence, boolean dead) -> {
                if (tells(channel)) {
                    Place place = place(channel, sequence);
                    tell(channel, dead ? Lifecycle.Dropped.one(place) : new Lifecycle.Done(place));
                }
            }
            case Entry.Returned returned -> returned(returned);
            case Entry.BetweenQueues between -> between(between);
            case Entry.Replayed(long channel, _, long sequence) -> {
                if (tells(channel)) {
                    tell(channel, Lifecycle.Stored.again(place(channel, sequence)));
                }
            }
            case Entry.Dropped(long channel, long sequence) -> {
                if (tells(channel)) {
                    tell(channel, Lifecycle.Dropped.one(place(channel, sequence)));
                }
            }
            case Entry.Stranded one -> stranded(one);
            case Entry.Expired expired -> expired(expired);
            case Entry.Purged(long channel, long upTo) -> {
                if (tells(channel)) {
                    tell(channel, new Lifecycle.Purged(life(channel), upTo));
                }
            }
            case Entry.Extended _, Entry.ArchiveBegun _, Entry.Evacuated _ -> {}
            case Entry.Opened _, Entry.Restored _, Entry.RowWritten _, Entry.Answered _ -> {}
            case Entry.OfTopic _, Entry.OfRoute _ -> {}
        }
    }

    /// Whoever it told until now hears that this is over.
    private void defined(long channel, Definition.Queue now) {
        Definition.Queue before = tells(channel) ? definition(channel) : null;
        if (before != null && !Objects.equals(before.lifecycle(), now.lifecycle())) {
            tell(channel, new Lifecycle.Left(life(channel)));
        }
        if (defined.isEmpty()) {
            defined = new HashMap<>();
        }
        defined.put(channel, now);
    }

    private void put(long channel, long sequence, Message head) {
        tell(channel, Lifecycle.Stored.put(place(channel, sequence), head));
    }

    private void fannedOut(Entry.FannedOut fanned) {
        Message head = null;
        for (Entry.FannedOut.Slot slot : fanned.slots()) {
            if (tells(slot.channel()) && !isTooLong()) {
                head = head == null ? StoredMessage.head(fanned.message()) : head;
                put(slot.channel(), slot.sequence(), head);
            }
        }
    }

    private void taken(Entry.Taken taken) {
        long channel = taken.channel();
        QueueState queue = state.queue(channel);
        if (queue == null || !tells(channel)) {
            return;
        }
        boolean ends = taken.deadline() > Entry.Taken.AUTO;
        Instant until = ends ? Instant.ofEpochMilli(taken.deadline()) : null;
        for (long sequence : taken.sequences()) {
            Place place = place(channel, sequence);
            int attempts = Standing.past(queue, sequence, state.now()).attempts() + 1;
            tell(channel, new Lifecycle.Taken(place, attempts, until));
            if (taken.deadline() == Entry.Taken.AUTO) {
                tell(channel, new Lifecycle.Done(place));
            }
        }
    }

    private void returned(Entry.Returned returned) {
        long channel = returned.channel();
        QueueState queue = state.queue(channel);
        if (queue == null || !tells(channel)) {
            return;
        }
        int used = Standing.past(queue, returned.sequence(), state.now()).attempts();
        tell(
                channel,
                new Lifecycle.Returned(
                        place(channel, returned.sequence()),
                        returned.uncount() == Entry.Uncount.NOTHING ? used : used - 1,
                        returned.due() == 0 ? null : Instant.ofEpochMilli(returned.due())));
    }

    private void between(Entry.BetweenQueues moved) {
        if (!tells(moved.channel()) && !tells(moved.target())) {
            return;
        }
        Place from = place(moved.channel(), moved.sequence());
        Place to = place(moved.target(), moved.targetSequence());
        if (tells(moved.channel())) {
            tell(
                    moved.channel(),
                    switch (moved) {
                        case Entry.Moved dead ->
                                new Lifecycle.Dead(from, dead.cause(), dead.reason(), to);
                        case Entry.Transferred _ -> new Lifecycle.Moved(from, to);
                    });
        }
        if (tells(moved.target())) {
            tell(moved.target(), Lifecycle.Stored.from(to, from));
        }
    }

    private void stranded(Entry.Stranded one) {
        if (tells(one.channel())) {
            tell(
                    one.channel(),
                    new Lifecycle.Stranded(
                            place(one.channel(), one.sequence()), one.cause(), one.reason()));
        }
    }

    private void expired(Entry.Expired expired) {
        if (tells(expired.channel())) {
            Life life = life(expired.channel());
            expired.ranges()
                    .forEach(range ->
                            tell(
                                    expired.channel(),
                                    new Lifecycle.Dropped(life, range.first(), range.end())));
        }
    }

    // Whom a queue tells.

    /// Asked of each entry, and answered by no for most: without a look at the queue.
    private boolean tells(long channel) {
        Definition.Queue now = defined.isEmpty() ? null : defined.get(channel);
        return now == null ? tellers.contains(channel) : now.lifecycle() != null;
    }

    private void tell(long channel, Lifecycle event) {
        ChannelName topic = definition(channel).lifecycle();
        if (topic != null) {
            Chronicle.Told one = new Chronicle.Told(topic, event.message().body());
            told.add(one);
            bytes += one.bytes();
        }
    }

    private Place place(long channel, long sequence) {
        return new Place(life(channel), sequence);
    }

    private Life life(long channel) {
        return new Life(definition(channel).name(), channel);
    }

    private Definition.Queue definition(long channel) {
        Definition.@Nullable Queue now = defined.isEmpty() ? null : defined.get(channel);
        if (now != null) {
            return now;
        }
        QueueState queue = state.queue(channel);
        if (queue == null) {
            throw new IllegalStateException("Nobody knows channel " + channel);
        }
        return queue.definition();
    }
}
