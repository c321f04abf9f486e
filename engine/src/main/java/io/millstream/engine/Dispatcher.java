package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Handle;
import io.millstream.api.Longest;
import io.millstream.api.Refusal;
import io.millstream.api.StoppedException;
import io.millstream.api.Taken;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Times;
import io.millstream.engine.state.TypeFilter;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings ready messages and those who wait for them together. The loop's own.
final class Dispatcher {
    private static final int PUSH_MESSAGES_MAX = 256;
    private static final Refusal NO_ROOM =
            new Refusal.Busy(
                    "There is no room to note who has the message. Free some of the disk, settle"
                            + " what was taken, or take again in a moment.");
    private static final long ROOM_WAIT_MILLIS = RoomWait.MAX.toMillis();
    private static final long ROOM_LOOK_MILLIS = 10;

    private final Journal journal;
    private final State state;
    private final HeapRoom heap;
    private final Leasing leasing;
    private final Departures departures;
    private final Answers answers;
    private final UnusedQueues unused;
    private final Map<Long, Waiters> waiters = new HashMap<>();
    private final LinkedHashSet<Long> touched = new LinkedHashSet<>();

    /// Queues of which nothing could be handed out for want of heap.
    private final LinkedHashSet<Long> starved = new LinkedHashSet<>();

    private final Ends<PendingTake> ends = new Ends<>();

    Dispatcher(
            Journal journal,
            HeapRoom heap,
            RecordReader reader,
            Failsafe failsafe,
            Answers answers,
            UnusedQueues unused) {
        this.journal = journal;
        this.state = journal.state();
        this.heap = heap;
        this.leasing = new Leasing(journal, heap, reader, failsafe, this::touch);
        this.departures = new Departures(journal, answers, reader);
        this.answers = answers;
        this.unused = unused;
    }

    /// Something about this queue may let a waiter be served.
    void touch(long channel) {
        if (waiters.containsKey(channel)) {
            touched.add(channel);
        }
    }

    void touch(List<QueueState> queues) {
        for (QueueState queue : queues) {
            touch(queue.channel());
        }
    }

    /// A queue is new, or declared to be something else.
    void defined(QueueState queue) {
        Waiters waiting = waiters.get(queue.channel());
        if (waiting == null) {
            unused.usedLast(queue);
        } else {
            waiting.consumers().review(queue.definition().singleActive(), this::tell);
            if (!queue.definition().typed()) {
                refuseTyped(queue, waiting);
            }
        }
        touch(queue.channel());
    }

    private void refuseTyped(QueueState queue, Waiters waiting) {
        for (PendingTake take : waiting.takes()) {
            if (!take.filter().isAll()) {
                forget(take);
                refuse(take, untyped(queue));
            }
        }
    }

    private static Refusal untyped(QueueState queue) {
        return new Refusal.Invalid(
                "%s does not tell types apart. Declare it typed while it is empty."
                        .formatted(queue.definition().name()));
    }

    void begin(PendingTake take, long waitedMillis) {
        if (take.session().isEnded()) {
            answerNothing(take);
            return;
        }
        QueueState queue = state.queue(take.what().queue());
        if (queue == null) {
            refuse(take, new Refusal.NoSuchChannel(take.what().queue()));
            return;
        }
        Waiters others = waiters.get(queue.channel());
        if (others != null && others.consumers().hasExclusive()) {
            refuse(take, Consumers.taken(take.what().queue()));
            return;
        }
        if (!take.filter().isAll() && !queue.definition().typed()) {
            refuse(take, untyped(queue));
            return;
        }
        Optional<Refusal> tooLong = Longest.CENTURY.refusalOf(take.what().term());
        if (tooLong.isPresent()) {
            refuse(take, tooLong.get());
            return;
        }
        take.waits(queue.channel());
        waitersOf(queue.channel()).add(take);
        take.session().takes().add(take);
        ends.add(take, Times.after(state.now(), take.what().maxWait()) - waitedMillis);
        touch(queue.channel());
    }

    void refuse(PendingTake take, Refusal refusal) {
        Taken refused = new Taken.Refused(now(), refusal);
        answers.whenDurable(journal.mark(), () -> take.answer(refused), () -> take.fail(stopped()));
    }

    /// Ends a take that was called off.
    ///
    /// @return false if its leases could not be given back for want of room; to be tried again
    boolean cancel(PendingTake take) {
        if (take.isWaiting()) {
            forget(take);
        } else if (!giveBack(take)) {
            return false;
        }
        Taken nothing = new Taken.Leased(now(), List.of());
        answers.whenDurable(
                journal.mark(), () -> take.answerCancelled(nothing), () -> take.fail(stopped()));
        return true;
    }

