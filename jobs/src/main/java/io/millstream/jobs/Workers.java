package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.RefusedException;
import io.millstream.api.Take;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Workers of a queue, or of several: so many jobs at once, each on a virtual thread of its own.
///
/// Jobs of types that they have no handler for are left in the queue, for workers that know them;
/// they use no attempt. Leases are renewed as long as a handler runs; if that fails for so long
/// that the job may be somebody else's, the handler's thread is interrupted and what it returns is
/// dropped.
public final class Workers implements AutoCloseable {
    private final Crew crew;
    private final Duration grace;

    private Workers(Crew crew, Duration grace) {
        this.crew = crew;
        this.grace = grace;
    }

    /// Stops, and gives what is being done as long as [Builder#grace] says.
    @Override
    public void close() {
        crew.close(grace);
    }

    /// Takes no more jobs, gives back at once those that have not begun, waits for the others as
    /// long as `time`, and then interrupts them and gives them back, too. None of these uses an
    /// attempt. Blocks until all of it is done: for seconds longer than `time` at most. Handlers
    /// that go on in spite of that are left behind, with a line in the log for each that says where
    /// it is; their jobs are given back as well, and what they come to is dropped. May be called
    /// again meanwhile, with less time.
    public void stop(Duration time) {
        crew.close(time);
    }

    /// Changes how many jobs they do at once, as [Builder#concurrency] says it. What is being done
    /// goes on, even if that is more. Does not block.
    public void resize(int concurrency) {
        resize(concurrency, concurrency);
    }

    /// Changes the bounds of how many jobs they do at once.
    public void resize(int least, int most) {
        crew.resize(new Places.Bounds(least, most));
    }

    /// How many jobs they do at once at most, as of now.
    public int places() {
        return crew.places();
    }

    /// How many handlers go on though they were interrupted, because they took too long or their
    /// job was cancelled: each of them keeps a place.
    public int stuck() {
        return crew.stuck();
    }

    /// How that is which types of these jobs depend on, by name; see
    /// [JobOptions.Builder#downstream(String)]. All workers of the same [Jobs] share it, and nobody
    /// else does.
    public List<DownstreamLook> downstreams() {
        return crew.downstreams();
    }

    /// How many jobs are being done now.
    public int running() {
        return crew.running();
    }

    /// Describes workers; not for use by several threads.
    public static final class Builder {
        private static final int CONCURRENCY = 16;
        private static final Duration LEASE = Duration.ofSeconds(30);
        private static final Duration LEASE_MIN = Duration.ofMillis(300);
        private static final Duration GRACE = Duration.ofSeconds(20);

        private static final double RETRY_SHARE = 0.5;

        private final Backend backend;
        private final Declarations declarations;
        private final Circuits circuits;
        private final Queues queues;
        private final Runnable beside;
        private final Handlers handlers = new Handlers();
        private Places.Bounds places = new Places.Bounds(CONCURRENCY, CONCURRENCY);
        private Duration lease = LEASE;
        private Duration grace = GRACE;
        private double retryShare = RETRY_SHARE;
        private String name = "worker";

        /// @param beside begins what is done wherever there are workers
        Builder(
                Backend backend,
                Declarations declarations,
                Circuits circuits,
                Queues queues,
                Runnable beside) {
            this.backend = backend;
            this.declarations = declarations;
            this.circuits = circuits;
            this.queues = queues;
            this.beside = beside;
        }

        /// Does jobs of this type, of any version up to the type's.
        public <P, R> Builder handle(JobType<P, R> type, JobHandler<P, R> handler) {
            return decide(
                    type, (payload, context) -> JobOutcome.done(handler.handle(payload, context)));
        }

        /// Does jobs of this type, which return nothing.
        public <P> Builder run(JobType<P, Void> type, JobAction<P> action) {
            return decide(
                    type,
                    (payload, context) -> {
                        action.run(payload, context);
                        return JobOutcome.done(null);
                    });
        }

        /// Does jobs of this type, and says how each attempt ended.
        ///
        /// @throws IllegalArgumentException if there is a handler for it already
        public <P, R> Builder decide(JobType<P, R> type, JobDecider<P, R> decider) {
            handlers.add(type, decider);
            return this;
        }

