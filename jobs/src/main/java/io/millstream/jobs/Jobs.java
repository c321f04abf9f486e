package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

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
    private static final int ID_BITS = 80;
    private static final int ID_RADIX = 32;
    private static final int JOBS_PER_COMMIT = 500;

    private final Millstream millstream;
    private final Session session;
    private final String prefix;
    private final AtomicLong submitted = new AtomicLong();
    private final Set<ChannelName> known = ConcurrentHashMap.newKeySet();
    private final Results results;
    private final Scheduler scheduler;
    private final Schedules schedules;

    private Jobs(Millstream millstream) {
        Backend backend = millstream.backend();
        this.millstream = millstream;
        this.session = backend.session(SessionSpec.of("jobs"));
        this.prefix = new BigInteger(ID_BITS, new SecureRandom()).toString(ID_RADIX) + "-";
        this.results = new Results(backend, session, prefix);
        this.scheduler = new Scheduler(backend);
        this.schedules = new Schedules(millstream, this::ensure, scheduler);
    }

    /// Jobs in the queues of `millstream`, which stays open when this is closed.
    public static Jobs over(Millstream millstream) {
        return new Jobs(millstream);
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

    private <P, R> List<JobRef<R>> enqueueAll(
            JobType<P, R> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change) {
        JobOptions options = change.apply(type.options().with()).build();
        ChannelName queue = ChannelName.of(options.queue());
        ensure(queue);
        List<JobRef<R>> refs = new ArrayList<>(payloads.size());
        List<Operation> puts = new ArrayList<>();
        for (P payload : payloads) {
            String id = prefix + Long.toString(submitted.incrementAndGet(), ID_RADIX);
            Message message = Envelope.seal(id, type, payload, options);
            puts.add(new Operation.Put(queue, message));
            refs.add(new JobRef<>(id, type.result(), results));
            if (puts.size() == JOBS_PER_COMMIT) {
                commit(puts);
            }
        }
        commit(puts);
        return refs;
    }

    private void commit(List<Operation> operations) {
        if (!operations.isEmpty()) {
            millstream.commit(operations.toArray(Operation[]::new));
            operations.clear();
        }
    }

    /// A job that was submitted elsewhere or before, to ask for its result.
    ///
    /// @param id as [JobRef#id] said it
    public <R> JobRef<R> ref(JobType<?, R> type, String id) {
        return new JobRef<>(id, type.result(), results);
    }

    /// Begins to describe workers of a queue.
    public Workers.Builder workers(String queue) {
        ChannelName name = ChannelName.of(queue);
        ensure(name);
        return new Workers.Builder(millstream.backend(), name, scheduler::start);
    }

    /// What submits jobs by the clock.
    public Schedules schedules() {
        return schedules;
    }

    /// There is a queue of this name, and where its dead go.
    private void ensure(ChannelName queue) {
        if (known.contains(queue)) {
            return;
        }
        defineIfAbsent(Definition.Queue.of(Envelope.DEAD));
        defineIfAbsent(Definition.Queue.of(Envelope.ENDED));
        defineIfAbsent(Envelope.queue(queue));
        known.add(queue);
    }

    private void defineIfAbsent(Definition definition) {
        try {
            millstream.commit(new Operation.Define(definition, Expect.Nothing.NOTHING));
        } catch (RefusedException refused) {
            if (!(refused.refusal() instanceof Refusal.Conflict)) {
                throw refused;
            }
        }
    }

    /// Awaits nothing any more, and fires no schedules. What was submitted stays submitted.
    @Override
    public void close() {
        scheduler.close();
        session.close();
    }
}