    private boolean giveBack(PendingTake take) {
        List<Entry> entries = new ArrayList<>();
        for (Handed handed : take.handed()) {
            Handle handle = handed.handle();
            QueueState queue = state.queue(handle.incarnation());
            Delivery delivery = queue == null ? null : queue.delivery(handle.sequence());
            if (delivery != null
                    && delivery.isLeased()
                    && delivery.fence().equals(handle.fence())) {
                entries.add(
                        new Entry.Returned(
                                handle.incarnation(),
                                handle.sequence(),
                                0,
                                Entry.Uncount.DELIVERY));
            }
        }
        if (!journal.store(entries)) {
            return false;
        }
        touch(take.channel());
        return true;
    }

    /// Ends takes that have waited long enough. One that finds messages never gets nothing: while
    /// there is no room to note that it has them, it waits for room as a commit does, and is then
    /// refused.
    void endOverdue() {
        for (PendingTake take = ends.firstEnded(state.now());
                take != null;
                take = ends.firstEnded(state.now())) {
            if (!lacksRoom(take)) {
                forget(take);
                answerNothing(take);
            } else if (take.roomWait().passed(state.now()) >= ROOM_WAIT_MILLIS) {
                // Who stands behind it may need no room.
                touch(take.channel());
                forget(take);
                refuse(take, NO_ROOM);
            } else {
                ends.add(take, state.now() + ROOM_LOOK_MILLIS);
            }
        }
    }

    /// Whether the last [#dispatch] could not serve a take for want of room, though there are
    /// messages for it.
    private boolean lacksRoom(PendingTake take) {
        QueueState queue = state.queue(take.channel());
        return queue != null
                && queue.hasReady(take.filter())
                && (touched.contains(take.channel()) || starved.contains(take.channel()));
    }

    private void answerNothing(PendingTake take) {
        Taken nothing = new Taken.Leased(now(), List.of());
        answers.whenDurable(journal.mark(), () -> take.answer(nothing), () -> take.fail(stopped()));
    }

    private void forget(PendingTake take) {
        take.waitsNoMore();
        ends.remove(take);
        take.session().takes().remove(take);
        Waiters waiting = waiters.get(take.channel());
        if (waiting != null) {
            waiting.remove(take);
            forgetIfEmpty(take.channel(), waiting);
        }
    }

    void begin(Consumer consumer) {
        if (consumer.session().isEnded()) {
            return;
        }
        QueueState queue = state.queue(consumer.what().queue());
        if (queue == null) {
            ended(consumer, new Refusal.NoSuchChannel(consumer.what().queue()));
            return;
        }
        Waiters others = waiters.get(queue.channel());
        Refusal refusal = others == null ? null : others.consumers().refusalOf(consumer);
        if (refusal == null) {
            refusal = Longest.CENTURY.refusalOf(consumer.what().term()).orElse(null);
        }
        if (refusal != null) {
            ended(consumer, refusal);
            return;
        }
        consumer.consumesFrom(queue.channel());
        Waiters waiting = waitersOf(queue.channel());
        // Whoever should be active by now is, before this one can be.
        boolean singleActive = queue.definition().singleActive();
        waiting.consumers().review(singleActive, this::tell);
        waiting.consumers().add(consumer);
        waiting.consumers().review(singleActive, this::tell);
        if (consumer.what().exclusive()) {
            for (PendingTake take : waiting.takes()) {
                forget(take);
                refuse(take, Consumers.taken(queue.definition().name()));
            }
        }
        consumer.session().consumers().add(consumer);
        consumer.window().consumers().add(consumer);
        touch(queue.channel());
    }

    private void tell(Consumer consumer, boolean active) {
        answers.whenDurable(journal.mark(), () -> consumer.active(active), () -> {});
    }

    void ended(Consumer consumer, Refusal why) {
        Runnable tell = () -> consumer.ended(why);
        answers.whenDurable(journal.mark(), tell, tell);
    }

    void end(Consumer consumer) {
        consumer.session().consumers().remove(consumer);
        consumer.window().consumers().remove(consumer);
        Waiters waiting = waiters.get(consumer.channel());
        if (waiting != null) {
            waiting.consumers().remove(consumer);
            // Another one may be the active one now.
            touch(consumer.channel());
            forgetIfEmpty(consumer.channel(), waiting);
        }
    }

    /// A queue is gone: whoever waits for it is told.
    void removed(long channel, ChannelName name) {
        unused.removed(channel);
        Waiters waiting = waiters.get(channel);
        if (waiting == null) {
            return;
        }
        for (PendingTake take : waiting.takes()) {
            forget(take);
            refuse(take, new Refusal.NoSuchChannel(name));
        }
        for (Consumer consumer : waiting.consumers().all()) {
            end(consumer);
            ended(consumer, new Refusal.NoSuchChannel(name));
        }
    }

    /// A session is over: its takes end with nothing, its consumers end.
    void closed(EngineSession session) {
        for (PendingTake take : List.copyOf(session.takes())) {
            forget(take);
            answerNothing(take);
        }
        List.copyOf(session.consumers()).forEach(this::end);
    }

