package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Page;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.Decider;
import io.millstream.engine.state.Decision;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.MalformedException;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// The one thread that owns all state. Each [#step] lets go the answers that have become durable,
/// does the commands that came, ends what is overdue, hands out what is ready, and seals a frame if
/// the writer is free.
final class EngineLoop {
    private static final int COMMANDS_PER_STEP = 4096;
    private static final long FOREVER_NANOS = 1_000_000_000L;
    private static final long ROOM_WAIT_NANOS = 2_000_000_000L;
    private static final long NO_ROOM_NANOS = 10_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final EngineOptions options;
    private final Log log;
    private final State state;
    private final EngineClock clock;
    private final Background background;
    private final Inbox inbox;
    private final Answers answers;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final Finder finder;
    private final Watchers watchers;
    private final Room room;
    private final Evacuation evacuation;
    private final Reclaimer reclaimer;

    private final ArrayDeque<Command> deferred = new ArrayDeque<>();
    private boolean definitionsChanged;
    private boolean stopping;
    private boolean lastCheckpointAsked;
    private long lastFrameNanos;
    private boolean vouched = true;

    EngineLoop(
            EngineOptions options,
            Log log,
            State state,
            EngineClock clock,
            Background background,
            Inbox inbox,
            Answers answers) {
        this.options = options;
        this.log = log;
        this.state = state;
        this.clock = clock;
        this.background = background;
        this.inbox = inbox;
        this.answers = answers;
        this.journal = new Journal(state, log);
        this.dispatcher = new Dispatcher(journal, reader(), answers);
        this.finder = new Finder(state, reader());
        this.watchers = new Watchers(journal, answers);
        this.room = new Room(log, background);
        this.evacuation = new Evacuation(state, log, journal, background, state.lastSegment());
        this.reclaimer = new Reclaimer(state, log, background, evacuation, room, options);
        this.definitionsChanged = true;
    }

    private Dispatcher.RecordReader reader() {
        return new Dispatcher.RecordReader() {
            @Override
            public byte[] read(long position, int bytes) throws IOException {
                return log.appender().read(position, bytes, log.writer().durable());
            }

            @Override
            public String place(long position) {
                return "File %s at byte %d"
                        .formatted(log.bytes().fileOf(position), log.bytes().offsetOf(position));
            }
        };
    }

    /// Writes the entry that opens the store in this epoch. Prepares files itself if the last one
    /// is full, because nothing else runs yet.
    ///
    /// @throws IOException if there is no room for it
    void begin(int epoch) throws IOException {
        journal.advance(clock.now());
        List<Entry> opened = List.of(new Entry.Opened(epoch, options.grace().toMillis()));
        while (!journal.storeFromReserve(opened)) {
            // Nothing has happened since the recovery: all that is known is durable.
            reclaimer.freeAtStart();
            if (!log.ring().prepareStep()) {
                throw new IOException(
                        ("The log is full of unsettled messages (%d MiB) to its last block. Allow"
                                        + " it more files, then start again.")
                                .formatted(log.ring().capacityBytes() >> 20));
            }
        }
    }

    /// Does whatever there is to do now.
    ///
    /// @return whether there was anything
    /// @throws IOException if the log cannot be read or written: the engine must stop
    boolean step() throws IOException {
        failIfDiskFailed();
        boolean worked = answers.release(log.writer().written(), log.writer().durable());
        dispatcher.touch(journal.advance(clock.now()));
        room.update(watchers);
        worked |= endLeases();
        worked |= commands();
        worked |= retryStranded();
        worked |= dispatcher.dispatch();
        dispatcher.endOverdue();
        worked |= evacuation.step();
        worked |= seal();
        // Answers that wait for nothing, such as a look at an idle store, leave in the same step.
        worked |= answers.release(log.writer().written(), log.writer().durable());
        worked |= reclaimer.step();
        lastCheckpoint();
        return worked;
    }

