package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.NotSupportedException;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

/// Submits jobs, and starts workers that do them.
///
/// ```java
/// try (Millstream millstream = Millstream.open(Path.of("data"));
///         Jobs jobs = Jobs.over(millstream);
///         Workers workers = jobs.workers("mail").handle(SEND_MAIL, mailer::send).start()) {
///     JobRef<String> ref = jobs.enqueue(SEND_MAIL, new SendMail(42, "welcome"));
///     String messageId = ref.await(Duration.ofSeconds(10));
/// }
/// ```
///
/// A job that was submitted is on disk, and is done at least once: twice if a worker dies after it
/// did it and before it could say so. All methods may be called from any thread; blocking and
/// failures are those of [Millstream].
public final class Jobs implements AutoCloseable {
    /// What jobs and their workers need of a backend.
    static final Set<Feature> NEEDS =
            Set.of(
                    Feature.QUEUES,
                    Feature.ATOMIC_COMMIT,
                    Feature.ROWS,
                    Feature.WATCH_ROWS,
                    Feature.PURGE,
                    Feature.DEAD_LETTER,
                    Feature.RETRY_AFTER,
                    Feature.DELAY,
                    Feature.TIME_TO_LIVE,
                    Feature.PRIORITY,
                    Feature.GROUPS,
                    Feature.TYPES);

    private static final int ID_BITS = 80;
    private static final int ID_RADIX = 32;

    /// Digits of a number of 63 bits.
    private static final int ID_CHARS = 13;

    private final Millstream millstream;
    private final Session session;
    private final String prefix;
    private final long messageBytesMax;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong placed = new AtomicLong();
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final Declarations declarations;
    private final Results results;
    private final Submission submission;
    private final Canceller canceller;
    private final Inquiry inquiry;
    private final Scheduler scheduler;
    private final Schedules schedules;
    private final Circuits circuits;

    private Jobs(Millstream millstream, LongSupplier nanos) {
        Backend backend = millstream.backend();
        this.millstream = millstream;
        this.session = backend.session(SessionSpec.of("jobs"));
        this.prefix = new BigInteger(ID_BITS, random).toString(ID_RADIX) + "-";
        this.messageBytesMax = backend.capabilities().messageBytesMax();
        this.results = new Results(backend, session, prefix);
        this.declarations = new Declarations(millstream);
        this.submission = new Submission(millstream);
        this.canceller = new Canceller(millstream, results);
        this.inquiry = new Inquiry(backend, results);
        this.scheduler = new Scheduler(backend, canceller);
        this.schedules = new Schedules(millstream, declarations::ensure, scheduler);
        this.circuits = new Circuits(nanos);
    }

    /// Jobs in the queues of `millstream`, which stays open when this is closed.
    ///
    /// @throws NotSupportedException if the store lacks something that jobs or their workers need
    public static Jobs over(Millstream millstream) {
        return over(millstream, System::nanoTime);
    }

    /// @param nanos what pauses of workers are measured by: a clock that never goes back
    static Jobs over(Millstream millstream, LongSupplier nanos) {
        millstream.backend().capabilities().require("Jobs", NEEDS);
        return new Jobs(millstream, nanos);
    }

    /// Whether jobs wait in such a queue; not whether it is one in which they are kept when they
    /// are dead, or that they pass through.
    public static boolean isOfJobs(Definition.Queue queue) {
        return Envelope.isOfJobs(queue) && !Envelope.INNER.contains(queue.name());
    }

    /// The queue in which dead jobs are kept.
    public static ChannelName deadQueue() {
        return Envelope.DEAD;
    }

    /// Submits a job. Blocks until it is on disk.
    ///
    /// @throws IllegalArgumentException if its payload cannot be written as a JSON object
    /// @throws RefusedException if the queue is full, or what it is given is too large
    public <P, R> JobRef<R> enqueue(JobType<P, R> type, P payload) {
        return enqueue(type, payload, UnaryOperator.identity());
    }

    /// Submits a job that is to be done otherwise than its type says. Blocks until it is on disk.
    ///
    /// @param change of the type's options
    /// @throws IllegalArgumentException if its payload cannot be written as a JSON object
    /// @throws RefusedException if the queue is full, or what it is given is too large
    public <P, R> JobRef<R> enqueue(
            JobType<P, R> type, P payload, UnaryOperator<JobOptions.Builder> change) {
        return enqueueAll(type, List.of(payload), change).getFirst();
    }

    /// Submits many jobs. Blocks until they are on disk; some hundreds at a time are all or none.
    public <P, R> List<JobRef<R>> enqueueAll(JobType<P, R> type, Collection<? extends P> payloads) {
        return enqueueAll(type, payloads, UnaryOperator.identity());
    }

