package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Take;
import io.millstream.api.Term;
import io.millstream.jobs.schedule.StillRunning;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Runs that are due while an earlier one has not ended, on any backend.
abstract class StillRunningContract extends SchedulesFixture {

    @Test
    void a_run_is_left_out_and_counted_while_an_earlier_one_has_not_ended() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        pass();
        List<Lease> first = takeAll(1);
        pass();
        pass();
        assertNoneBegan();
        assertThat(schedule("s").leftOut()).isEqualTo(2);

        end(first);
        pass();

        assertThat(run(takeAll(1).getFirst())).isEqualTo(new ScheduledRun("s", 2, now()));
    }

    @Test
    void one_run_waits_for_the_end_of_an_earlier_one() {
        declare("s", StillRunning.ONE_WAITS);
        schedules.start();
        pass();
        List<Lease> first = takeAll(1);
        Instant second = now().plus(MINUTE);
        pass();
        pass();
        assertNoneBegan();
        assertThat(schedule("s").waiting()).containsExactly(second);
        assertThat(schedule("s").leftOut()).isEqualTo(1);

        end(first);

        assertThat(times(takeAll(1))).containsExactly(second);
        assertThat(schedule("s").waiting()).isEmpty();
    }

    @Test
    void all_runs_wait_for_each_other_in_their_order() {
        declare("s", StillRunning.ALL_WAIT);
        schedules.start();
        Instant begin = now();
        for (int i = 0; i < 4; i++) {
            pass();
        }
        for (int i = 1; i <= 4; i++) {
            List<Lease> one = takeAll(1);
            assertThat(times(one)).containsExactly(begin.plus(MINUTE.multipliedBy(i)));
            end(one);
        }
        assertThat(schedule("s").leftOut()).isZero();
    }

    @Test
    void a_run_that_nobody_has_begun_is_replaced_by_the_next_one() {
        declare("s", StillRunning.REPLACE);
        schedules.start();
        pass();
        String first = schedule("s").running().getFirst();
        pass();

        eventually(() -> isRun(2));
        List<Lease> second = takeAll(1);
        assertThat(numbers(second)).containsExactly(2L);
        assertThat(schedule("s").running()).doesNotContain(first).hasSize(1);
        assertThat(schedule("s").leftOut()).isZero();
    }

    @Test
    void a_run_that_is_being_done_is_cancelled_and_the_next_one_begins_when_it_has_ended() {
        JobType<Report, Void> stoppable = REPORT.with(JobOptions.Builder::interruptedByCancel);
        List<Long> begun = new CopyOnWriteArrayList<>();
        List<Long> interrupted = new CopyOnWriteArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        schedules.declare(
                "s",
                MINUTELY,
                stoppable,
                new Report("s"),
                o -> o.stillRunning(StillRunning.REPLACE));
        try (Workers _ =
                jobs.workers("reports")
                        .lease(Duration.ofHours(1))
                        .grace(Duration.ofMillis(200))
                        .run(
                                stoppable,
                                (_, context) -> {
                                    long number = context.scheduled().orElseThrow().number();
                                    begun.add(number);
                                    try {
                                        never.await();
                                    } catch (InterruptedException cancelled) {
                                        interrupted.add(number);
                                        throw cancelled;
                                    }
                                })
                        .start()) {
            pass();
            for (long run = 1; run <= 3; run++) {
                long number = run;
                eventually(() -> begun.contains(number) && isRun(number));
                advance(MINUTE);
                eventually(() -> interrupted.contains(number));
            }
            eventually(() -> begun.contains(4L) && isRun(4));
        }
        assertThat(interrupted).startsWith(1L, 2L, 3L);
        assertThat(begun).containsExactly(1L, 2L, 3L, 4L);
        assertThat(schedule("s").leftOut()).isZero();
    }

    private boolean isRun(long number) {
        Schedule.Declared s = schedule("s");
        return s.runs() == number && s.running().size() == 1;
    }

    @Test
    void a_run_that_is_triggered_replaces_an_earlier_one() {
        declare("s", StillRunning.REPLACE);
        schedules.start();
        schedules.trigger("s");

        assertThat(schedules.trigger("s")).isEmpty();

        eventually(() -> isRun(2));
        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }

    @Test
    void runs_that_do_not_mind_each_other_begin_beside() {
        declare("s", StillRunning.BESIDE);
        schedules.start();
        pass();
        pass();

        assertThat(numbers(takeAll(2))).containsExactly(1L, 2L);
    }

    @Test
    void a_run_that_no_worker_had_in_time_has_ended() {
        declare("s", o -> o.job(job -> job.startWithin(Duration.ofSeconds(90))));
        try (Workers _ = jobs.workers("others").run(REPORT, (_, _) -> {}).start()) {
            pass();
            String first = schedule("s").running().getFirst();
            pass(Duration.ofSeconds(100));
            eventually(() -> !schedule("s").running().contains(first));
            pass();

            eventually(() -> schedule("s").runs() >= 2);
        }
    }

    @Test
    void a_run_of_which_each_worker_died_has_ended() {
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(REPORTS)
                                .typed(true)
                                .maxAttempts(1)
                                .deadLetter(Envelope.ENDED)
                                .build(),
                        Expect.Anything.ANYTHING));
        declare("s", StillRunning.ONE_WAITS);
        try (Workers _ = jobs.workers("others").run(REPORT, (_, _) -> {}).start()) {
            pass();
            Answer.of(
                    session.take(
                                    Take.of(
                                            REPORTS,
                                            1,
                                            new Term.Timed(Duration.ofSeconds(5)),
                                            Duration.ofHours(1)))
                            .stage());
            pass();

            eventually(() -> schedule("s").runs() == 2);
            assertThat(takeAll(1)).extracting(lease -> run(lease).number()).containsExactly(2L);
        }
    }

    @Test
    void a_run_of_which_the_handler_fails_for_good_has_ended() {
        JobType<Report, Void> once =
                REPORT.with(options -> options.retry(Retry.never()).queue("reports"));
        schedules.declare("s", MINUTELY, once, new Report("s"));
        try (Workers _ =
                jobs.workers("reports")
                        .run(
                                once,
                                (_, _) -> {
                                    throw new IllegalStateException("always");
                                })
                        .start()) {
            pass();
            eventually(() -> schedule("s").runs() == 1 && schedule("s").running().isEmpty());
            pass();
            eventually(() -> schedule("s").runs() == 2);
        }
        assertThat(schedule("s").leftOut()).isZero();
    }

    @Test
    void a_run_that_was_purged_with_its_queue_has_ended() {
        declare("s", StillRunning.ONE_WAITS);
        schedules.start();
        pass();
        takeAll(1);
        pass();
        millstream.commit(new Operation.Edit.Purge(REPORTS));
        assertThat(schedule("s").running()).hasSize(1);
        pass();

        assertThat(run(takeAll(1).getFirst()).number()).isEqualTo(2);
    }

    @Test
    void runs_that_are_known_to_be_gone_can_be_forgotten() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        pass();
        takeAll(1);

        schedules.forgetRuns("s");
        pass();

        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }
}
