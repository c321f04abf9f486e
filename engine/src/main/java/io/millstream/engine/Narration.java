package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
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

/// What entries of one commit mean for who follows a queue, told before any of them is applied.
final class Narration {
    private final State state;
    private final Map<Long, Definition.Queue> defined = new HashMap<>();
    private final List<Chronicle.Told> told = new ArrayList<>();

    Narration(State state) {
        this.state = state;
    }

    List<Chronicle.Told> told() {
        return told;
    }

    void add(Entry entry) {
        switch (entry) {
            case Entry.QueueDefined one -> defined.put(one.channel(), one.definition());
            case Entry.QueueRemoved(long channel, _) ->
                    tell(channel, new Lifecycle.Removed(life(channel)));
            case Entry.Put(long channel, long sequence, byte[] message) ->
                    put(channel, sequence, message);
            case Entry.FannedOut(List<Entry.FannedOut.Slot> slots, byte[] message) ->
                    slots.forEach(slot -> put(slot.channel(), slot.sequence(), message));
            case Entry.Taken taken -> taken(taken);
            case Entry.Settled(long channel, long sequence, boolean dead) -> {
                Place place = place(channel, sequence);
                tell(channel, dead ? Lifecycle.Dropped.one(place) : new Lifecycle.Done(place));
            }
            case Entry.Returned returned -> returned(returned);
            case Entry.Moved moved -> {
                Place from = place(moved.channel(), moved.sequence());
                Place to = place(moved.target(), moved.targetSequence());
                tell(moved.channel(), new Lifecycle.Dead(from, moved.cause(), moved.reason(), to));
                tell(moved.target(), Lifecycle.Stored.from(to, from));
            }
            case Entry.Transferred moved -> {
                Place from = place(moved.channel(), moved.sequence());
                Place to = place(moved.target(), moved.targetSequence());
                tell(moved.channel(), new Lifecycle.Moved(from, to));
                tell(moved.target(), Lifecycle.Stored.from(to, from));
            }
            case Entry.Replayed(long channel, _, long sequence) ->
                    tell(channel, Lifecycle.Stored.again(place(channel, sequence)));
            case Entry.Dropped(long channel, long sequence) ->
                    tell(channel, Lifecycle.Dropped.one(place(channel, sequence)));
            case Entry.Stranded one ->
                    tell(
                            one.channel(),
                            new Lifecycle.Stranded(
                                    place(one.channel(), one.sequence()),
                                    one.cause(),
                                    one.reason()));
            case Entry.Expired(long channel, List<Entry.Expired.Range> ranges) ->
                    ranges.forEach(range ->
                            tell(
                                    channel,
                                    new Lifecycle.Dropped(
                                            life(channel), range.first(), range.end())));
            case Entry.Purged(long channel, long upTo) ->
                    tell(channel, new Lifecycle.Purged(life(channel), upTo));
            case Entry.Extended _, Entry.ArchiveBegun _, Entry.Evacuated _ -> {}
            case Entry.Opened _, Entry.Restored _, Entry.RowWritten _, Entry.Answered _ -> {}
            case Entry.OfTopic _, Entry.OfRoute _ -> {}
        }
    }

    private void put(long channel, long sequence, byte[] message) {
        if (topicOf(channel) != null) {
            tell(
                    channel,
                    Lifecycle.Stored.put(place(channel, sequence), StoredMessage.head(message)));
        }
    }

    private void taken(Entry.Taken taken) {
        QueueState queue = state.queue(taken.channel());
        if (queue == null || topicOf(taken.channel()) == null) {
            return;
        }
        boolean ends = taken.deadline() > Entry.Taken.AUTO;
        Instant until = ends ? Instant.ofEpochMilli(taken.deadline()) : null;
        for (long sequence : taken.sequences()) {
            Place place = place(taken.channel(), sequence);
            int attempts = Standing.past(queue, sequence, state.now()).attempts() + 1;
            tell(taken.channel(), new Lifecycle.Taken(place, attempts, until));
            if (taken.deadline() == Entry.Taken.AUTO) {
                tell(taken.channel(), new Lifecycle.Done(place));
            }
        }
    }

    private void returned(Entry.Returned returned) {
        QueueState queue = state.queue(returned.channel());
        if (queue == null || topicOf(returned.channel()) == null) {
            return;
        }
        int attempts =
                Standing.past(queue, returned.sequence(), state.now()).attempts()
                        - (returned.uncount() == Entry.Uncount.NOTHING ? 0 : 1);
        tell(
                returned.channel(),
                new Lifecycle.Returned(
                        place(returned.channel(), returned.sequence()),
                        attempts,
                        returned.due() == 0 ? null : Instant.ofEpochMilli(returned.due())));
    }

    private void tell(long channel, Lifecycle event) {
        ChannelName topic = topicOf(channel);
        if (topic != null) {
            told.add(new Chronicle.Told(topic, event.message().body()));
        }
    }

    private Place place(long channel, long sequence) {
        return new Place(life(channel), sequence);
    }

    private Life life(long channel) {
        Definition.Queue definition = definition(channel);
        if (definition == null) {
            throw new IllegalStateException("Nobody knows channel " + channel);
        }
        return new Life(definition.name(), channel);
    }

    private @Nullable ChannelName topicOf(long channel) {
        Definition.Queue definition = definition(channel);
        return definition == null ? null : definition.lifecycle();
    }

    private Definition.@Nullable Queue definition(long channel) {
        Definition.Queue now = defined.isEmpty() ? null : defined.get(channel);
        if (now != null) {
            return now;
        }
        QueueState queue = state.queue(channel);
        return queue == null ? null : queue.definition();
    }
}
