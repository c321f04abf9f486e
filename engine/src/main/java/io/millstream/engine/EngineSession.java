package io.millstream.engine;

import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.Watch;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.PreparedCommit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/// One client's liveness. Its methods turn calls into commands; what it holds belongs to the loop.
final class EngineSession implements Session {
    private static final Refusal.Busy CROWDED =
            new Refusal.Busy(
                    "More commits wait than the disk keeps up with. Send it again in a moment.");

    private final Engine engine;
    private final SessionSpec spec;
    private final AtomicBoolean closed = new AtomicBoolean();

    // The loop's own.
    private final SequencedSet<Delivery> leases = new LinkedHashSet<>();
    private final Set<PendingTake> takes = new LinkedHashSet<>();
    private final Set<Consumer> consumers = new LinkedHashSet<>();
    private boolean ended;

    EngineSession(Engine engine, SessionSpec spec) {
        this.engine = engine;
        this.spec = spec;
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        requireOpen();
        List<PreparedCommit> prepared = new ArrayList<>(commits.size());
        long now = engine.options().time().wallMillis();
        for (Commit commit : commits) {
            prepared.add(PreparedCommit.of(commit, now));
        }
        CommitWork work = new CommitWork(prepared);
        if (commits.isEmpty()) {
            work.complete();
            return work.answer();
        }
        if (engine.inbox().isFull() && work.publishes()) {
            if (commits.stream().allMatch(commit -> commit.id() == null)) {
                return CompletableFuture.completedFuture(refuseAll(commits));
            }
            work = turnedAway(commits);
        }
        if (!engine.inbox().offer(new Command.Commits(work))) {
            work.answer().completeExceptionally(Engine.stopped());
        }
        return work.answer();
    }

    private List<Receipt> refuseAll(List<Commit> commits) {
        Instant now = Instant.ofEpochMilli(engine.options().time().wallMillis());
        return commits.stream().<Receipt>map(_ -> new Receipt.Refused(now, 0, CROWDED)).toList();
    }

    /// Who sends something again is not told that it was not done unless that is so, which the loop
    /// alone knows.
    private static CommitWork turnedAway(List<Commit> commits) {
        return new CommitWork(
                commits.stream()
                        .map(commit -> PreparedCommit.turnedAway(commit.id(), CROWDED))
                        .toList());
    }

    @Override
    public Pending<Taken> take(Take take) {
        requireOpen();
        PendingTake pending = new PendingTake(this, take, engine.options().time().nanos());
        if (!engine.inbox().offer(new Command.Take(pending))) {
            pending.fail(Engine.stopped());
        }
        return pending;
    }

    void cancel(PendingTake take) {
        if (!engine.inbox().offer(new Command.CancelTake(take))) {
            take.fail(Engine.stopped());
        }
    }

    @Override
    public Credit credit(int messages, long bytes) {
        requireOpen();
        return new Window(this, messages, bytes);
    }

    void resize(Window window, int messages, long bytes) {
        engine.inbox().offer(new Command.ResizeWindow(window, messages, bytes));
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        requireOpen();
        if (!(what.credit() instanceof Window window) || window.session() != this) {
            throw new IllegalArgumentException(
                    "The credit of a subscription comes from the same session. Call credit() on"
                            + " it.");
        }
        Consumer consumer = new Consumer(this, what, window, sink);
        if (!engine.inbox().offer(new Command.Consume(consumer))) {
            throw Engine.stopped();
        }
        return consumer;
    }

    void end(Consumer consumer) {
        engine.inbox().offer(new Command.EndConsumer(consumer));
    }

    @Override
    public TopicReader read(From from) {
        requireOpen();
        return new EngineReader(engine, this, from);
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        requireOpen();
        Watcher watcher = new Watcher(this, what, sink);
        if (!engine.inbox().offer(new Command.StartWatch(watcher))) {
            throw Engine.stopped();
        }
        return watcher;
    }

    void end(Watcher watcher) {
        engine.inbox().offer(new Command.EndWatch(watcher));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            engine.inbox().offer(new Command.CloseSession(this));
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(
                    "Session "
                            + spec.name()
                            + " is closed. Open another one with backend.session().");
        }
    }

    /// Nothing begins any more: who asks at the same time as somebody closes the session may come
    /// behind that, and would wait, or hold leases, for ever. The loop's.
    void end() {
        ended = true;
    }

    /// Whether it has ended. The loop's.
    boolean isEnded() {
        return ended;
    }

    /// Leases that end with this session. The loop's.
    SequencedSet<Delivery> leases() {
        return leases;
    }

    /// Takes that wait. The loop's.
    Set<PendingTake> takes() {
        return takes;
    }

    /// Running consumers. The loop's.
    Set<Consumer> consumers() {
        return consumers;
    }
}
