package io.millstream.engine;

import io.millstream.api.Found;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.Archive;
import io.millstream.engine.state.Decider;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Tellers;

import java.io.IOException;
import java.time.Duration;
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
    private static final long STOPPING_NANOS = 10_000_000L;
    private static final int STUCK_STEPS = 3;
    private static final long NO_ROOM_NANOS = 10_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final EngineOptions options;
    private final Log log;
    private final State state;
    private final EngineClock clock;
    private final Background background;
    private final Backups backups;
    private final Inbox inbox;
    private final Answers answers;
    private final Journal journal;
    private final UnusedQueues unused;
    private final Dispatcher dispatcher;
    private final Expiry expiry;
    private final Finder finder;
    private final Watchers watchers;
    private final Readers readers;
    private final Room room;
    private final Failsafe failsafe;
    private final Committer committer;
    private final TopicRetention topicRetention;
    private final Evacuation evacuation;
    private final Reclaimer reclaimer;

    private final ArrayDeque<Command> deferred = new ArrayDeque<>();
    private final List<CompletableFuture<Long>> catchingUp = new ArrayList<>();
    private boolean stopping;
    private volatile boolean stopAsked;

    /// Steps in a row since the stop was asked for, in which something waited for room that nothing
    /// was about to make.
    private int stuckSteps;

    private boolean lastCheckpointAsked;
    private long lastFrameNanos;

    /// What the monotonic clock showed when this step's time was taken.
    private long stepNanos;

    private boolean vouched = true;

    EngineLoop(
            EngineOptions options,
            Log log,
            State state,
            EngineClock clock,
            Background background,
            Backups backups,
            Inbox inbox,
            Answers answers,
            ReadWork reads) {
        this.options = options;
        this.log = log;
        this.state = state;
        this.clock = clock;
        this.background = background;
        this.backups = backups;
        this.inbox = inbox;
        this.answers = answers;
        this.journal = new Journal(state, log);
        HeapRoom heap = new HeapRoom(state, options.heapBytesMax());
        this.unused = new UnusedQueues(state, clock);
        this.failsafe = new Failsafe(options.time());
        this.dispatcher = new Dispatcher(journal, heap, reader(), failsafe, answers, unused);
        this.finder = new Finder(state, reader());
        this.watchers = new Watchers(journal, answers);
        this.readers = new Readers(journal, log, answers, reads);
        this.room = new Room(log, heap, background);
        this.topicRetention = new TopicRetention(state, journal);
        this.committer =
                new Committer(
                        options.time(),
                        log,
                        journal,
                        room,
                        failsafe,
                        answers,
                        new Aftermath(state, dispatcher, watchers, readers, topicRetention));
        this.journal.onTold(batch -> {
            readers.touch(batch.channel());
            topicRetention.touch(batch.channel(), batch.partition());
        });
        this.expiry = new Expiry(journal, dispatcher, committer, heap);
        this.evacuation =
                new Evacuation(options.evacuation(), state, log, journal, background, heap);
        this.reclaimer = new Reclaimer(state, log, background, evacuation, room, backups, options);
    }

    private RecordReader reader() {
        return new RecordReader() {
            @Override
            public byte[] read(long position, int bytes) throws IOException {
                return log.appender().read(position, bytes, log.writer().durable());
            }

            @Override
            public String damageAt(long position) {
                return log.bytes().damageAt(position);
            }
        };
    }

    /// Writes the entries that open the store. Prepares files itself if the last one is full,
    /// because nothing else runs yet.
    ///
    /// @throws IOException if there is no room for them
    void begin(List<Entry> opened) throws IOException {
        journal.advance(clock.now());
        List<Entry> entries = new ArrayList<>(opened);
        entries.addAll(Archive.missing(journal.state()));
        entries.addAll(Tellers.mended(journal.state()));
        while (!journal.storeFromReserve(entries)) {
            // Nothing has happened since the recovery: all that is known is durable.
            reclaimer.freeAtStart();
            if (!log.ring().prepareStep(true)) {
                throw new IOException(
                        ("The log is full of unsettled messages (%d MiB) to its last block. Allow"
                                        + " it more files, then start again.")
                                .formatted(log.ring().capacityBytes() >> 20));
            }
        }
        unused.opened();
    }

    /// Does whatever there is to do now.
    ///
    /// @return whether there was anything
    /// @throws IOException if the log cannot be read or written: the engine must stop
    boolean step() throws IOException {
        failIfDiskFailed();
        boolean worked = answers.release(log.writer().written(), log.writer().durable());
        dispatcher.touch(journal.advance(clock.now()));
        stepNanos = clock.nanos();
        room.update(watchers);
        worked |= endLeases();
        worked |= expiry.step();
        worked |= commands();
        if (inbox.peek() == null) {
            // Nobody has asked for one of them in time and not been heard.
            worked |= unused.step(committer);
        }
        worked |= committer.retryStranded();
        worked |= topicRetention.step();
        worked |= dispatcher.dispatch();
        dispatcher.endOverdue();
        worked |= readers.serve();
        catchUp();
        worked |= evacuation.step();
        worked |= seal();
        // Answers that wait for nothing, such as a look at an idle store, leave in the same step.
        worked |= answers.release(log.writer().written(), log.writer().durable());
        worked |= reclaimer.step();
        lastCheckpoint();
        boolean goesOn = !stopAsked || worked || isQuiet() || isRoomBeingMade();
        stuckSteps = goesOn ? 0 : stuckSteps + 1;
        return worked;
    }

    private boolean isRoomBeingMade() {
        return background.isMakingRoom();
    }

    /// Tells those who asked that nothing is due any more; behind the answers that this has caused.
    private void catchUp() {
        if (catchingUp.isEmpty()
                || state.now() < clock.now()
                || nextDue() <= state.now()
                || !dispatcher.isDone()
                || !topicRetention.isDone()) {
            return;
        }
        long entries = state.entries();
        for (CompletableFuture<Long> answer : catchingUp) {
            answers.whenDurable(
                    journal.mark(),
                    () -> answer.complete(entries),
                    () -> answer.completeExceptionally(Engine.stopped()));
        }
        catchingUp.clear();
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
                return committer.perform(commits.work());
            }
            case Command.Take take -> dispatcher.begin(take.take(), waitedMillis(take.take()));
            case Command.CancelTake cancel -> {
                return dispatcher.cancel(cancel.take());
            }
            case Command.Read read -> readers.begin(read.read(), waitedMillis(read.read()));
            case Command.CancelRead cancel -> readers.cancel(cancel.read());
            case Command.Consume consume -> dispatcher.begin(consume.consumer());
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
            case Command.CatchUp catchUp -> catchingUp.add(catchUp.answer());
            case Command.Stop stop -> {
                inbox.close();
                dispatcher.failWaiting();
                readers.failWaiting();
                stopping = true;
            }
        }
        return true;
    }

    private long waitedMillis(PendingTake take) {
        return waitedMillis(take.askedNanos(), take.what().maxWait());
    }

    private long waitedMillis(PendingRead read) {
        return waitedMillis(read.askedNanos(), read.maxWait());
    }

    /// A wait began when it was asked for, not when the loop came to it. That may be after this
    /// step's time was taken, and is less than none then. Who does not wait is answered in this
    /// step.
    private long waitedMillis(long askedNanos, Duration wait) {
        return wait.isZero() ? 0 : Math.floorDiv(stepNanos - askedNanos, NANOS_PER_MILLI);
    }

    private <V extends View> void find(Command.Find<V> find) throws IOException {
        Supplier<? extends Found<V>> found =
                failsafe.decide(() -> finder.find(find.query()), this::refused);
        CompletableFuture<Found<V>> answer = find.answer();
        answers.whenDurable(
                journal.mark(),
                () -> complete(answer, found),
                () -> answer.completeExceptionally(Engine.stopped()));
    }

    private <V extends View> Supplier<Found<V>> refused(Refusal why) {
        Found<V> refused = new Found.Refused<>(Instant.ofEpochMilli(state.now()), why);
        return () -> refused;
    }

    /// What cannot be decoded is damage: who looked is told, and the answering thread stops the
    /// engine.
    private static <T> void complete(CompletableFuture<T> answer, Supplier<? extends T> value) {
        try {
            answer.complete(value.get());
        } catch (MalformedException damaged) {
            answer.completeExceptionally(Engine.stopped());
            throw damaged;
        }
    }

    private boolean close(EngineSession session) {
        session.end();
        dispatcher.closed(session);
        readers.closed(session);
        watchers.closed(session);
        while (!session.leases().isEmpty()) {
            Delivery delivery = session.leases().getFirst();
            if (!committer.store(Decider.decideEnd(state, delivery))) {
                return false;
            }
        }
        return true;
    }

    private boolean endLeases() {
        boolean ended = false;
        for (Delivery due = state.firstExpired(); due != null; due = state.firstExpired()) {
            if (!committer.store(Decider.decideEnd(state, due))) {
                return ended;
            }
            ended = true;
        }
        return ended;
    }

    private boolean seal() {
        if (journal.sealIfPossible()) {
            lastFrameNanos = options.time().nanos();
            vouched = false;
            return true;
        }
        if (vouched
                || log.appender().isOpen()
                || !log.writer().isIdle()
                || options.time().nanos() - lastFrameNanos < options.vouch().toNanos()) {
            return false;
        }
        vouched = journal.sealEmpty();
        return vouched;
    }

    /// The last checkpoint before an orderly end.
    private void lastCheckpoint() {
        if (!stopping || lastCheckpointAsked || !isQuiet()) {
            return;
        }
        if (reclaimer.mayCheckpoint()) {
            reclaimer.checkpoint();
            lastCheckpointAsked = true;
        } else if (background.cannotStore()) {
            // The one that is on its way waits for room, and so would this one.
            lastCheckpointAsked = true;
        }
    }

    private boolean isQuiet() {
        return inbox.peek() == null && isWritten();
    }

    private boolean isWritten() {
        return log.writer().isIdle() && !log.appender().isOpen() && answers.isEmpty();
    }

    /// A [Command.Stop] is on its way.
    void stopSoon() {
        stopAsked = true;
    }

    /// Whether everything is answered and stored after a [Command.Stop]; a checkpoint for which the
    /// disk has no room is left out, because the log has everything, and so is what waits for room
    /// that nobody makes.
    boolean isFinished() {
        if (stopAsked && stuckSteps >= STUCK_STEPS && isWritten()) {
            return true;
        }
        boolean stored = !background.isStoring() || background.cannotStore();
        return stopping && lastCheckpointAsked && stored && isQuiet();
    }

    /// How often deciding a request has failed. Any thread.
    long mistakes() {
        return failsafe.mistakes();
    }

    /// Why publishes are refused, in words; empty if they are taken. Any thread.
    String refusing() {
        return room.why();
    }

    /// How long the loop may wait for a signal, in nanoseconds.
    long idleNanos() {
        long nanos = FOREVER_NANOS;
        long millis = nextDue() - state.now();
        if (millis < FOREVER_NANOS / NANOS_PER_MILLI) {
            nanos = Math.max(0, millis) * NANOS_PER_MILLI;
        }
        // A busy writer gives a signal when it is done; before that nothing can be proved.
        if (journal.lacksRoom()) {
            // Something is due and has to wait for room: what makes room gives a signal.
            nanos = Math.max(nanos, NO_ROOM_NANOS);
        }
        if (backups.holdUpPublishes()) {
            nanos = Math.min(nanos, NO_ROOM_NANOS);
        }
        if (stopAsked) {
            nanos = Math.min(nanos, STOPPING_NANOS);
        }
        if (!vouched && log.writer().isIdle()) {
            long passed = options.time().nanos() - lastFrameNanos;
            long left = options.vouch().toNanos() - passed;
            // What is due has to wait for room.
            nanos = Math.min(nanos, left > 0 ? left : NO_ROOM_NANOS);
        }
        return nanos;
    }

    /// When something is next due by itself, in milliseconds since 1970.
    private long nextDue() {
        long due = Math.min(state.nextDue(), Math.min(dispatcher.nextEnd(), unused.nextDue()));
        return Math.min(due, Math.min(readers.nextEnd(), topicRetention.nextDue()));
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
        for (CompletableFuture<Long> answer : catchingUp) {
            answers.now(() -> answer.completeExceptionally(Engine.stopped()));
        }
        catchingUp.clear();
        for (Command command = inbox.peek(); command != null; command = inbox.peek()) {
            switch (command) {
                case Command.Commits commits ->
                        answers.now(() ->
                                commits.work().answer().completeExceptionally(Engine.stopped()));
                case Command.Take take -> answers.now(() -> take.take().fail(Engine.stopped()));
                case Command.CancelTake cancel ->
                        answers.now(() -> cancel.take().fail(Engine.stopped()));
                case Command.Read read -> answers.now(() -> read.read().fail(Engine.stopped()));
                case Command.CancelRead ignored -> {}
                case Command.Find<?> find ->
                        answers.now(() -> find.answer().completeExceptionally(Engine.stopped()));
                case Command.Consume ignored -> {}
                case Command.EndConsumer ignored -> {}
                case Command.ResizeWindow ignored -> {}
                case Command.CloseSession ignored -> {}
                case Command.StartWatch ignored -> {}
                case Command.EndWatch ignored -> {}
                case Command.CatchUp catchUp ->
                        answers.now(() -> catchUp.answer().completeExceptionally(Engine.stopped()));
                case Command.Stop ignored -> {}
            }
            inbox.drop();
        }
        dispatcher.failWaiting();
        readers.failWaiting();
    }
}