    private void failIfDiskFailed() throws IOException {
        IOException failure = log.writer().failure();
        if (failure == null) {
            failure = background.failure();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private boolean commands() throws IOException {
        int done = 0;
        for (int i = deferred.size(); i > 0; i--) {
            Command command = deferred.removeFirst();
            if (!perform(command)) {
                deferred.addFirst(command);
                break;
            }
            done++;
        }
        while (done < COMMANDS_PER_STEP) {
            Command command = inbox.peek();
            if (command == null) {
                break;
            }
            if (!perform(command)) {
                if (command instanceof Command.Commits) {
                    break;
                }
                // A cancel or a session's end that has to wait for room keeps nobody else waiting.
                deferred.add(command);
            }
            inbox.drop();
            done++;
        }
        return done > 0;
    }

    /// Does a command, or returns false because it has to be tried again when there is more room.
    private boolean perform(Command command) throws IOException {
        switch (command) {
            case Command.Commits commits -> {
                return perform(commits.work());
            }
            case Command.Take take -> begin(take.take(), waitedMillis(take.take()));
            case Command.CancelTake cancel -> {
                return dispatcher.cancel(cancel.take());
            }
            case Command.Consume consume -> begin(consume.consumer());
            case Command.EndConsumer end -> dispatcher.end(end.consumer());
            case Command.ResizeWindow resize -> {
                resize.window().resized(resize.messages(), resize.bytes());
                resize.window().consumers().forEach(one -> dispatcher.touch(one.channel()));
            }
            case Command.CloseSession close -> {
                return close(close.session());
            }
            case Command.Find<?> find -> find(find);
            case Command.StartWatch start -> watchers.begin(start.watcher());
            case Command.EndWatch end -> watchers.end(end.watcher());
            case Command.Stop stop -> {
                inbox.close();
                dispatcher.failWaiting();
                stopping = true;
            }
        }
        return true;
    }

    /// A take's wait began when it was asked for, not when the loop came to it.
    private long waitedMillis(PendingTake take) {
        return (options.time().nanos() - take.askedNanos()) / NANOS_PER_MILLI;
    }

    private void begin(PendingTake take, long waitedMillis) {
        if (take.what().types().isEmpty()) {
            dispatcher.begin(take, waitedMillis);
        } else {
            dispatcher.refuse(take, new Refusal.NotSupported(Feature.TYPES));
        }
    }

    private void begin(Consumer consumer) {
        if (consumer.what().priority() == 0 && !consumer.what().exclusive()) {
            dispatcher.begin(consumer);
        } else {
            dispatcher.ended(consumer, new Refusal.NotSupported(Feature.CONSUMER_CHOICE));
        }
    }

    private <V extends View> void find(Command.Find<V> find) throws IOException {
        Supplier<Page<V>> page = finder.find(find.query());
        CompletableFuture<Page<V>> answer = find.answer();
        answers.whenDurable(
                journal.mark(),
                () -> complete(answer, page),
                () -> answer.completeExceptionally(Engine.stopped()));
    }

    /// Room comes by itself while files are prepared, checkpoints stored and messages moved, for
    /// which a commit waits a little; then it is refused, because nobody else may wait behind it.
    private boolean hasWaitedLong(CommitWork work) {
        return work.waitedNanos(options.time().nanos()) >= ROOM_WAIT_NANOS;
    }

    /// What cannot be decoded is damage: who looked is told, and the answering thread stops the
    /// engine.
    private static <T> void complete(CompletableFuture<T> answer, Supplier<T> value) {
        try {
            answer.complete(value.get());
        } catch (MalformedException damaged) {
            answer.completeExceptionally(Engine.stopped());
            throw damaged;
        }
    }

    private boolean perform(CommitWork work) {
        while (!work.isDone()) {
            PreparedCommit commit = work.next();
            Refusal refusal = room.refusalOf(commit);
            if (refusal != null) {
                work.receive(new Receipt.Refused(now(), 0, refusal));
                continue;
            }
            switch (Decider.decide(state, commit, log.messageBytesMax())) {
                case Decision.Rejected(int operation, Refusal why) ->
                        work.receive(new Receipt.Refused(now(), operation, why));
                case Decision.Accepted accepted -> {
                    if (storeCommit(accepted.entries())) {
                        work.receive(new Receipt.Committed(now(), accepted.effects()));
                    } else if (journal.lacksRoom() && hasWaitedLong(work)) {
                        work.receive(new Receipt.Refused(now(), 0, room.busy()));
                    } else {
                        return false;
                    }
                }
            }
        }
        answers.whenDurable(
                journal.mark(),
                work::complete,
                () -> work.answer().completeExceptionally(Engine.stopped()));
        return true;
    }

    private boolean storeCommit(List<Entry> entries) {
        List<ChannelName> removed = namesRemovedBy(entries);
        if (!journal.store(entries)) {
            return false;
        }
        int removals = 0;
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Put put -> dispatcher.touch(put.channel());
                case Entry.Settled settled -> dispatcher.touch(settled.channel());
                case Entry.Returned returned -> dispatcher.touch(returned.channel());
                case Entry.Moved moved -> {
                    dispatcher.touch(moved.channel());
                    dispatcher.touch(moved.target());
                }
                case Entry.Stranded stranded -> dispatcher.touch(stranded.channel());
                case Entry.Purged purged -> dispatcher.touch(purged.channel());
                case Entry.QueueDefined defined -> defined(defined.channel());
                case Entry.QueueRemoved gone -> {
                    ChannelName name = removed.get(removals++);
                    dispatcher.removed(gone.channel(), name);
                    watchers.removed(name);
                }
                case Entry.Opened ignored -> {}
                case Entry.Taken ignored -> {}
                case Entry.Extended ignored -> {}
                case Entry.RowWritten ignored -> {}
                case Entry.Evacuated ignored -> {}
            }
        }
        return true;
    }

    private void defined(long channel) {
        QueueState queue = state.queue(channel);
        if (queue != null) {
            watchers.defined(queue);
            dispatcher.touch(channel);
        }
        definitionsChanged = true;
    }

