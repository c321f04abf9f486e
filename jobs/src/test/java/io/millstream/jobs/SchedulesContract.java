package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Lease;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;

import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Schedules from their declaration to the jobs that they submit, on any backend.
abstract class SchedulesContract extends SchedulesFixture {

    // Declaring.

    @Test
    void a_handler_learns_which_run_of_which_schedule_it_does() {
        List<ScheduledRun> runs = Collections.synchronizedList(new ArrayList<>());
        Instant first = now().plus(MINUTE);
        try (Workers _ =
                jobs.workers("reports")
                        .run(
                                REPORT,
                                (report, context) -> {
                                    assertThat(report).isEqualTo(new Report("nightly"));
                                    runs.add(context.scheduled().orElseThrow());
                                })
                        .start()) {
            declare("nightly", StillRunning.SKIP);
            pass();
            eventually(() -> schedule("nightly").running().isEmpty() && runs.size() == 1);
            pass();
            eventually(() -> runs.size() == 2);
        }
        assertThat(runs)
                .containsExactly(
                        new ScheduledRun("nightly", 1, first),
                        new ScheduledRun("nightly", 2, first.plus(MINUTE)));
    }

    @Test
    void a_job_that_somebody_submits_is_no_run() {
        List<Optional<ScheduledRun>> runs = Collections.synchronizedList(new ArrayList<>());
        try (Workers _ =
                jobs.workers("reports")
                        .run(REPORT, (_, context) -> runs.add(context.scheduled()))
                        .start()) {
            jobs.enqueue(REPORT, new Report("by hand"));
            eventually(() -> !runs.isEmpty());
        }
        assertThat(runs).containsExactly(Optional.empty());
    }

    record Sum(double big, BigDecimal exact, int whole, List<String> names) {}

    @Test
    void the_same_declaration_again_changes_nothing_however_it_is_written() {
        JobType<Sum, Void> type = JobType.of("sum", Sum.class);
        Sum sum = new Sum(1e300, new BigDecimal("12345678901234567890.10"), 7, List.of("a"));
        Cron cron = Cron.of("0 3 * * MON").zone("Europe/Berlin");

        assertThat(schedules.declare("s", cron, type, sum)).isTrue();
        Cron other = Cron.of("0   3 * * 1").zone("Europe/Berlin");
        assertThat(schedules.declare("s", other, type, sum)).isFalse();
        assertThat(schedules.declare("s", Cron.of("1 3 * * 1"), type, sum)).isTrue();

        assertThat(((Schedule.Declared) schedules.find("s").orElseThrow()).job().payload())
                .contains("12345678901234567890.10");
    }

    @Test
    void a_changed_declaration_keeps_the_last_run_and_counts_on() {
        declare("s", StillRunning.BESIDE);
        schedules.start();
        pass();
        assertThat(numbers(takeAll(1))).containsExactly(1L);
        Schedule.Run last = schedule("s").last();

        schedules.declare(
                "s",
                MINUTELY,
                REPORT,
                new Report("changed"),
                options -> options.stillRunning(StillRunning.BESIDE));
        assertThat(schedule("s").last()).isEqualTo(last);
        assertThat(schedule("s").runs()).isEqualTo(1);
        pass();

        Lease second = takeAll(1).getFirst();
        assertThat(run(second).number()).isEqualTo(2);
        assertThat(second.message().text()).contains("changed");
    }

    @Test
    void another_timetable_counts_from_when_it_was_declared() {
        declare("s", StillRunning.BESIDE);
        advance(Duration.ofMinutes(90));
        Instant from = now();
        schedules.declare("s", Every.of(Duration.ofHours(1)), REPORT, new Report("s"));
        schedules.start();
        pass(Duration.ofMinutes(29));
        assertNoneBegan();
        pass();

        assertThat(times(takeAll(1))).containsExactly(from.plus(Duration.ofMinutes(30)));
    }

    @Test
    void what_makes_no_sense_is_refused_with_what_to_do() {
        Report report = new Report("x".repeat(70_000));
        assertThatThrownBy(() -> schedules.declare("s", MINUTELY, REPORT, report))
                .hasMessageContaining("70")
                .hasMessageContaining("limit is 65536")
                .hasMessageContaining("Keep it elsewhere");
        assertThatThrownBy(() -> declare("a#b", StillRunning.SKIP)).hasMessageContaining("'a#b'");
        assertThatThrownBy(() -> declare(" ", StillRunning.SKIP))
                .hasMessageContaining("1 to 200 characters");
        assertThatThrownBy(() -> Cron.of("0 3 * * *").zone("Europe/Berln"))
                .hasMessageContaining("Did you mean Europe/Berlin");
        assertThatThrownBy(() -> schedules.pause("nigthly"))
                .hasMessageContaining("There is no schedule 'nigthly'");
        assertThat(schedules.list()).isEmpty();
    }

    // By hand.

    @Test
    void what_is_paused_is_not_due_and_what_was_missed_meanwhile_is_left_out() {
        declare(
                "s",
                options -> options.misfire(Misfire.all(100)).stillRunning(StillRunning.BESIDE));
        schedules.start();
        assertThat(schedules.pause("s")).isTrue();
        assertThat(schedules.pause("s")).isFalse();
        assertThat(schedule("s").isPaused()).isTrue();
        assertThat(schedule("s").next()).isNull();
        pass(Duration.ofMinutes(10));
        assertNoneBegan();

        assertThat(schedules.resume("s")).isTrue();
        assertThat(schedules.resume("s")).isFalse();
        assertThat(schedule("s").next()).isEqualTo(now().plus(MINUTE));
        pass();

        assertThat(times(takeAll(1))).containsExactly(now());
    }