    /// Fails every take that waits, because the engine has stopped.
    void failWaiting() {
        for (PendingTake take : ends.all()) {
            forget(take);
            answers.now(() -> take.fail(stopped()));
        }
    }

    /// When the next take ends by itself, in milliseconds since 1970.
    long nextEnd() {
        return ends.next();
    }

    /// Serves every queue that was touched, and those that had to wait for heap if there is some.
    ///
    /// @return whether anything was handed out
    boolean dispatch() throws IOException {
        boolean served = serveTouched();
        for (int i = starved.size(); i > 0 && touched.isEmpty() && heap.hasRoomForFresh(); i--) {
            long channel = starved.removeFirst();
            QueueState queue = state.queue(channel);
            if (queue != null && heap.freshMessagesMax(queue) == 0) {
                // Others may have room that this one has not, and serving it would be in vain.
                starved.add(channel);
            } else {
                touched.add(channel);
                served |= serveTouched();
            }
        }
        return served;
    }

    /// Whether the last [#dispatch] handed out what there was for those who wait, and did not leave
    /// some of it for want of room in the log.
    boolean isDone() {
        return touched.isEmpty();
    }

    private boolean serveTouched() throws IOException {
        boolean served = false;
        while (!touched.isEmpty()) {
            long channel = touched.getFirst();
            Served result = serve(channel);
            served |= result == Served.SOMETHING;
            if (result == Served.NO_ROOM) {
                return served;
            }
            touched.remove(channel);
        }
        return served;
    }

    private enum Served {
        NOTHING,
        SOMETHING,
        NO_ROOM
    }

    private Served serve(long channel) throws IOException {
        QueueState queue = state.queue(channel);
        Waiters waiting = waiters.get(channel);
        if (queue == null || waiting == null) {
            return Served.NOTHING;
        }
        waiting.consumers().review(queue.definition().singleActive(), this::tell);
        Served served = Served.NOTHING;
        while (queue.hasReady()) {
            PendingTake take = waiting.firstTake(queue);
            Consumer consumer = take == null ? waiting.consumers().next() : null;
            Served now;
            if (take != null) {
                now = hand(queue, take);
            } else if (consumer != null) {
                now = push(queue, consumer, waiting.consumers().peersOf(consumer));
            } else {
                break;
            }
            if (now != Served.SOMETHING) {
                return now == Served.NO_ROOM ? now : served;
            }
            served = now;
        }
        return served;
    }

    private Served hand(QueueState queue, PendingTake take) throws IOException {
        Hold hold = new Hold(this, take.session(), null);
        Leasing.Batch batch =
                leasing.lease(
                        queue,
                        take.what().messages(),
                        take.what().bytes(),
                        take.filter(),
                        take.what().term(),
                        hold);
        if (batch == null) {
            return Served.NO_ROOM;
        }
        if (batch.refusal() != null) {
            forget(take);
            refuse(take, batch.refusal());
            return Served.SOMETHING;
        }
        if (batch.handed().isEmpty()) {
            return servedNobody(queue, batch);
        }
        forget(take);
        take.hands(batch.handed());
        Instant now = now();
        departures.hold(
                batch,
                leases -> take.answer(new Taken.Leased(now, leases)),
                () -> take.fail(stopped()));
        return Served.SOMETHING;
    }

    /// Remembers the queue if it could have been served with more heap.
    private Served servedNobody(QueueState queue, Leasing.Batch batch) {
        if (batch.changed()) {
            return Served.SOMETHING;
        }
        if (queue.hasReady() && heap.freshMessagesMax(queue) == 0) {
            starved.add(queue.channel());
        }
        return Served.NOTHING;
    }

    private Served push(QueueState queue, Consumer consumer, int consumers) throws IOException {
        Window window = consumer.window();
        int share = Math.max(1, PUSH_MESSAGES_MAX / consumers);
        Leasing.Batch batch =
                leasing.lease(
                        queue,
                        Math.min(window.messagesLeft(), share),
                        window.bytesLeft(),
                        TypeFilter.ALL,
                        consumer.what().term(),
                        new Hold(this, consumer.session(), window));
        if (batch == null) {
            return Served.NO_ROOM;
        }
        if (batch.refusal() != null) {
            end(consumer);
            ended(consumer, batch.refusal());
            return Served.SOMETHING;
        }
        if (batch.handed().isEmpty()) {
            return servedNobody(queue, batch);
        }
        departures.hold(batch, consumer::deliver, () -> {});
        return Served.SOMETHING;
    }

    private Waiters waitersOf(long channel) {
        unused.inUse(channel);
        return waiters.computeIfAbsent(channel, key -> new Waiters());
    }

    private void forgetIfEmpty(long channel, Waiters waiting) {
        if (waiting.isEmpty()) {
            waiters.remove(channel);
            touched.remove(channel);
            starved.remove(channel);
            unused.usedLast(channel);
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }

    private static StoppedException stopped() {
        return Engine.stopped();
    }
}
