package io.millstream.backends.remote;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
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
import io.millstream.wire.Ask;
import io.millstream.wire.Forms;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// A session over a line; each connection has it anew.
final class RemoteSession implements Session {
    private final RemoteLine line;
    private final SessionWork work;

    /// Locked while commits are numbered and sent.
    private final @Nullable CommitIds ids;

    private final AtomicLong windows = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Set<Work> standing = ConcurrentHashMap.newKeySet();

    private RemoteSession(RemoteLine line, SessionWork work, @Nullable CommitIds ids) {
        this.line = line;
        this.work = work;
        this.ids = ids;
    }

    /// @param numbers whether the store knows commits by their ids
    static RemoteSession open(RemoteLine line, SessionSpec spec, boolean numbers) {
        RemoteSession session =
                new RemoteSession(
                        line,
                        new SessionWork(line.number(), spec),
                        numbers ? new CommitIds() : null);
        line.ask(session.work);
        return session;
    }

    RemoteLine line() {
        return line;
    }

    long number() {
        return work.id;
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(
                    "The session %s is closed. Open another one.".formatted(work.name()));
        }
    }

    // Commits.

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        requireOpen();
        if (commits.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        if (line.isFull() && !settles(commits)) {
            return CompletableFuture.completedStage(
                    commits.stream().map(_ -> refused(BUSY)).toList());
        }
        return ids == null ? send(commits) : sendNumbered(ids, commits);
    }

    /// Numbers are used in the order in which they are sent.
    private CompletionStage<List<Receipt>> sendNumbered(CommitIds ids, List<Commit> commits) {
        synchronized (ids) {
            List<Commit> numbered = new ArrayList<>(commits.size());
            List<CommitId> own = new ArrayList<>();
            for (Commit commit : commits) {
                CommitId id = commit.id() == null ? ids.next() : null;
                numbered.add(id == null ? commit : new Commit(id, commit.operations()));
                if (id != null) {
                    own.add(id);
                }
            }
            return send(numbered)
                    .whenComplete((_, _) -> {
                        synchronized (ids) {
                            own.forEach(ids::answered);
                        }
                    });
        }
    }

    private CompletionStage<List<Receipt>> send(List<Commit> commits) {
        List<@Nullable Receipt> known = new ArrayList<>(commits.size());
        List<Commit> sayable = new ArrayList<>(commits.size());
        List<byte[]> written = new ArrayList<>(commits.size());
        for (Commit commit : commits) {
            try {
                written.add(Forms.COMMIT.write(commit));
                sayable.add(commit);
                known.add(null);
            } catch (IllegalArgumentException unsayable) {
                known.add(refused(new Refusal.Invalid(String.valueOf(unsayable.getMessage()))));
            }
        }
        CommitWork asked = new CommitWork(line.number(), number(), sayable);
        line.commit(asked, number(), written);
        return asked.receipts().thenApply(told -> inPlace(known, told));
    }

    private static final Refusal BUSY =
            new Refusal.Busy(
                    "Too much waits to be sent to the server. Wait for some answers, or for it to"
                            + " come back.");

    private static Receipt refused(Refusal refusal) {
        return new Receipt.Refused(Instant.now(), 0, refusal);
    }

    private static boolean settles(List<Commit> commits) {
        return commits.stream()
                .flatMap(commit -> commit.operations().stream())
                .anyMatch(io.millstream.api.Operation.Settle.class::isInstance);
    }

    private static List<Receipt> inPlace(List<@Nullable Receipt> known, List<Receipt> told) {
        if (told.size() == known.size()) {
            return told;
        }
        List<Receipt> all = new ArrayList<>(known.size());
        int at = 0;
        for (Receipt receipt : known) {
            all.add(receipt == null ? told.get(at++) : receipt);
        }
        return all;
    }

    // Takes and consumers.

    @Override
    public Pending<Taken> take(Take take) {
        requireOpen();
        return RemoteTake.begin(this, take);
    }

    @Override
    public Credit credit(int messages, long bytes) {
        requireOpen();
        return new RemoteCredit(this, "w" + windows.incrementAndGet(), messages, bytes);
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        requireOpen();
        RemoteSubscription begun = new RemoteSubscription(this, what, sink);
        try {
            begin(begun);
        } catch (IllegalArgumentException unsayable) {
            standing.remove(begun);
            sink.ended(new Refusal.Invalid(String.valueOf(unsayable.getMessage())));
        }
        return begun;
    }

    // Topics and watches.

    @Override
    public TopicReader read(From from) {
        requireOpen();
        RemoteReader begun = new RemoteReader(this, from);
        begin(begun);
        return begun;
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        requireOpen();
        RemoteWatch begun = new RemoteWatch(this, what, sink);
        try {
            begin(begun);
        } catch (IllegalArgumentException unsayable) {
            standing.remove(begun);
            sink.changed(
                    new Change.Refused(
                            new Refusal.Invalid(String.valueOf(unsayable.getMessage()))));
        }
        return begun;
    }

    private void begin(Work begun) {
        standing.add(begun);
        line.ask(begun);
    }

    /// Ends what stands, by itself or because the server says so.
    void ended(Work ended, boolean tellServer) {
        if (standing.remove(ended) && tellServer && !closed.get()) {
            endThere(ended);
        }
    }

    private void endThere(Work ended) {
        line.say(new Ask.End(ended.id));
        line.whenPassed(() -> line.forget(ended));
    }

    /// All of it ends at once there: what one consumer lets go of is no other one's of this
    /// session.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            List<Work> ended = List.copyOf(standing);
            standing.clear();
            line.forget(work);
            line.say(new Ask.Close(number()));
            if (!ended.isEmpty()) {
                line.whenPassed(() -> ended.forEach(line::forget));
            }
        }
    }
}
