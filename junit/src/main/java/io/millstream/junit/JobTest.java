package io.millstream.junit;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Schedule;
import io.millstream.jobs.Workers;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// Jobs in a test: nobody does them until the test says so, and time passes when the test says so.
/// A parameter of tests with [MillstreamTest].
///
/// ```java
/// @Test
/// void a_mail_is_tried_again(JobTest test) {
///     test.workers(jobs -> jobs.workers("mail").handle(SEND_MAIL, mailer::send));
///     new SignUp(test.jobs()).register("ann");
///
///     test.assertEnqueued(SEND_MAIL, mail -> mail.to().equals("ann"));
///     test.drain().assertAllDone();
/// }
/// ```
///
/// Jobs, workers, retries, schedules and the store are those of production; only the clock and the
/// disk are the test's. Workers are started when they are to do something and stopped when nothing
/// is left that they could do, so between two calls nothing happens.
///
/// For one thread, which is not a handler's. What does not come to rest within the patience of the
/// test fails, and says what is still being done.
public final class JobTest {
    /// After so many moments at which something is due, [#advance] gives up.
    static final int MOMENTS_MAX = 10_000;

    /// Time is cut into so many parts while something waits that may begin at a time that cannot be
    /// known, such as by a rate.
    private static final int PARTS = 100;

    private static final Duration PART_MIN = Duration.ofSeconds(1);
    private static final long LOOK_NANOS = 500_000;
    private static final int BODY_BYTES_MAX = Integer.MAX_VALUE;
    private static final int LINES_MAX = 20;
    private static final int LINE_CHARS_MAX = 300;

    private final SurvivingBackend store;
    private final MillstreamClock clock;
    private final JobTrace trace;
    private final Millstream millstream;
    private final Jobs jobs;
    private final List<Workers.Builder> builders = new ArrayList<>();
    private final List<Started> started = new ArrayList<>();
    private final Set<ChannelName> worked = new LinkedHashSet<>();
    private boolean isInline;
    private volatile boolean isDraining;

    JobTest(SurvivingBackend store, MillstreamClock clock) {
        this.store = store;
        this.clock = clock;
        this.trace = new JobTrace(store, this::submitted);
        this.millstream = Millstream.over(trace);
        this.jobs = Jobs.over(millstream);
        jobs.schedules().start();
    }

    void close() {
        jobs.close();
        millstream.close();
    }

    /// What submits jobs, for the code under test. Its schedules are fired as the clock moves.
    public Jobs jobs() {
        return jobs;
    }

    /// The store that the jobs are in. What is put into queues through it counts as submitted.
    public Millstream millstream() {
        return millstream;
    }

    /// These workers do jobs when the test says so. May be called several times, for several kinds
    /// of workers.
    ///
    /// @param describe describes them as the program does, and does not start them
    /// @return this
    public JobTest workers(Function<? super Jobs, Workers.Builder> describe) {
        builders.add(describe.apply(jobs));
        return this;
    }

    /// From now on what is submitted by [#jobs] is done before `enqueue` returns, and so is what
    /// its handlers submit. What fails waits for its next attempt, as always; see [#advance].
    ///
    /// @return this
    public JobTest inline() {
        isInline = true;
        return this;
    }

    /// On the thread that has submitted something.
    private void submitted() {
        if (isInline && !isDraining) {
            work(() -> {});
        }
    }

    // Doing.

    /// Has the workers do all that can be done now, and what follows from it, until nothing is
    /// left. Delayed jobs and next attempts wait for [#advance].
    ///
    /// @return what became of the jobs since it was asked last, so in inline mode also of those
    ///   that were done meanwhile
    /// @throws MillstreamException if no job begins or ends for as long as the test's patience,
    ///   though some are being done
    public Drained drain() {
        work(() -> {});
        return new Drained(trace.takeAttempts());
    }