    /// Submits many jobs that are to be done otherwise than their type says. Blocks until they are
    /// on disk; some hundreds at a time are all or none.
    ///
    /// @param change of the type's options
    public <P, R> List<JobRef<R>> enqueueAll(
            JobType<P, R> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change) {
        return enqueueAll(type, payloads, change, null);
    }

    /// Submits jobs once, however often this is called, by whomever: a call under the same key gets
    /// the jobs of the first one. If that died midway it is continued. Blocks until they are on
    /// disk; some hundreds at a time are all or none.
    ///
    /// @param change of the type's options
    /// @throws UsedOtherwiseException if something else was submitted under this key
    /// @throws IllegalArgumentException if they are debounced, or cannot be written as JSON
    public <P, R> List<JobRef<R>> enqueueOnce(
            Once once,
            JobType<P, R> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change) {
        return enqueueAll(type, payloads, change, once);
    }

    private <P, R> List<JobRef<R>> enqueueAll(
            JobType<P, R> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change,
            @Nullable Once once) {
        List<Draft> drafts = drafts(type, payloads, change);
        if (drafts.isEmpty()) {
            return List.of();
        }
        ChannelName queue = drafts.getFirst().queue();
        declarations.ensure(queue);
        declarations.ensureLimit(queue, type);
        return submit(queue, type, drafts, once).stream()
                .map(accepted -> new JobRef<>(accepted, type.result(), results, canceller))
                .toList();
    }

    /// A queue that somebody has removed meanwhile is made again.
    private List<Accepted> submit(
            ChannelName queue, JobType<?, ?> type, List<Draft> drafts, @Nullable Once once) {
        try {
            return submission.submit(drafts, once);
        } catch (RefusedException refused) {
            if (!(refused.refusal() instanceof Refusal.NoSuchChannel)) {
                throw refused;
            }
            declarations.forget(queue);
            declarations.ensure(queue);
            declarations.ensureLimit(queue, type);
            return submission.submit(drafts, once);
        }
    }

    <P> List<Draft> drafts(
            JobType<P, ?> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change) {
        JobOptions options = change.apply(type.options().with()).build();
        List<Draft> drafts = new ArrayList<>(payloads.size());
        for (P payload : payloads) {
            drafts.add(Draft.of(newId(), type, payload, options));
        }
        return drafts;
    }

    /// By its id a job can be cancelled, so who knows one is not to know the others. All that this
    /// makes are equally long.
    private String newId() {
        String drawn = Long.toString(random.nextLong() >>> 1, ID_RADIX);
        return prefix + "0".repeat(ID_CHARS - drawn.length()) + drawn;
    }

    /// Submits jobs as part of a database's transaction, through the table `millstream_outbox` of
    /// that database, which [io.millstream.jobs.outbox.Outbox#create] makes and a [#relay] empties.
    ///
    /// @param connection with a transaction, which it never commits
    public InTransaction in(Connection connection) {
        return new InTransaction(this, connection);
    }

    /// Begins to describe what takes jobs from the outbox of a database and puts them into their
    /// queues. At least one process has to run one.
    ///
    /// @param database the same schema in which jobs are enqueued, and no replica of it. A
    ///   connection is taken from it for each look, so let it be a pool
    public Relay.Builder relay(DataSource database) {
        return new Relay.Builder(
                millstream.backend(), declarations, database, relays::add, relays::remove);
    }

    /// Something was written into an outbox, and may be committed soon.
    void nudge() {
        relays.forEach(Relay::nudge);
    }

    /// A number for what is written into an outbox: microseconds since 1970, and higher than each
    /// before.
    long place() {
        Instant now = Instant.now();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        return placed.updateAndGet(before -> Math.max(before + 1, micros));
    }

    long messageBytesMax() {
        return messageBytesMax;
    }

    /// A job that was submitted elsewhere or before, to ask for its result.
    ///
    /// @param id as [JobRef#id] said it
    public <R> JobRef<R> ref(JobType<?, R> type, String id) {
        return new JobRef<>(new Accepted(id, null, false), type.result(), results, canceller);
    }

    /// Cancels a job, whoever submitted it and wherever it is. Once this returns with
    /// [Cancellation.Cancelled] it has ended as that: one that waits is gone from its queue; the
    /// handler of one that runs is told by [JobContext#isCancelled], and interrupted if
    /// [JobOptions.Builder#interruptedByCancel] says so, and whatever it comes to is dropped.
    ///
    /// Looks for the job in the queues, which takes time where much waits; [JobRef#cancel] of who
    /// submitted it knows where it was put. Blocks until it is on disk.
    public Cancellation cancel(String id) {
        return canceller.cancel(id, null);
    }