    @Test
    void a_removed_schedule_is_never_due_again_and_one_of_its_name_begins_anew() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        pass();
        Lease old = takeAll(1).getFirst();

        assertThat(schedules.remove("s")).isTrue();
        assertThat(schedules.remove("s")).isFalse();
        pass();
        assertNoneBegan();
        declare("s", StillRunning.SKIP);
        pass();

        Lease first = takeAll(1).getFirst();
        assertThat(run(first).number()).isEqualTo(1);
        assertThat(first.message().id()).isNotEqualTo(old.message().id());
        // The end of the old run says nothing of the new one.
        end(List.of(old));
        assertThat(schedule("s").running()).containsExactly(first.message().id());
    }

    @Test
    void a_run_that_is_triggered_begins_at_once_and_the_timetable_goes_on() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        advance(Duration.ofSeconds(10));

        Optional<String> id = schedules.trigger("s");

        List<Lease> leases = takeAll(1);
        assertThat(id).contains(leases.getFirst().message().id());
        assertThat(times(leases)).containsExactly(now());
        end(leases);
        pass(Duration.ofSeconds(50));
        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }

    @Test
    void a_run_that_is_triggered_does_about_an_earlier_one_what_the_schedule_does() {
        declare("skips", StillRunning.SKIP);
        declare("waits", StillRunning.ONE_WAITS);
        schedules.trigger("skips");
        schedules.trigger("waits");

        assertThatThrownBy(() -> schedules.trigger("skips"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an earlier run has not ended");
        assertThat(schedules.trigger("waits")).isEmpty();
        assertThatThrownBy(() -> schedules.trigger("waits"))
                .isInstanceOf(IllegalStateException.class);

        schedules.start();
        end(takeAll(2));
        assertThat(run(takeAll(1).getFirst())).isEqualTo(new ScheduledRun("waits", 2, now()));
    }

    @Test
    void the_list_says_what_was_and_what_will_be() {
        declare("b", StillRunning.SKIP);
        schedules.declare(
                "a", Cron.of("30 2 * * *").zone("Europe/Berlin"), REPORT, new Report("a"));
        schedules.start();
        pass();
        Lease lease = takeAll(1).getFirst();

        assertThat(schedules.list())
                .extracting(Schedule::name)
                .containsExactly("a", "b", "~beacon");
        assertThat(schedule("a").next()).isEqualTo(Instant.parse("2026-01-01T01:30:00Z"));
        assertThat(schedule("a").job())
                .isEqualTo(new Schedule.Target("reports", "report", "{\"what\":\"a\"}"));
        String id = lease.message().id();
        assertThat(schedule("b").last()).isEqualTo(new Schedule.Run(id, 1, now(), now()));
        assertThat(schedule("b").running()).containsExactly(id);
        assertThat(schedule("b").next()).isEqualTo(now().plus(MINUTE));
        assertThat(schedules.find("c")).isEmpty();
    }

    @Test
    void a_preview_says_the_next_runs_of_a_schedule_or_of_a_timetable() {
        declare("s", StillRunning.SKIP);
        List<Instant> next = List.of(now().plus(MINUTE), now().plus(MINUTE).plus(MINUTE));

        assertThat(schedules.preview("s", 2)).isEqualTo(next);
        assertThat(schedules.preview(Cron.of("* * * * *"), 2)).isEqualTo(next);
    }

    // What was missed.

    @Test
    void runs_that_were_missed_are_made_as_the_policy_says() {
        declare("last", o -> o.misfire(Misfire.last()).stillRunning(StillRunning.BESIDE));
        declare("skip", o -> o.misfire(Misfire.skip()).stillRunning(StillRunning.BESIDE));
        declare("three", o -> o.misfire(Misfire.all(3)).stillRunning(StillRunning.BESIDE));
        advance(Duration.ofMinutes(10).plusSeconds(29));
        schedules.start();
        pass(Duration.ofSeconds(1));

        assertThat(takeAll(5))
                .extracting(lease -> run(lease).schedule())
                .containsExactlyInAnyOrder("last", "skip", "three", "three", "three");
        pass(Duration.ofSeconds(30));
        assertThat(takeAll(3)).extracting(lease -> run(lease).at()).containsOnly(now());
    }

    @Test
    void a_run_that_is_too_late_is_never_made() {
        declare("s", o -> o.misfire(Misfire.last().within(Duration.ofSeconds(10))));
        advance(Duration.ofSeconds(71));
        schedules.start();
        pass(Duration.ofSeconds(1));
        assertNoneBegan();
        pass(Duration.ofSeconds(48));

        assertThat(times(takeAll(1))).containsExactly(now());
    }

    @Test
    void of_very_many_that_were_missed_each_is_made_once_in_their_order() {
        declare("s", o -> o.misfire(Misfire.all(1000)).stillRunning(StillRunning.BESIDE));
        Instant first = now().plus(MINUTE);
        advance(Duration.ofMinutes(350));
        schedules.start();

        List<Lease> leases = takeAll(350);

        assertThat(numbers(leases)).isSorted().doesNotHaveDuplicates();
        assertThat(times(leases)).isSorted().startsWith(first).endsWith(now());
        assertThat(schedule("s").runs()).isEqualTo(350);
    }
}
