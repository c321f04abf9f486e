package io.millstream.junit;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChangeSink;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Found;
import io.millstream.api.Handle;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.api.Watch;
import io.millstream.testkit.ForwardingSession;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// The store as the jobs of a test see it, with a note of who waits for what, who holds what, and
/// what became of it: so it can be said when nobody has anything to do any more.
///
/// What it knows of jobs is what is written on the wire: the names of the queues and tables that
/// they keep for themselves, and of the headers of dead ones.
final class JobTrace implements Backend {
    /// Where what has expired, or used up its attempts unnoticed, is seen to.
    static final ChannelName ENDED = ChannelName.of("jobs.ended");

    /// Where debounced jobs are seen to.
    static final ChannelName DEBOUNCED = ChannelName.of("jobs.debounced");

    private static final ChannelName DEAD = ChannelName.of("jobs.dead");
    private static final String CANCELLED_ROWS = "jobs.cancelled";
    private static final String SCHEDULER = "schedules";

    /// The sessions by which jobs are submitted.
    private static final Set<String> SUBMITTERS = Set.of("in-process", "jobs");

    private final Backend store;
    private final Runnable onSubmitted;

    // Guarded by this.
    private final List<TracedSession> sessions = new ArrayList<>();
    private final Map<Handle, Lease> held = new HashMap<>();
    private final List<JobAttempt> attempts = new ArrayList<>();
    private long moment;
    private long progress;

    /// @param onSubmitted runs on the thread that has put messages into queues, before it is told
    JobTrace(Backend store, Runnable onSubmitted) {
        this.store = store;
        this.onSubmitted = onSubmitted;
    }

    /// The sessions that are opened while `work` runs, but for who fires schedules.
    List<TracedSession> openedBy(Runnable work) {
        Set<TracedSession> before = new HashSet<>(sessions());
        work.run();
        return sessions().stream()
                .filter(session -> !before.contains(session))
                .filter(session -> !session.isScheduler())
                .toList();
    }

    private synchronized List<TracedSession> sessions() {
        return List.copyOf(sessions);
    }

    /// What became of jobs since this was asked last.
    synchronized List<JobAttempt> takeAttempts() {
        List<JobAttempt> all = List.copyOf(attempts);
        attempts.clear();
        return all;
    }

    /// Grows whenever a job begins or ends.
    synchronized long progress() {
        return progress;
    }

    /// What workers have been given and not settled.
    synchronized List<Lease> held() {
        return List.copyOf(held.values());
    }

    /// This lease has gone without having been settled.
    synchronized void forget(Lease lease) {
        held.remove(lease.handle());
    }

    /// The takes by which all of them wait for something to do, or null if one of them does not
    /// wait.
    ///
    /// @param workers the sessions of workers
    /// @param hasSchedules whether who fires schedules sleeps until one is due
    synchronized @Nullable Set<Object> resting(List<TracedSession> workers, boolean hasSchedules) {
        Set<Object> takes = new HashSet<>();
        for (TracedSession session : workers) {
            if (!session.isResting(takes)) {
                return null;
            }
        }
        for (TracedSession session : sessions) {
            if (hasSchedules && session.isScheduler() && !session.isAsleep(takes)) {
                return null;
            }
        }
        return takes;
    }

    private synchronized void handedOut(List<Lease> leases) {
        for (Lease lease : leases) {
            held.put(lease.handle(), lease);
            progress++;
        }
    }

    private synchronized void settled(List<Commit> commits, List<Receipt> receipts) {
        for (int i = 0; i < receipts.size(); i++) {
            List<Operation> operations = commits.get(i).operations();
            for (Operation operation : operations) {
                if (operation instanceof Operation.Settle settle) {
                    settled(settle, operations, receipts.get(i));
                }
            }
        }
    }

    private void settled(Operation.Settle settle, List<Operation> operations, Receipt receipt) {
        Lease lease = held.get(settle.handle());
        // One that is refused is settled in another way, or its lease is over.
        boolean isOver =
                receipt instanceof Receipt.Refused refused
                        && operations.get(refused.operation()).equals(settle);
        if (lease != null && (isOver || receipt instanceof Receipt.Committed)) {
            held.remove(settle.handle());
            progress++;
            if (!isOver && !lease.handle().queue().equals(DEBOUNCED)) {
                attempts.add(attempt(lease, end(lease, settle.outcome(), operations)));
            }
        }
    }

    private static JobAttempt attempt(Lease lease, JobAttempt.End end) {
        Message message = lease.message();
        boolean isSeenTo = lease.handle().queue().equals(ENDED);
        String id = message.id();
        String type = message.type();
        return new JobAttempt(
                id == null ? lease.handle().queue().name() + "-" + lease.handle().sequence() : id,
                type == null ? "" : type,
                message.text(),
                isSeenTo ? lease.deliveries() - 1 : lease.attempts(),
                end);
    }

