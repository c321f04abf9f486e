package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.state.Delivery.Status;
import io.millstream.engine.state.Entry.Evacuated;
import io.millstream.engine.state.Entry.Expired;
import io.millstream.engine.state.Entry.Extended;
import io.millstream.engine.state.Entry.Purged;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.QueueRemoved;
import io.millstream.engine.state.Entry.Returned;
import io.millstream.engine.state.Entry.Settled;
import io.millstream.engine.state.Entry.Stranded;
import io.millstream.engine.state.Entry.Taken;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Folds a log that has holes.
///
/// Until the first hole this is [State#apply], and what that refuses is a bug. Behind it, an entry
/// is evidence of what the hole must have said: a put with a later sequence than the next one, of
/// puts that are lost; a settle of a message that was never handed out, of its take. What is only
/// possible is decided so that a message is rather delivered again than lost.
public final class Salvage {
    private static final String NAMELESS = "recovered-";

    /// Each opening writes a frame of its own, and none is shorter.
    private static final int OPENING_BYTES_MIN = 4096;

    private final State state;

    /// By channel: put inside a hole, and not known to be settled since.
    private final Map<Long, Ranges> missing = new TreeMap<>();

    /// By channel: may have been settled inside a hole.
    private final Map<Long, Ranges> doubtful = new TreeMap<>();

    /// Queues whose definition is lost.
    private final Set<Long> nameless = new TreeSet<>();

    /// Queues that nothing has been put into since the last hole: nobody knows what was in it.
    private final Set<Long> openEnded = new TreeSet<>();

    /// Channels of what queues had kept when something was lost: all of it is given up, because
    /// nobody knows what was kept at which place.
    private final Set<Long> archives = new TreeSet<>();

    private final TopicSalvage topics;
    private long lostBytes;

    /// Goes on from `state`.
    public Salvage(State state) {
        this.state = state;
        this.topics = new TopicSalvage(state);
    }

    /// What has been folded.
    public State state() {
        return state;
    }

    /// What is known of topics.
    public TopicSalvage topics() {
        return topics;
    }

    /// The name of a channel that has lost its own.
    static ChannelName nameFor(long channel) {
        return ChannelName.of(NAMELESS + channel);
    }

    /// The sequences, by channel, of messages whose puts are lost, as far as nothing says that they
    /// were settled.
    public Map<Long, Ranges> missing() {
        return Collections.unmodifiableMap(missing);
    }

    /// The sequences, by channel, of messages that may have been settled inside a hole.
    public Map<Long, Ranges> doubtful() {
        return Collections.unmodifiableMap(doubtful);
    }

    /// Whether any stretch of the log could not be read.
    public boolean hasHoles() {
        return lostBytes > 0;
    }

    /// The channels of queues that had to be given a name because theirs is lost.
    public Set<Long> nameless() {
        return Collections.unmodifiableSet(nameless);
    }

    /// The channels of queues that may have lost messages at their end: nothing was put into them
    /// after the last hole, which would tell.
    public Set<Long> openEnded() {
        return Collections.unmodifiableSet(openEnded);
    }