    /// The names of the queues that `entries` remove, looked up while they are still there.
    private List<ChannelName> namesRemovedBy(List<Entry> entries) {
        List<ChannelName> names = List.of();
        for (Entry entry : entries) {
            if (entry instanceof Entry.QueueRemoved removed) {
                names = names.isEmpty() ? new ArrayList<>() : names;
                names.add(nameOf(removed.channel(), entries));
            }
        }
        return names;
    }

    private ChannelName nameOf(long channel, List<Entry> entries) {
        QueueState queue = state.queue(channel);
        if (queue != null) {
            return queue.definition().name();
        }
        return entries.stream()
                .filter(Entry.QueueDefined.class::isInstance)
                .map(Entry.QueueDefined.class::cast)
                .filter(defined -> defined.channel() == channel)
                .map(defined -> defined.definition().name())
                .findFirst()
                .orElseThrow();
    }

    private boolean close(EngineSession session) {
        dispatcher.closed(session);
        watchers.closed(session);
        while (!session.leases().isEmpty()) {
            Delivery delivery = session.leases().getFirst();
            if (!storeCommit(Decider.decideEnd(state, delivery))) {
                return false;
            }
        }
        return true;
    }

    private boolean endLeases() {
        boolean ended = false;
        for (Delivery due = state.firstExpired(); due != null; due = state.firstExpired()) {
            if (!storeCommit(Decider.decideEnd(state, due))) {
                return ended;
            }
            ended = true;
        }
        return ended;
    }

    private boolean retryStranded() {
        if (!definitionsChanged) {
            return false;
        }
        boolean moved = false;
        for (Delivery delivery : state.stranded()) {
            List<Entry> entries = Decider.decideStranded(state, delivery);
            if (!storeCommit(entries)) {
                return moved;
            }
            moved |= !entries.isEmpty();
        }
        definitionsChanged = false;
        return moved;
    }

    private boolean seal() {
        if (journal.sealIfPossible()) {
            lastFrameNanos = options.time().nanos();
            vouched = false;
            return true;
        }
        if (!vouched
                && !log.appender().isOpen()
                && options.time().nanos() - lastFrameNanos >= options.vouch().toNanos()
                && journal.sealEmpty()) {
            vouched = true;
            return true;
        }
        return false;
    }

    /// The last checkpoint before an orderly end.
    private void lastCheckpoint() {
        if (stopping && !lastCheckpointAsked && isQuiet() && !background.isStoring()) {
            reclaimer.checkpoint();
            lastCheckpointAsked = true;
        }
    }

    private boolean isQuiet() {
        return inbox.peek() == null
                && log.writer().isIdle()
                && !log.appender().isOpen()
                && answers.isEmpty();
    }

    /// Whether everything is answered and stored after a [Command.Stop]; a checkpoint for which the
    /// disk has no room is left out, because the log has everything.
    boolean isFinished() {
        boolean stored = !background.isStoring() || !background.shortage().isEmpty();
        return stopping && lastCheckpointAsked && stored && isQuiet();
    }

    /// Why publishes are refused, in words; empty if they are taken. Any thread.
    String refusing() {
        return room.why();
    }

    /// How long the loop may wait for a signal, in nanoseconds.
    long idleNanos() {
        long due = Math.min(state.nextDue(), dispatcher.nextEnd());
        long nanos = FOREVER_NANOS;
        long millis = due - state.now();
        if (millis < FOREVER_NANOS / NANOS_PER_MILLI) {
            nanos = Math.max(0, millis) * NANOS_PER_MILLI;
        }
        // A busy writer gives a signal when it is done; before that nothing can be proved.
        if (journal.lacksRoom()) {
            // Something is due and has to wait for room: what makes room gives a signal.
            nanos = Math.max(nanos, NO_ROOM_NANOS);
        }
        if (!vouched && log.writer().isIdle()) {
            long passed = options.time().nanos() - lastFrameNanos;
            nanos = Math.min(nanos, Math.max(0, options.vouch().toNanos() - passed));
        }
        return nanos;
    }

    /// Fails everything that waits, because nobody knows what of it is on the disk.
    void abandon() {
        inbox.close();
        answers.failAll();
        for (Command command : deferred) {
            if (command instanceof Command.CancelTake cancel) {
                answers.now(() -> cancel.take().fail(Engine.stopped()));
            }
        }
        deferred.clear();
        for (Command command = inbox.peek(); command != null; command = inbox.peek()) {
            switch (command) {
                case Command.Commits commits ->
                        answers.now(() ->
                                commits.work().answer().completeExceptionally(Engine.stopped()));
                case Command.Take take -> answers.now(() -> take.take().fail(Engine.stopped()));
                case Command.CancelTake cancel ->
                        answers.now(() -> cancel.take().fail(Engine.stopped()));
                case Command.Find<?> find ->
                        answers.now(() -> find.answer().completeExceptionally(Engine.stopped()));
                case Command.Consume ignored -> {}
                case Command.EndConsumer ignored -> {}
                case Command.ResizeWindow ignored -> {}
                case Command.CloseSession ignored -> {}
                case Command.StartWatch ignored -> {}
                case Command.EndWatch ignored -> {}
                case Command.Stop ignored -> {}
            }
            inbox.drop();
        }
        dispatcher.failWaiting();
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }
}
