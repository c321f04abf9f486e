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
import io.millstream.api.View;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What cannot begin, clocks that are moved, and several who fire schedules, on any backend.
abstract class FiringContract extends SchedulesFixture {

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
                forestall(new ScheduleLooks(harness.backend()).schedule("s").row());
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