    /// A stretch of the log cannot be read.
    ///
    /// @param bytes its length
    /// @param oneFrame whether it was a single frame: a message is never both handed out and
    ///   settled in one, unless it is settled by being delivered
    public void lost(long bytes, boolean oneFrame) {
        lostBytes += bytes;
        topics.lost();
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            if (queue.isArchive()) {
                archives.add(queue.channel());
                continue;
            }
            openEnded.add(queue.channel());
            Ranges doubts = doubtful.computeIfAbsent(queue.channel(), channel -> new Ranges());
            for (Delivery delivery : queue.deliveries()) {
                if (!oneFrame
                        || delivery.status == Status.LEASED
                        || delivery.status == Status.STRANDED) {
                    doubts.add(delivery.sequence);
                }
            }
            if (!oneFrame) {
                // A take costs a byte for each message at least.
                long cursor = queue.cursor().at;
                doubts.add(cursor, Math.min(queue.end(), cursor + bytes) - 1);
                doubtElsewhere(queue, doubts);
            }
        }
        Archive.endAll(state);
    }

    /// Any message that is not handed out in the order of puts may have been.
    private static void doubtElsewhere(QueueState queue, Ranges doubts) {
        if (queue.lanes().fresh() == 0) {
            return;
        }
        for (long next = queue.next(0); next >= 0; next = queue.next(next)) {
            if (queue.delivery(next) == null && queue.locate(next).mark().isElsewhere()) {
                doubts.add(next);
            }
        }
    }

    /// Moves the clock.
    public void advance(long now) {
        state.advance(now);
    }

    /// Does what `entry` says, as far as it still applies.
    public void apply(Entry entry, long position, int bytes) {
        if (lostBytes == 0) {
            state.apply(entry, position, bytes);
            return;
        }
        switch (entry) {
            case Entry.Opened _, Entry.Restored _, Entry.RowWritten _, Entry.OfRoute _ ->
                    state.apply(entry, position, bytes);
            case Entry.Answered answered -> {
                state.apply(answered, position, bytes);
                state.senders.doubt(answered.sender(), answered.number());
            }
            case QueueDefined defined -> defined(defined, position, bytes);
            case QueueRemoved removed -> {
                queueOf(removed.channel());
                forget(removed.channel());
                state.apply(removed, position, bytes);
            }
            case Purged purged -> purged(purged, position, bytes);
            case Put put -> put(put, position, bytes);
            case Entry.FannedOut fanned -> fanned.puts().forEach(put -> put(put, position, bytes));
            case Taken taken -> taken(taken, position, bytes);
            case Settled settled -> {
                gone(settled.channel(), settled.sequence());
                if (handedOut(settled.channel(), settled.sequence()) != null) {
                    state.apply(settled, position, bytes);
                }
            }
            case Returned returned -> {
                if (leased(returned.channel(), returned.sequence()) != null) {
                    state.apply(returned, position, bytes);
                }
            }
            case Extended extended -> {
                if (leased(extended.channel(), extended.sequence()) != null) {
                    state.apply(extended, position, bytes);
                }
            }
            case Stranded stranded -> {
                if (queueOf(stranded.channel()).holds(stranded.sequence())) {
                    alive(stranded.channel(), stranded.sequence());
                    state.apply(stranded, position, bytes);
                }
            }
            case Entry.Dropped dropped -> {
                gone(dropped.channel(), dropped.sequence());
                if (queueOf(dropped.channel()).holds(dropped.sequence())) {
                    state.apply(dropped, position, bytes);
                }
            }
            case Entry.ArchiveBegun begun -> {
                state.numbers.noteChannel(begun.archive());
                archives.add(begun.archive());
            }
            case Entry.Replayed replayed ->
                    fillUpTo(queueOf(replayed.channel()), replayed.sequence() + 1);
            case Entry.BetweenQueues moved -> moved(moved, position, bytes);
            case Expired expired -> expired(expired, position);
            case Evacuated evacuated -> evacuated(evacuated, position);
            case Entry.OfTopic ofTopic -> topics.apply(ofTopic, position, bytes);
        }
    }

    private void put(Put put, long position, int bytes) {
        if (fillUpTo(queueOf(put.channel()), put.sequence())) {
            openEnded.remove(put.channel());
            state.apply(put, position, bytes);
        }
    }

    /// A message's bytes are lost.
    public void giveUp(long channel, long sequence) {
        QueueState queue = queueOf(channel);
        Delivery delivery = queue.delivery(sequence);
        if (delivery != null) {
            state.settled(delivery, false);
        } else if (queue.holds(sequence)) {
            queue.expireFresh(sequence, state.live);
            queue.expired--;
            queue.dead++;
        }
    }

    /// Ends the fold: nothing that was given out inside a hole is given out again.
    ///
    /// @param epoch the highest that any frame shows
    /// @param lastSegment the highest number that any segment has
    public void finish(int epoch, int lastSegment) {
        doubtful.forEach(this::keepHeld);
        doubtful.values().removeIf(Ranges::isEmpty);
        missing.values().removeIf(Ranges::isEmpty);
        int lostEpochs = (int) (lostBytes / OPENING_BYTES_MIN);
        // An old handle or version must not become true again for something else.
        state.epoch = Math.max(state.epoch, epoch) + lostEpochs;
        state.numbers.segment = Math.max(state.numbers.segment, lastSegment);
        state.numbers.version += lostBytes;
        state.numbers.channel += lostBytes;
        state.entries += lostBytes;
        topics.finish();
    }

    private void keepHeld(long channel, Ranges doubts) {
        QueueState queue = state.queue(channel);
        for (Ranges.Range range : doubts.ranges()) {
            for (long sequence = range.first(); sequence <= range.last(); sequence++) {
                if (queue == null || !queue.holds(sequence)) {
                    doubts.remove(sequence);
                }
            }
        }
    }

    private void defined(QueueDefined defined, long position, int bytes) {
        ChannelName name = defined.definition().name();
        QueueState namesake = state.queue(name);
        if (namesake != null && namesake.channel() != defined.channel()) {
            forget(namesake.channel());
        }
        topics.freeName(name, defined.channel(), defined.version());
        QueueState queue = state.queue(defined.channel());
        if (queue == null) {
            // It may have been made in the hole, and be only changed here.
            openEnded.add(defined.channel());
        }
        if (queue != null && nameless.remove(defined.channel())) {
            state.byName.remove(queue.definition().name());
            state.byName.put(name, queue);
        }
        state.apply(defined, position, bytes);
    }

    private void purged(Purged purged, long position, int bytes) {
        QueueState queue = queueOf(purged.channel());
        if (queue.end() <= purged.upTo()) {
            leaveGap(queue, purged.upTo());
            missing.remove(purged.channel());
            doubtful.remove(purged.channel());
            openEnded.remove(purged.channel());
            state.apply(purged, position, bytes);
        }
    }

    private void taken(Taken taken, long position, int bytes) {
        QueueState queue = queueOf(taken.channel());
        for (long sequence : taken.sequences()) {
            if (sequence >= queue.end()) {
                fillUpTo(queue, sequence + 1);
            }
            if (!queue.holds(sequence)) {
                continue;
            }
            if (isNextAtCursor(queue, sequence)) {
                passOver(queue, sequence);
            }
            alive(taken.channel(), sequence);
            Delivery delivery = queue.delivery(sequence);
            if (delivery != null && delivery.status != Status.READY) {
                makeReady(delivery, position);
            }
            long[] alone = {sequence};
            state.apply(new Taken(taken.channel(), taken.deadline(), alone), position, bytes);
        }
    }

    private void makeReady(Delivery delivery, long position) {
        long channel = delivery.queue.channel();
        state.apply(
                new Returned(channel, delivery.sequence, 0, Entry.Uncount.NOTHING), position, 0);
    }

    /// A message went from one queue to another, whether it had been handed out or not.
    private void moved(Entry.BetweenQueues moved, long position, int bytes) {
        gone(moved.channel(), moved.sequence());
        QueueState target = queueOf(moved.target());
        if (!fillUpTo(target, moved.targetSequence())) {
            return;
        }
        openEnded.remove(moved.target());
        if (queueOf(moved.channel()).holds(moved.sequence())) {
            state.apply(moved, position, bytes);
        } else {
            // Where its bytes lie was said inside the hole.
            fillUpTo(target, moved.targetSequence() + 1);
        }
    }

    private void expired(Expired expired, long position) {
        long channel = expired.channel();
        if (archives.contains(channel)) {
            return;
        }
        for (Expired.Range range : expired.ranges()) {
            QueueState queue = queueOf(channel);
            fillUpTo(queue, range.end());
            doubtful.getOrDefault(channel, new Ranges()).removeAll(range.first(), range.end() - 1);
            missing.getOrDefault(channel, new Ranges()).removeAll(range.first(), range.end() - 1);
            long sequence = queue.holds(range.first()) ? range.first() : queue.next(range.first());
            while (sequence >= 0 && sequence < range.end()) {
                Delivery delivery = queue.delivery(sequence);
                if (delivery != null && delivery.isLeased()) {
                    makeReady(delivery, position);
                }
                Expired.Range alone = new Expired.Range(sequence, sequence + 1);
                state.apply(new Expired(channel, List.of(alone)), position, 0);
                sequence = queue.next(sequence);
            }
        }
    }

    /// Behind a hole, runs may be others than those that were copied: longer ones, for example,
    /// because what had ended them was said inside it.
    private void evacuated(Evacuated evacuated, long position) {
        QueueState queue = state.queue(evacuated.channel());
        for (Evacuated.Part part : evacuated.parts()) {
            state.numbers.noteSegmentOf(part.position());
            if (queue != null) {
                settleUncopied(queue, part, position);
                queue.runs().relocate(part.first(), part.copied(), part.position(), state.live);
            }
        }
    }

    /// What was not copied had been settled by then.
    private void settleUncopied(QueueState queue, Evacuated.Part part, long position) {
        int copiedEnd = Long.SIZE - Long.numberOfLeadingZeros(part.copied());
        for (int i = 0; i < copiedEnd; i++) {
            long sequence = part.first() + i;
            if (queue.holds(sequence) && (part.copied() & (1L << i)) == 0) {
                gone(queue.channel(), sequence);
                handedOut(queue.channel(), sequence);
                state.apply(new Settled(queue.channel(), sequence, false), position, 0);
            }
        }
    }

    /// The queue of this number, which gets a name if its own is lost.
    private QueueState queueOf(long channel) {
        QueueState queue = state.queue(channel);
        if (queue != null) {
            return queue;
        }
        nameless.add(channel);
        openEnded.add(channel);
        Definition.Queue definition = Definition.Queue.of(nameFor(channel));
        state.apply(new QueueDefined(channel, state.versions(), definition), 0, 0);
        return Invariant.present(state.queue(channel), "There is no channel %d", channel);
    }

    /// Everything before `sequence` has been put.
    ///
    /// @return whether `sequence` is what comes next
    private boolean fillUpTo(QueueState queue, long sequence) {
        if (sequence > queue.end()) {
            missing.computeIfAbsent(queue.channel(), channel -> new Ranges())
                    .add(queue.end(), sequence - 1);
            leaveGap(queue, sequence);
        }
        return sequence == queue.end();
    }

    /// A message that has been handed out, or null if its put is lost or it is settled.
    private @Nullable Delivery handedOut(long channel, long sequence) {
        QueueState queue = queueOf(channel);
        if (isNextAtCursor(queue, sequence)) {
            passOver(queue, sequence + 1);
        }
        return queue.holds(sequence) ? queue.pick(sequence) : null;
    }

    /// Whether a message is handed out only when those before it have been.
    private static boolean isNextAtCursor(QueueState queue, long sequence) {
        return queue.holds(sequence)
                && queue.delivery(sequence) == null
                && !queue.locate(sequence).mark().isElsewhere();
    }

    /// A message that is leased, or null as in [#handedOut].
    private @Nullable Delivery leased(long channel, long sequence) {
        Delivery delivery = handedOut(channel, sequence);
        if (delivery != null) {
            alive(channel, sequence);
            if (!delivery.isLeased()) {
                makeReady(delivery, 0);
                long[] alone = {sequence};
                state.apply(new Taken(channel, Taken.SESSION, alone), 0, 0);
            }
        }
        return delivery;
    }

    private void passOver(QueueState queue, long upTo) {
        if (queue.cursor().at < upTo) {
            doubtful.computeIfAbsent(queue.channel(), channel -> new Ranges())
                    .add(queue.cursor().at, upTo - 1);
            handOut(queue, upTo);
        }
    }

    /// Everything before `upTo` has been handed out, and nothing else is known of it.
    private void handOut(QueueState queue, long upTo) {
        while (queue.cursor().at < upTo) {
            Delivery delivery = queue.take(queue.cursor().at, state.now());
            queue.withdraw(delivery);
            Resting.makeReady(delivery);
        }
    }

    /// Messages from the end up to `upTo` were put and are lost.
    private static void leaveGap(QueueState queue, long upTo) {
        long lost = upTo - queue.end();
        queue.stored += lost;
        queue.dead += lost;
        queue.cursor().leaveGap(upTo);
    }

    private void alive(long channel, long sequence) {
        Ranges doubts = doubtful.get(channel);
        if (doubts != null) {
            doubts.remove(sequence);
        }
    }

    private void gone(long channel, long sequence) {
        QueueState queue = queueOf(channel);
        if (sequence >= queue.end()) {
            fillUpTo(queue, sequence + 1);
        }
        alive(channel, sequence);
        Ranges lost = missing.get(channel);
        if (lost != null) {
            lost.remove(sequence);
        }
    }

    private void forget(long channel) {
        missing.remove(channel);
        doubtful.remove(channel);
        nameless.remove(channel);
        openEnded.remove(channel);
    }
}
