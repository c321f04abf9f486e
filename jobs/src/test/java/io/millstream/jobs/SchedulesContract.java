package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Take;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

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
        assertThatThrownBy(() -> declare("s", StillRunning.REPLACE))
                .hasMessageContaining("Use ONE_WAITS");
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

    // Runs that take long.

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

    // What cannot be done.

    @Test
    void a_full_queue_costs_other_schedules_nothing_and_is_tried_again() {
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(ChannelName.of("small"))
                                .capacity(new Capacity(1, 0, Capacity.Overflow.REFUSE))
                                .build(),
                        Expect.Anything.ANYTHING));
        millstream.queue("small").send("in the way");
        declare("full", o -> o.job(job -> job.queue("small")));
        declare("other", StillRunning.BESIDE);
        schedules.start();
        pass();

        assertThat(takeAll(1)).extracting(lease -> run(lease).schedule()).containsExactly("other");
        eventually(() -> schedule("full").trouble() != null);
        Schedule.Trouble trouble = schedule("full").trouble();
        assertThat(trouble.reason()).contains("small is full");
        assertThat(trouble.tries()).isEqualTo(1);
        assertThat(trouble.again()).isBetween(now(), now().plusSeconds(1));
        Instant due = now();
        pass(Duration.ofSeconds(5));
        eventually(() -> schedule("full").trouble().tries() == 2);
        assertThat(schedule("full").runs()).isZero();

        millstream.commit(new Operation.Edit.Purge(ChannelName.of("small")));
        pass(Duration.ofSeconds(5));

        eventually(() -> schedule("full").runs() == 1);
        assertThat(schedule("full").trouble()).isNull();
        assertThat(schedule("full").last().at()).isEqualTo(due);
        assertThat(waitingIn(ChannelName.of("small"))).isEqualTo(1);
    }

    @Test
    void a_queue_that_is_gone_is_tried_again_until_it_is_back() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        millstream.remove("reports");
        pass();
        eventually(() -> schedule("s").trouble() != null);
        assertThat(schedule("s").trouble().reason()).contains("There is no queue", "reports");
        Instant due = now();

        millstream.queue("reports");
        pass(Duration.ofSeconds(2));

        assertThat(times(takeAll(1))).containsExactly(due);
    }

    @Test
    void a_run_is_left_out_where_the_queue_has_an_equal_job() {
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(REPORTS)
                                .deduplication(
                                        new Deduplication(
                                                Duration.ofMinutes(2), Deduplication.Scope.QUEUE))
                                .build(),
                        Expect.Anything.ANYTHING));
        write(
                "s",
                """
                {"version":1,"timetable":{"every":"PT1M","first":"1970-01-01T00:00:00Z"},
                 "misfire":{"policy":"all","most":9},"still_running":"beside",
                 "job":{"queue":"reports","type":"report","payload":{},"deduplication":"x"},
                 "created":"2026-01-01T00:00:00Z","reckoned":"2026-01-01T00:00:00Z"}
                """);
        advance(Duration.ofMinutes(3));
        schedules.start();

        assertThat(numbers(takeAll(1))).containsExactly(1L);
        eventually(() -> schedule("s").leftOut() == 2);
        assertThat(schedule("s").runs()).isEqualTo(1);
        assertThat(schedule("s").trouble()).isNull();
        pass(Duration.ofMinutes(3));
        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }

    @Test
    void a_row_that_cannot_be_read_stops_only_itself_and_says_why() {
        write("newer", "{\"version\":2,\"timetable\":{\"moon\":\"full\"}}");
        write("damaged", "{\"version\":1,\"timetable\":");
        write("nowhere", rowIn("Atlantis/Poseidon"));
        declare("whole", StillRunning.SKIP);
        schedules.start();
        pass();

        assertThat(run(takeAll(1).getFirst()).schedule()).isEqualTo("whole");
        assertThat(why("newer")).contains("newer version", "Update");
        assertThat(why("damaged")).contains("not JSON");
        assertThat(why("nowhere")).contains("no time zone \"Atlantis/Poseidon\"");
        assertThatThrownBy(() -> declare("newer", StillRunning.SKIP))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is left as it is");
        declare("damaged", StillRunning.SKIP);
        assertThat(schedules.remove("newer")).isTrue();
        pass();
        assertThat(schedule("damaged").runs()).isEqualTo(1);
    }

    private String why(String name) {
        return ((Schedule.Unreadable) schedules.find(name).orElseThrow()).why();
    }

    private void write(String name, String json) {
        millstream.commit(
                new Operation.Write(
                        ScheduleRow.TABLE, name, Bytes.utf8(json), Expect.Nothing.NOTHING, null));
    }

    private static String rowIn(String zone) {
        return """
        {"version":1,"timetable":{"cron":"0 3 * * *","zone":"%s","gap":"at_end","overlap":"first"},
         "misfire":{"policy":"last"},"still_running":"skip",
         "job":{"queue":"reports","type":"report","payload":{}},
         "created":"2026-01-01T00:00:00Z","reckoned":"2026-01-01T00:00:00Z"}
        """
                .formatted(zone);
    }

    // The clock.

    /// Whether the times that the backend tells pass evenly, whatever its wall clock is set to.
    abstract boolean isSteady();

    @Test
    void a_wall_clock_that_is_put_back_has_nothing_begin_twice() {
        declare("s", StillRunning.BESIDE);
        schedules.start();
        pass();
        Lease first = takeAll(1).getFirst();
        harness.jumpWall(Duration.ofMinutes(-30));
        // A steady clock is a little slower until it shows what the wall clock does.
        advance(isSteady() ? MINUTE.plusSeconds(1) : Duration.ofMinutes(31));

        Lease second = takeAll(1).getFirst();
        assertThat(run(second)).isEqualTo(new ScheduledRun("s", 2, run(first).at().plus(MINUTE)));
    }

    @Test
    void a_wall_clock_that_is_put_forward_has_nothing_begin_early() {
        Assumptions.assumeTrue(isSteady());
        declare("s", StillRunning.BESIDE);
        schedules.start();
        pass();
        Lease first = takeAll(1).getFirst();
        harness.jumpWall(Duration.ofMinutes(30));
        assertNoneBegan();
        advance(MINUTE);

        Lease second = takeAll(1).getFirst();
        assertThat(run(second).at()).isEqualTo(run(first).at().plus(MINUTE));
    }

    // More than one.

    @Test
    void of_several_that_fire_each_run_is_begun_by_one() {
        for (int i = 0; i < 20; i++) {
            declare("s" + i, o -> o.misfire(Misfire.all(100)).stillRunning(StillRunning.BESIDE));
        }
        List<Jobs> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(Jobs.over(millstream));
        }
        try {
            others.forEach(other -> other.schedules().start());
            schedules.start();
            for (int i = 0; i < 20; i++) {
                advance(MINUTE);
            }
            List<Lease> leases = takeAll(400);
            assertThat(leases).extracting(SchedulesFixture::run).doesNotHaveDuplicates();
            assertThat(leases).extracting(lease -> lease.message().id()).doesNotHaveDuplicates();
            assertThat(numbers(leases)).allMatch(number -> number >= 1 && number <= 20);
        } finally {
            others.forEach(Jobs::close);
        }
    }

    @Test
    void who_is_forestalled_begins_nothing() {
        declare("s", StillRunning.BESIDE);
        Millstream direct = Millstream.over(harness.backend());
        try (Jobs other = Jobs.over(direct)) {
            backend.tap((commits, next) -> {
                backend.tap((more, session) -> session.commit(more));
                // Between what was looked at and the commit, somebody else fires it.
                var row = new ScheduleLooks(harness.backend()).schedule("s").views();
                forestall(row.getFirst());
                return next.commit(commits);
            });
            schedules.start();
            pass();
            pass();
            assertThat(numbers(takeAll(2))).containsExactly(1L, 2L);
            assertThat(other.schedules().find("s")).isPresent();
        }
    }

    private void forestall(View.RowView row) {
        try {
            Firing firing = Firing.due("s", ScheduleJson.read("s", row.value()), false, now(), 100);
            Answer.of(session.commit(new Commit(null, firing.operations(row.version()))));
        } catch (Json.Unreadable unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    @Test
    void what_one_did_not_begin_before_it_died_another_one_begins() {
        declare("s", StillRunning.SKIP);
        CompletableFuture<List<Receipt>> never = new CompletableFuture<>();
        backend.tap((_, _) -> never);
        schedules.start();
        advance(MINUTE);
        eventually(() -> backend.firings() == 1);
        jobs.close();
        assertNoneBegan();

        backend.tap((commits, next) -> next.commit(commits));
        try (Jobs other = Jobs.over(millstream)) {
            other.schedules().start();
            assertThat(numbers(takeAll(1))).containsExactly(1L);
        }
    }

    @Test
    void what_one_began_before_it_died_no_other_one_begins() {
        declare("s", StillRunning.SKIP);
        CompletableFuture<List<Receipt>> never = new CompletableFuture<>();
        backend.tap((commits, next) -> {
            var _ = next.commit(commits);
            return never;
        });
        schedules.start();
        advance(MINUTE);
        List<Lease> leases = takeAll(1);
        jobs.close();

        backend.tap((commits, next) -> next.commit(commits));
        jobs = Jobs.over(millstream);
        schedules = jobs.schedules();
        schedules.start();
        end(leases);
        pass();
        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }

    @Test
    void a_backend_that_restarts_knows_what_was_begun() {
        declare("s", StillRunning.SKIP);
        schedules.start();
        pass();
        List<Lease> first = takeAll(1);
        restart();
        assertThat(schedule("s").running()).hasSize(1);
        schedules.start();
        pass();
        assertThat(schedule("s").leftOut()).isEqualTo(1);
        end(first);
        pass();

        assertThat(numbers(takeAll(1))).containsExactly(2L);
    }

    @Test
    void a_thousand_that_are_due_at_once_are_fired_in_a_few_commits() {
        for (int i = 0; i < 1000; i++) {
            declare("s" + i, StillRunning.SKIP);
        }
        advance(MINUTE);
        schedules.start();

        List<Lease> leases = takeAll(1000);

        assertThat(leases).extracting(lease -> run(lease).schedule()).doesNotHaveDuplicates();
        assertThat(backend.firings()).isLessThanOrEqualTo(4);
    }
}