        /// Does every message that no other handler does, of whatever type and of none, whatever
        /// its body is: jobs of programs that nobody here knows, and messages that are no jobs. Of
        /// the options of a job `timeout`, `retry` and `interruptedByCancel` count; `retry` only in
        /// queues of jobs. In any other one what fails waits as long as the queue's
        /// [io.millstream.api.BackOff] says, or a second to a minute if it has none, and dies as
        /// its attempt limit and its dead-letter queue say.
        ///
        /// @param change of the usual options
        /// @param decider whose result is kept as JSON if somebody awaits it
        /// @throws IllegalArgumentException if there is one already
        public Builder every(
                UnaryOperator<JobOptions.Builder> change, JobDecider<Message, JsonNode> decider) {
            JobOptions options = change.apply(JobOptions.standard(false).with()).build();
            handlers.addEvery(new Handlers.OfEvery(options, decider));
            return this;
        }

        /// As [#every(UnaryOperator, JobDecider)], of messages of these types, and of no others.
        /// The queue is to tell types apart.
        ///
        /// @param types one or more
        public Builder every(
                Set<String> types,
                UnaryOperator<JobOptions.Builder> change,
                JobDecider<Message, JsonNode> decider) {
            if (types.isEmpty()) {
                throw new IllegalArgumentException("Name a type, or leave the types out");
            }
            every(change, decider);
            handlers.every(types);
            return this;
        }

        /// How many jobs at once; 16 if nothing is said.
        public Builder concurrency(int concurrency) {
            return concurrency(concurrency, concurrency);
        }

        /// Between how many jobs and how many at once. It is `least` at first; within seconds it is
        /// as many as `most` while more wait than are done, and within half a minute `least` again
        /// when there is nothing to do. For jobs that wait for others: those that use a processor
        /// are not done sooner by doing more of them at once.
        public Builder concurrency(int least, int most) {
            this.places = new Places.Bounds(least, most);
            return this;
        }

        /// After how long the jobs of a worker that died are somebody else's, 300 ms at least; 30
        /// seconds if nothing is said. Says nothing about how long a job may take.
        public Builder lease(Duration lease) {
            if (lease.compareTo(LEASE_MIN) < 0) {
                throw new IllegalArgumentException(
                        "A lease lasts %s or longer, not %s".formatted(LEASE_MIN, lease));
            }
            this.lease = lease;
            return this;
        }

        /// How long [Workers#close] waits for what is being done; 20 seconds if nothing is said.
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /// How large a part of the jobs that are done at once may be ones that failed before, while
        /// others wait; half of them if nothing is said. One for which there is no room is given
        /// back for seconds, which is no attempt. So what fails again and again never keeps all
        /// workers from what was never tried.
        ///
        /// @param share more than 0, and at most 1 for as many as there are
        public Builder retryShare(double share) {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "The share of retries is more than 0 and at most 1, not " + share);
            }
            this.retryShare = share;
            return this;
        }

        /// What they are called where sessions are listed.
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /// Begins to work.
        ///
        /// @throws IllegalStateException if there is no handler, or there are too many types, or a
        ///   queue does not tell types apart and not all are done, or all are and some depend on
        ///   something
        /// @throws RefusedException if there is no such queue
        /// @throws DeclaredOtherwiseException if a type's limit is declared otherwise already
        public Workers start() {
            int types = handlers.wireNames().size();
            if ((types == 0 && !handlers.isForAll()) || types > Take.TYPES_MAX) {
                throw new IllegalStateException(
                        "Workers of %s need handlers for 1 to %d types and versions, not %d"
                                .formatted(queues, Take.TYPES_MAX, types));
            }
            Downstream downstream = handlers.anyDownstream();
            if (downstream != null && handlers.isForAll()) {
                throw new IllegalStateException(
                        ("Workers of %s do messages of every type, so they cannot let those wait"
                                        + " that depend on %s when it fails. Name the types, in a"
                                        + " queue that tells types apart.")
                                .formatted(queues, downstream.name()));
            }
            List<DeclaredQueue> declared = queues.names().stream().map(this::declared).toList();
            for (ChannelName queue : queues.names()) {
                handlers.types().forEach(type -> declarations.ensureLimit(queue, type));
            }
            boolean areOfJobs = declared.stream().anyMatch(DeclaredQueue::isOfJobs);
            if (areOfJobs) {
                declarations.ensureInner();
            }
            Crew.Plan plan = new Crew.Plan(queues, name, places, retryShare, lease);
            Crew crew = new Crew(backend, plan, handlers, declared, circuits);
            crew.start();
            if (areOfJobs) {
                beside.run();
            }
            return new Workers(crew, grace);
        }

        private DeclaredQueue declared(ChannelName queue) {
            DeclaredQueue declared = new DeclaredQueue(declarations, queue);
            if (!declared.now().typed() && !handlers.isForAll()) {
                throw new IllegalStateException(
                        ("Queue %s does not tell types apart, so its workers get all that is in it."
                                        + " Do messages of every type, or declare it typed.")
                                .formatted(queue));
            }
            return declared;
        }
    }
}