    private static JobAttempt.End end(Lease lease, Outcome outcome, List<Operation> operations) {
        if (outcome instanceof Outcome.Retry(var wait, boolean counts)) {
            return counts ? new JobAttempt.Failed(wait) : new JobAttempt.Postponed(wait);
        }
        if (outcome instanceof Outcome.Dead(String reason)) {
            return new JobAttempt.Dead(reason, "");
        }
        for (Operation operation : operations) {
            if (operation instanceof Operation.Put put && put.queue().equals(DEAD)) {
                return new JobAttempt.Dead(
                        text(put.message(), "millstream-dead-reason"),
                        text(put.message(), "millstream-dead-stack"));
            }
            // Every end says that the job is not cancelled; this one, that it is so no longer.
            if (operation instanceof Operation.Write write
                    && write.table().equals(CANCELLED_ROWS)
                    && write.expect() instanceof Expect.Anything) {
                return new JobAttempt.Cancelled();
            }
        }
        boolean isExpired =
                lease.via() instanceof Via.DeadLettered dead && dead.cause() == Via.Cause.EXPIRED;
        return isExpired && lease.handle().queue().equals(ENDED)
                ? new JobAttempt.Expired()
                : new JobAttempt.Done();
    }

    private static String text(Message message, String header) {
        return message.header(header).map(found -> found.value().utf8()).orElse("");
    }

    @Override
    public Capabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return store.find(query);
    }

    @Override
    public synchronized Session session(SessionSpec spec) {
        TracedSession session = new TracedSession(spec.name(), store.session(spec));
        sessions.add(session);
        return session;
    }

    /// Whose store it is closes it.
    @Override
    public void close() {}

    /// A take that has not been answered.
    ///
    /// @param queue from where
    /// @param asked when
    private record Waiting(ChannelName queue, long asked) {}

    /// A session whose takes and settles are noted.
    final class TracedSession extends ForwardingSession {
        private final String name;

        // Guarded by the trace.
        private final Set<ChannelName> asked = new HashSet<>();
        private final Set<Waiting> waiting = new HashSet<>();
        private long told;

        private TracedSession(String name, Session session) {
            super(session);
            this.name = name;
        }

        private boolean isScheduler() {
            return name.equals(SCHEDULER);
        }

        /// Which queues it has asked for messages of.
        Set<ChannelName> asked() {
            synchronized (JobTrace.this) {
                return Set.copyOf(asked);
            }
        }

        /// Whether it waits for messages of each queue that it works.
        private boolean isResting(Set<Object> takes) {
            Set<ChannelName> resting = new HashSet<>();
            for (Waiting one : waiting) {
                resting.add(one.queue());
                takes.add(one);
            }
            return !asked.isEmpty() && resting.equals(asked);
        }

        /// Whether it has gone to sleep by all that it was told.
        private boolean isAsleep(Set<Object> takes) {
            takes.addAll(waiting);
            return waiting.stream().anyMatch(one -> one.asked() > told);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            CompletionStage<List<Receipt>> answer =
                    session.commit(commits)
                            .thenApply(receipts -> {
                                settled(commits, receipts);
                                return receipts;
                            });
            boolean puts =
                    commits.stream()
                            .flatMap(commit -> commit.operations().stream())
                            .anyMatch(Operation.Put.class::isInstance);
            if (puts && SUBMITTERS.contains(name)) {
                var _ = answer.toCompletableFuture().exceptionally(_ -> List.of()).join();
                onSubmitted.run();
            }
            return answer;
        }

        @Override
        public Pending<Taken> take(Take take) {
            if (take.term() instanceof Term.Auto && !isScheduler()) {
                return session.take(take);
            }
            Waiting waits;
            synchronized (JobTrace.this) {
                waits = new Waiting(take.queue(), ++moment);
                if (take.maxWait().isPositive()) {
                    asked.add(take.queue());
                    waiting.add(waits);
                }
            }
            Pending<Taken> pending = session.take(take);
            CompletionStage<Taken> stage =
                    pending.stage()
                            .whenComplete((taken, _) -> {
                                synchronized (JobTrace.this) {
                                    waiting.remove(waits);
                                    if (taken instanceof Taken.Leased leased && !isScheduler()) {
                                        handedOut(leased.leases());
                                    }
                                }
                            });
            return new Pending<>() {
                @Override
                public CompletionStage<Taken> stage() {
                    return stage;
                }

                @Override
                public void cancel() {
                    pending.cancel();
                }
            };
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            return session.watch(
                    what,
                    change -> {
                        synchronized (JobTrace.this) {
                            told = ++moment;
                        }
                        sink.changed(change);
                    });
        }

        @Override
        public void close() {
            synchronized (JobTrace.this) {
                sessions.remove(this);
            }
            session.close();
        }
    }
}