    /// Where a job is, whoever submitted it. Looks for it in the queues, which takes time where
    /// much waits. Blocks.
    public JobStatus status(String id) {
        return inquiry.status(id);
    }

    /// As [#status], with what is known of the job besides.
    public JobLook look(String id) {
        return inquiry.look(id);
    }

    /// The jobs that are in a queue, those that wait, run or are put off until their time, in the
    /// order in which they were put there. Those that are debounced and those that have ended are
    /// not in it. Blocks for one look.
    ///
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    public JobPage list(String queue, @Nullable String after, int limit) {
        return inquiry.list(ChannelName.of(queue), after, limit);
    }

    /// The names of all queues that jobs are submitted to. Blocks.
    public List<String> queues() {
        return inquiry.queues();
    }

    /// Why a job is not running: all that holds it up and can be seen, at least one thing. As
    /// [#status], and looks at its whole queue.
    public List<Why> why(String id) {
        return inquiry.why(id);
    }

    /// Begins to describe workers of a queue.
    public Workers.Builder workers(String queue) {
        return workers(Queues.of(queue));
    }

    /// Begins to describe workers of several queues, which share their places.
    public Workers.Builder workers(Queues queues) {
        queues.names().forEach(declarations::ensure);
        return new Workers.Builder(
                millstream.backend(), declarations, circuits, queues, scheduler::start);
    }

    /// Begins to describe workers of a queue that is there already, whoever declared it and whoever
    /// fills it. It stays as it is declared. In a queue that is not one of jobs, which tells no
    /// types apart, only a handler for [Workers.Builder#every] works, what fails is tried again and
    /// given up as the queue declares it, and nothing can be cancelled by its id.
    ///
    /// [Workers.Builder#start] throws a [RefusedException] if there is no such queue.
    public Workers.Builder workersOfExisting(String queue) {
        return workersOfExisting(Queues.of(queue));
    }

    /// As [#workersOfExisting(String)], of several queues. Each of them is seen to as it is
    /// declared.
    public Workers.Builder workersOfExisting(Queues queues) {
        return new Workers.Builder(
                millstream.backend(), declarations, circuits, queues, scheduler::start);
    }

    /// Those that were given up.
    public DeadJobs dead() {
        return new DeadJobs(millstream, session);
    }

    /// What submits jobs by the clock.
    public Schedules schedules() {
        return schedules;
    }

    /// Declares a queue for jobs: in what order they are done, how many at once and how often, by
    /// queue, type and key; see [QueueBuilder]. What is not said is as others say, or as usual:
    /// keys share it fairly, and what waits becomes more urgent. All of it is kept by the store,
    /// over all workers. Blocks until it is on disk.
    ///
    /// ```java
    /// jobs.declare("mail", queue -> queue
    ///         .maxInFlight(50)
    ///         .groups(Groups.FAIR_ORDERED)
    ///         .weights(Map.of("gold", 3)));
    /// ```
    ///
    /// @throws DeclaredOtherwiseException if it is declared already, and one of these things
    ///   differs; nothing has changed then
    /// @throws RefusedException if the store cannot do it
    public void declare(String queue, UnaryOperator<QueueBuilder> change) {
        declarations.declare(ChannelName.of(queue), change);
    }

    /// Changes what a queue is declared to be, for all programs, while it is in use. What is being
    /// done goes on. Programs that say otherwise are refused when they start next. Blocks until it
    /// is on disk.
    ///
    /// @param change of what it is now
    public void redeclare(String queue, UnaryOperator<QueueBuilder> change) {
        declarations.redeclare(ChannelName.of(queue), change);
    }

    /// The type's limit as this program says it holds from now on, for all programs.
    public void redeclare(JobType<?, ?> type) {
        declarations.redeclare(type);
    }

    /// Nothing of this queue begins until it is resumed, by any worker; what has begun goes on, and
    /// jobs may be submitted. It outlives restarts. Doing it again does nothing. Blocks until it is
    /// on disk.
    ///
    /// @throws RefusedException if there is no such queue, or the store cannot do it
    public void pause(String queue) {
        declarations.pause(ChannelName.of(queue), true);
    }

    /// What waits in this queue may begin again.
    ///
    /// @throws RefusedException if there is no such queue
    public void resume(String queue) {
        declarations.pause(ChannelName.of(queue), false);
    }

    /// Awaits nothing any more, fires no schedules and relays nothing. What was submitted stays
    /// submitted.
    @Override
    public void close() {
        List.copyOf(relays).forEach(Relay::close);
        scheduler.close();
        session.close();
    }
}
