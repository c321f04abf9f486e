package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.testkit.contract.Harness;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// The words that tests of schedules are written in: one backend on a clock that is moved by hand.
abstract class SchedulesFixture {
    static final ChannelName REPORTS = ChannelName.of("reports");
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final Every MINUTELY = Every.of(MINUTE);

    record Report(String what) {}

    static final JobType<Report, Void> REPORT =
            JobType.of("report", Report.class).with(options -> options.queue("reports"));

    private static final String BEACON = "~beacon";

    Harness harness;
    TappedBackend backend;
    Millstream millstream;
    Jobs jobs;
    Schedules schedules;
    Session session;

    abstract Harness harness();

    @BeforeEach
    void open() {
        harness = harness();
        use();
    }

    private void use() {
        backend = new TappedBackend(harness.backend());
        millstream = Millstream.over(backend);
        jobs = Jobs.over(millstream);
        schedules = jobs.schedules();
        session = harness.backend().session(SessionSpec.of("test"));
    }

    @AfterEach
    void close() {
        jobs.close();
        harness.close();
    }

    /// The backend's process dies and comes back.
    void restart() {
        jobs.close();
        harness.restart();
        use();
    }

    Instant now() {
        return Instant.ofEpochMilli(harness.time().wallMillis());
    }

    void declare(String name, UnaryOperator<ScheduleOptions.Builder> change) {
        assertThat(schedules.declare(name, MINUTELY, REPORT, new Report(name), change)).isTrue();
    }

    void declare(String name, StillRunning stillRunning) {
        declare(name, options -> options.stillRunning(stillRunning));
    }

    Schedule.Declared schedule(String name) {
        return (Schedule.Declared) schedules.find(name).orElseThrow();
    }

    // Time.

    void advance(Duration by) {
        harness.advance(by);
    }

    /// Lets time pass until the next full minute has come, and whoever fires schedules has seen it.
    void pass() {
        pass(MINUTE);
    }

    /// Lets time pass, and waits until whoever fires schedules has seen that: one more of them
    /// would be seen last. Only for those that are not many.
    void pass(Duration by) {
        if (schedules.find(BEACON).isEmpty()) {
            schedules.declare(
                    BEACON,
                    Every.of(Duration.ofSeconds(1)),
                    REPORT,
                    new Report(BEACON),
                    options ->
                            options.stillRunning(StillRunning.BESIDE)
                                    .job(job -> job.queue("beacons")));
        }
        advance(by);
        Instant passed = now();
        eventually(() -> {
            Schedule.Run last = schedule(BEACON).last();
            return last != null && !last.begun().isBefore(passed);
        });
    }

    static void eventually(Callable<Boolean> condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(20))
                .until(condition);
    }

    // Jobs.

    long waitingIn(ChannelName queue) {
        return Answer.of(harness.backend().find(new Query.QueueNamed(queue)))
                .page()
                .items()
                .getFirst()
                .counts()
                .messages();
    }

    /// Takes exactly so many jobs of the queue of reports, and that is all there are.
    List<Lease> takeAll(int count) {
        List<Lease> leases = new ArrayList<>();
        while (leases.size() < count) {
            leases.addAll(take(Duration.ofHours(1)));
        }
        leases.addAll(take(Duration.ZERO));
        assertThat(leases).hasSize(count);
        return leases;
    }

    private List<Lease> take(Duration wait) {
        Take take = Take.of(REPORTS, 1000, new Term.Timed(Duration.ofDays(1000)), wait);
        Taken taken =
                Answer.of(
                        session.take(take)
                                .stage()
                                .thenApply(answer -> answer)
                                .toCompletableFuture()
                                .orTimeout(20, TimeUnit.SECONDS));
        return ((Taken.Leased) taken).leases();
    }

    void assertNoneBegan() {
        assertThat(take(Duration.ZERO)).isEmpty();
    }

    /// Ends jobs as workers do.
    void end(List<Lease> leases) {
        for (Lease lease : leases) {
            List<Operation> operations = new ArrayList<>();
            operations.add(
                    new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE));
            Runs.addEnd(operations, lease.message());
            millstream.commit(operations.toArray(Operation[]::new));
        }
    }

    static ScheduledRun run(Lease lease) {
        return Runs.of(lease.message()).orElseThrow();
    }

    static List<Long> numbers(List<Lease> leases) {
        return leases.stream().map(lease -> run(lease).number()).toList();
    }

    static List<Instant> times(List<Lease> leases) {
        return leases.stream().map(lease -> run(lease).at()).toList();
    }
}