    /// Lets time pass, and has the workers do what becomes due meanwhile, each at its time: delayed
    /// jobs, next attempts, what schedules submit. Goes from one of these moments to the next, so
    /// what a job submits for later is done, too, if it is due by the end.
    ///
    /// When a rate lets something begin is not known before. As long as anything is ready and not
    /// done, time passes in steps of a hundredth of `by`, of a second at least.
    ///
    /// @param by zero or more
    /// @return what became of the jobs since it was asked last
    /// @throws MillstreamException if no job begins or ends for as long as the test's patience,
    ///   though some are being done, or something is due at more than 10,000 moments
    public Drained advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("Time passes forwards only, not by " + by);
        }
        Instant end = clock.instant().plus(by);
        work(() -> {
            int moments = 0;
            for (Instant next = next(by, end);
                    clock.instant().isBefore(end);
                    next = next(by, end)) {
                if (++moments > MOMENTS_MAX) {
                    throw new MillstreamException(
                            ("Something was due at %d moments by %s, and was done. Advance by less"
                                            + " than %s at once.")
                                    .formatted(MOMENTS_MAX, clock, by));
                }
                clock.advanceTo(next);
                awaitRest();
            }
        });
        return new Drained(trace.takeAttempts());
    }

    /// Workers that were started, and by which sessions they speak to the store.
    private record Started(Workers workers, List<JobTrace.TracedSession> sessions) {}

    private void work(Runnable what) {
        isDraining = true;
        try {
            for (Workers.Builder builder : builders) {
                List<Workers> one = new ArrayList<>(1);
                List<JobTrace.TracedSession> sessions =
                        trace.openedBy(() -> one.add(builder.start()));
                started.add(new Started(one.getFirst(), sessions));
            }
            awaitRest();
            what.run();
        } finally {
            started.forEach(one -> one.workers.stop(Duration.ZERO));
            started.clear();
            isDraining = false;
        }
    }

    // Rest.

    /// Waits until the workers have nothing to do and all of them, and who fires schedules, wait
    /// for more: seen twice, with nothing in between.
    private void awaitRest() {
        long deadline = deadline();
        long progress = trace.progress();
        long before = -1;
        Set<Object> restingBefore = Set.of();
        while (true) {
            long entries = store.caughtUp();
            Set<Object> resting = resting();
            if (resting != null && entries == before && resting.equals(restingBefore)) {
                return;
            }
            before = entries;
            restingBefore = resting == null ? Set.of() : resting;
            if (trace.progress() != progress) {
                progress = trace.progress();
                deadline = deadline();
            } else if (System.nanoTime() - deadline > 0) {
                throw store.patience().failure("the workers have not come to rest. " + unrest());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private long deadline() {
        return System.nanoTime() + store.patience().time().toNanos();
    }

    private @Nullable Set<Object> resting() {
        for (Started one : started) {
            if (one.workers.running() > 0 || !haveBegun(one)) {
                return null;
            }
        }
        if (!trace.held().isEmpty()) {
            forgetLost();
            return null;
        }
        boolean hasSchedules =
                !found(new Query.Rows("jobs.schedules", "", null, 1)).items().isEmpty();
        return trace.resting(
                started.stream().flatMap(one -> one.sessions.stream()).toList(), hasSchedules);
    }

    /// Whether they have asked for messages of each queue that they work.
    private boolean haveBegun(Started one) {
        Set<ChannelName> asked = new LinkedHashSet<>();
        one.sessions.forEach(session -> asked.addAll(session.asked()));
        List<ChannelName> own =
                asked.stream()
                        .filter(queue -> !queue.equals(JobTrace.ENDED))
                        .filter(queue -> !queue.equals(JobTrace.DEBOUNCED))
                        .toList();
        worked.addAll(own);
        boolean seesToJobs = asked.contains(JobTrace.ENDED) && asked.contains(JobTrace.DEBOUNCED);
        return !own.isEmpty() && (seesToJobs || own.stream().noneMatch(this::isOfJobs));
    }

    private boolean isOfJobs(ChannelName queue) {
        return found(new Query.QueueNamed(queue)).items().stream()
                .map(View.QueueView::definition)
                .anyMatch(one -> one.typed() || JobTrace.ENDED.equals(one.deadLetter()));
    }

    /// A lease that has ended by itself, by the clock or by [Faults], is settled by nobody.
    private void forgetLost() {
        for (Lease lease : trace.held()) {
            boolean isHeld =
                    found(new Query.QueueNamed(lease.handle().queue())).items().stream()
                            .anyMatch(queue -> queue.counts().leased() > 0);
            if (!isHeld) {
                trace.forget(lease);
            }
        }
    }

    private String unrest() {
        StringBuilder text = new StringBuilder();
        for (Lease lease : trace.held()) {
            text.append(
                    "Job %s (%s) of queue %s is still being done. "
                            .formatted(
                                    lease.message().id(),
                                    lease.message().type(),
                                    lease.handle().queue()));
        }
        return text.isEmpty() ? "They take and give back, or cannot ask" : text.toString().strip();
    }

    // What is due.

    private Instant next(Duration by, Instant end) {
        Instant now = clock.instant();
        List<Instant> moments = new ArrayList<>(List.of(end));
        for (ChannelName queue : queues()) {
            each(
                    after -> new Query.Delayed(queue, 0, after, 1),
                    1,
                    view -> add(moments, view.due()));
            each(
                    after -> new Query.Browse(queue, 0, after, Query.PAGE_ITEMS_MAX),
                    Integer.MAX_VALUE,
                    view -> {
                        Duration timeToLive = view.message().timeToLive();
                        if (timeToLive != null) {
                            moments.add(view.stored().plus(timeToLive));
                        }
                        if (view.state() == View.MessageState.READY) {
                            Duration part = by.dividedBy(PARTS);
                            moments.add(now.plus(part.compareTo(PART_MIN) < 0 ? PART_MIN : part));
                        }
                    });
        }
        for (Schedule schedule : jobs.schedules().list()) {
            if (schedule instanceof Schedule.Declared declared) {
                add(moments, declared.next());
                Schedule.Trouble trouble = declared.trouble();
                add(moments, trouble == null ? null : trouble.again());
            }
        }
        return moments.stream()
                .filter(moment -> moment.isAfter(now) && !moment.isAfter(end))
                .min(Instant::compareTo)
                .orElse(end);
    }

    private static void add(List<Instant> moments, @Nullable Instant moment) {
        if (moment != null) {
            moments.add(moment);
        }
    }

    /// Those that jobs are put into, and those that they are seen to in.
    private Set<ChannelName> queues() {
        Set<ChannelName> queues = new LinkedHashSet<>(worked);
        jobs.queues().forEach(name -> queues.add(ChannelName.of(name)));
        queues.add(JobTrace.DEBOUNCED);
        queues.add(JobTrace.ENDED);
        queues.removeIf(queue -> found(new Query.QueueNamed(queue)).items().isEmpty());
        return queues;
    }

    // What waits.

    /// The jobs of a type that wait to begin, now or later, by queue and in the order in which they
    /// were submitted. Those that are debounced are there once they are due.
    ///
    /// @throws IllegalArgumentException if what one is given cannot be read
    public <P> List<Enqueued<P>> enqueued(JobType<P, ?> type) {
        List<Enqueued<P>> all = new ArrayList<>();
        eachWaiting((queue, view) -> {
            String messageType = view.message().type();
            if (messageType != null && type.reads().contains(messageType)) {
                String id = view.message().id();
                all.add(
                        new Enqueued<>(
                                id == null ? queue.name() + "-" + view.sequence() : id,
                                queue.name(),
                                type.read(messageType, view.message().body()),
                                view.due()));
            }
        });
        return all;
    }

    /// Fails the test unless a job of this type waits that is given what is asked for.
    ///
    /// @return the first one
    /// @throws AssertionError that lists what waits
    public <P> Enqueued<P> assertEnqueued(JobType<P, ?> type, Predicate<? super P> payload) {
        List<Enqueued<P>> all = enqueued(type);
        return all.stream()
                .filter(job -> payload.test(job.payload()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(missing(type, all.size())));
    }

    /// Fails the test unless a job of this type waits.
    ///
    /// @return the first one
    /// @throws AssertionError that lists what waits
    public <P> Enqueued<P> assertEnqueued(JobType<P, ?> type) {
        return assertEnqueued(type, _ -> true);
    }

    /// Fails the test if a job of this type waits that is given this.
    ///
    /// @throws AssertionError that lists what waits
    public <P> void assertNotEnqueued(JobType<P, ?> type, Predicate<? super P> payload) {
        long found = enqueued(type).stream().filter(job -> payload.test(job.payload())).count();
        if (found > 0) {
            throw new AssertionError(
                    "%d jobs of %s wait, and none was to:\n%s".formatted(found, type, waiting()));
        }
    }

    private String missing(JobType<?, ?> type, int ofType) {
        String waiting = waiting();
        return "No job of %s waits%s. %s"
                .formatted(
                        type,
                        ofType == 0
                                ? ""
                                : " that is given what was asked for; %d do".formatted(ofType),
                        waiting.isEmpty()
                                ? "Nothing waits at all: it was not submitted, or is done already"
                                : "What waits:\n" + waiting);
    }

    private String waiting() {
        List<String> lines = new ArrayList<>();
        eachWaiting((queue, view) -> lines.add("  " + line(queue, view)));
        int more = lines.size() - LINES_MAX;
        return String.join("\n", more > 0 ? lines.subList(0, LINES_MAX) : lines)
                + (more > 0 ? "\n  and %d more".formatted(more) : "");
    }

    private static String line(ChannelName queue, View.MessageView view) {
        Instant due = view.due();
        String text = view.message().text();
        return "%s %s in %s, %s%s"
                .formatted(
                        view.message().type(),
                        text.length() > LINE_CHARS_MAX
                                ? text.substring(0, LINE_CHARS_MAX) + "…"
                                : text,
                        queue.name(),
                        due == null ? "ready" : "due at " + due,
                        view.deliveries() == 0
                                ? ""
                                : ", had %d times".formatted(view.deliveries()));
    }

    /// What is done with a message.
    private interface Seen {
        void seen(ChannelName queue, View.MessageView view);
    }

    private void eachWaiting(Seen seen) {
        for (String name : jobs.queues()) {
            ChannelName queue = ChannelName.of(name);
            each(
                    after -> new Query.Browse(queue, BODY_BYTES_MAX, after, Query.PAGE_ITEMS_MAX),
                    Integer.MAX_VALUE,
                    view -> {
                        if (view.state() != View.MessageState.LEASED) {
                            seen.seen(queue, view);
                        }
                    });
        }
    }

    private <V extends View> void each(
            Function<@Nullable String, Query<V>> query, int pages, Consumer<V> consumer) {
        @Nullable String after = null;
        for (int page = 0; page < pages; page++) {
            Page<V> found = found(query.apply(after));
            found.items().forEach(consumer);
            after = found.next();
            if (after == null) {
                return;
            }
        }
    }

    private <V extends View> Page<V> found(Query<V> query) {
        Found<V> found = store.find(query).toCompletableFuture().join();
        return found.page();
    }
}
