package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Receipt;
import io.millstream.api.StoppedException;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The one thread of a node that talks to the database: does what it is asked in the order it was
/// asked, commits that stand next to each other in one transaction, and hands out after each.
final class Pump implements Runnable {

    private static final long IDLE_MILLIS = 1000;
    private static final long TOUCH_NANOS = 5_000_000;
    private static final int GROUP_MAX = 500;
    private static final int TRIES_MAX = 20;

    /// What another node may have got in the way of: it is done again from the beginning. Cut off
    /// as a victim of a deadlock, overtaken, or second to insert.
    private static final Set<String> AGAIN = Set.of("40001", "40P01", "23505");

    /// Work inside a transaction.
    interface Body {
        void run(Tx tx) throws SQLException;
    }

    /// A look inside a transaction.
    interface Look<T> {
        T at(Tx tx) throws SQLException;
    }

    private sealed interface Job {
        Consumer<StoppedException> otherwise();
    }

    private record Write(List<Commit> commits, CompletableFuture<List<Receipt>> future)
            implements Job {
        @Override
        public Consumer<StoppedException> otherwise() {
            return future::completeExceptionally;
        }
    }

    private record Post(Runnable work, Consumer<StoppedException> otherwise) implements Job {}

    private record Work(Body body, Consumer<StoppedException> otherwise) implements Job {}

    private final Connection connection;
    private final int epoch;
    private final Handing handing;
    private final Definitions definitions;
    private final Runnable stirred;
    private final LinkedBlockingDeque<Job> inbox = new LinkedBlockingDeque<>();
    private final Object gate = new Object();
    private StoppedException stopped;
    private volatile boolean killed;
    private long touchedAt = System.nanoTime();

    Pump(
            Connection connection,
            int epoch,
            Handing handing,
            Definitions definitions,
            Runnable stirred) {
        this.connection = connection;
        this.epoch = epoch;
        this.handing = handing;
        this.definitions = definitions;
        this.stirred = stirred;
    }

    // From any thread.

    CompletableFuture<List<Receipt>> commit(List<Commit> commits) {
        CompletableFuture<List<Receipt>> future = new CompletableFuture<>();
        add(new Write(commits, future));
        return future.copy();
    }

    void post(Runnable work) {
        postOrElse(work, _ -> {});
    }

    void postOrElse(Runnable work, Consumer<StoppedException> otherwise) {
        add(new Post(work, otherwise));
    }

    void work(Body body) {
        add(new Work(body, _ -> {}));
    }

    <T> void look(Look<T> look, Consumer<T> then) {
        lookOrElse(look, then, _ -> {});
    }

    <T> void lookOrElse(Look<T> look, Consumer<T> then, Consumer<StoppedException> otherwise) {
        add(
                new Work(
                        tx -> {
                            T seen = look.at(tx);
                            tx.afterwards(() -> then.accept(seen));
                        },
                        otherwise));
    }

    void stop(StoppedException why, boolean kill) {
        synchronized (gate) {
            if (stopped == null) stopped = why;
            killed |= kill;
        }
        // Only wakes it up: what is asked from now on is refused at the gate.
        inbox.add(new Post(() -> {}, _ -> {}));
    }

    private void add(Job job) {
        StoppedException why;
        synchronized (gate) {
            why = stopped;
            if (why == null) inbox.add(job);
        }
        if (why != null) job.otherwise().accept(why);
    }

    // The thread.

    @Override
    public void run() {
        Deque<Job> jobs = new ArrayDeque<>();
        try {
            while (true) {
                await(jobs);
                if (hasStopped()) break;
                boolean idle = jobs.isEmpty();
                if (idle || System.nanoTime() - touchedAt > TOUCH_NANOS) {
                    touchedAt = System.nanoTime();
                    handing.touchAll();
                }
                while (!jobs.isEmpty()) {
                    step(jobs);
                    handOut();
                }
                if (idle) transaction(_ -> {});
                handOut();
            }
            if (!killed) leave();
        } catch (SQLException | RuntimeException e) {
            stop(new StoppedException("The database is out of reach: " + e.getMessage(), e), true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end(jobs);
    }

    private boolean hasStopped() {
        synchronized (gate) {
            return stopped != null;
        }
    }

    private void await(Deque<Job> jobs) throws InterruptedException, SQLException {
        if (inbox.isEmpty()) {
            Job job = inbox.poll(idleMillis(), TimeUnit.MILLISECONDS);
            if (job != null) jobs.add(job);
        }
        inbox.drainTo(jobs);
    }

    /// How long nothing will happen by itself that somebody here waits for.
    private long idleMillis() throws SQLException {
        if (handing.waitedFor().isEmpty()) return IDLE_MILLIS;
        long[] millis = {IDLE_MILLIS};
        transaction(tx -> {
            long most = tx.now() + IDLE_MILLIS;
            long next = tx.one("SELECT coalesce(min(until), ?) FROM message", most);
            for (ChannelName name : handing.waitedFor()) {
                QueueRow queue = tx.queue(name);
                if (queue == null) continue;
                next =
                        Math.min(
                                next,
                                tx.one(
                                        "SELECT coalesce(min(due), ?) FROM message WHERE"
                                                + " channel = ? AND due > ? AND number IS NULL",
                                        next,
                                        queue.id(),
                                        tx.now()));
            }
            millis[0] = next - tx.now();
        });
        return Math.clamp(Math.min(millis[0], handing.leftMillis()), 1, IDLE_MILLIS);
    }

    private void step(Deque<Job> jobs) throws SQLException {
        switch (jobs.peekFirst()) {
            case Write _ -> {
                List<Write> group = new ArrayList<>();
                while (group.size() < GROUP_MAX && jobs.peekFirst() instanceof Write write) {
                    group.add(write);
                    jobs.removeFirst();
                }
                writeTogether(group);
            }
            case Post(Runnable work, _) -> {
                jobs.removeFirst();
                work.run();
            }
            case Work work -> {
                transaction(work.body());
                jobs.removeFirst();
            }
            case null -> {}
        }
    }

    private void writeTogether(List<Write> group) throws SQLException {
        try {
            transaction(tx -> {
                List<Commit> all = group.stream().flatMap(one -> one.commits().stream()).toList();
                tx.lock(Commits.lockedBy(all));
                Commits commits = new Commits(tx, definitions);
                for (Write write : group) {
                    List<Receipt> receipts = new ArrayList<>();
                    for (Commit commit : write.commits()) receipts.add(commits.commit(commit));
                    tx.afterwards(() -> write.future().complete(receipts));
                }
            });
            stirred.run();
        } catch (SQLException | RuntimeException e) {
            var why = new StoppedException("The database did not answer: " + e.getMessage(), e);
            group.forEach(write -> write.future().completeExceptionally(why));
            throw e;
        }
    }

    private void handOut() throws SQLException {
        for (ChannelName next = handing.next(); next != null; next = handing.next()) {
            ChannelName queue = next;
            transaction(tx -> handing.serve(tx, queue));
        }
    }

    /// Does it, and once it is committed what follows from it.
    private void transaction(Body body) throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                Tx tx = new Tx(connection, epoch);
                new Ends(tx).expire();
                body.run(tx);
                tx.commit();
                handing.ended(tx.ends());
                tx.touched().forEach(handing::touch);
                return;
            } catch (SQLException e) {
                connection.rollback();
                if (!AGAIN.contains(e.getSQLState()) || tries == TRIES_MAX) throw e;
            }
        }
    }

    private void leave() throws SQLException {
        transaction(tx -> {
            new Ends(tx).closeNode();
            tx.update("DELETE FROM node WHERE epoch = ?", epoch);
        });
    }

    private void end(Deque<Job> jobs) {
        StoppedException why;
        synchronized (gate) {
            inbox.drainTo(jobs);
            why = stopped;
        }
        handing.kill(why);
        jobs.forEach(job -> job.otherwise().accept(why));
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone, which is what was wanted.
        }
    }
}
