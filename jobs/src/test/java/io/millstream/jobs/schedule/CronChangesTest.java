package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/// Crons on days on which clocks are put forward or back, one zone for each kind of change. What is
/// expected is written as the clock of the zone shows it, with its offset.
class CronChangesTest {
    private static final String BERLIN = "Europe/Berlin";
    private static final String SPRING = "2027-03-28";
    private static final String AUTUMN = "2027-10-31";

    @Test
    void a_time_that_does_not_occur_runs_once_at_the_end_of_the_gap() {
        assertThat(runs(Cron.of("30 2 * * *").zone(BERLIN), SPRING)).containsExactly("03:00+02:00");
        assertThat(runs(Cron.of("0,15,30 2,3 * * *").zone(BERLIN), SPRING))
                .containsExactly("03:00+02:00", "03:15+02:00", "03:30+02:00");
        assertThat(runs(Cron.of("* 30 2 * * *").zone(BERLIN), SPRING))
                .containsExactly("03:00+02:00");
    }

    @Test
    void or_not_at_all_or_as_much_later_as_the_clock_is_put_forward() {
        Cron cron = Cron.of("0,30 2 * * *").zone(BERLIN);

        assertThat(runs(cron.gap(Cron.Gap.SKIP), SPRING)).isEmpty();
        assertThat(runs(cron.gap(Cron.Gap.SHIFT), SPRING))
                .containsExactly("03:00+02:00", "03:30+02:00");
    }

    @Test
    void what_is_shifted_onto_another_run_is_one_run_with_it() {
        Cron cron = Cron.of("30 2,3 * * *").zone(BERLIN).gap(Cron.Gap.SHIFT);

        assertThat(runs(cron, SPRING)).containsExactly("03:30+02:00");
    }

    @Test
    void a_time_that_occurs_twice_runs_the_first_time() {
        assertThat(runs(Cron.of("30 2 * * *").zone(BERLIN), AUTUMN)).containsExactly("02:30+02:00");
        assertThat(runs(Cron.of("0 2,3 * * *").zone(BERLIN), AUTUMN))
                .containsExactly("02:00+02:00", "03:00+01:00");
    }

    @Test
    void or_the_second_time_or_both_times() {
        Cron cron = Cron.of("30 2 * * *").zone(BERLIN);

        assertThat(runs(cron.overlap(Cron.Overlap.SECOND), AUTUMN)).containsExactly("02:30+01:00");
        assertThat(runs(cron.overlap(Cron.Overlap.BOTH), AUTUMN))
                .containsExactly("02:30+02:00", "02:30+01:00");
    }

    @Test
    void whoever_asks_between_the_two_times_is_not_told_of_the_first_again() {
        Cron cron = Cron.of("30 2 * * *").zone(BERLIN);
        Instant between = Instant.parse("2027-10-31T00:45:00Z");

        assertThat(cron.next(between)).isEqualTo("2027-11-01T01:30:00Z");
        assertThat(cron.overlap(Cron.Overlap.SECOND).next(between))
                .isEqualTo("2027-10-31T01:30:00Z");
    }

    @Test
    void a_steady_pattern_goes_on_through_both_changes_whatever_the_policies_are() {
        Cron hourly =
                Cron.of("7 * * * *").zone(BERLIN).gap(Cron.Gap.SKIP).overlap(Cron.Overlap.SECOND);
        for (String day : List.of(SPRING, AUTUMN)) {
            Instant run = hourly.next(LocalDate.parse(day).atStartOfDay(zone(BERLIN)).toInstant());
            for (Instant next : hourly.preview(run, 30)) {
                assertThat(next).isEqualTo(run.plusSeconds(3600));
                run = next;
            }
        }
        assertThat(runs(Cron.of("*/5 * * * *").zone(BERLIN), SPRING)).hasSize(23 * 12);
        assertThat(runs(Cron.of("*/5 * * * *").zone(BERLIN), AUTUMN)).hasSize(25 * 12);
    }

    @Test
    void a_steady_pattern_of_some_hours_runs_when_it_would_have_had_the_clock_been_left_alone() {
        Cron cron = Cron.of("0 */2 * * *").zone(BERLIN);

        assertThat(runs(cron, SPRING))
                .startsWith("00:00+01:00", "03:00+02:00", "04:00+02:00", "06:00+02:00");
        assertThat(runs(cron, AUTUMN))
                .startsWith("00:00+02:00", "02:00+02:00", "02:00+01:00", "04:00+01:00");
        assertThat(runs(Cron.of("*/20 2 * * *").zone(BERLIN), SPRING))
                .containsExactly("03:00+02:00", "03:20+02:00", "03:40+02:00");
    }

    @Test
    void a_day_is_not_24_hours_where_clocks_change() {
        Cron daily = Cron.of("@daily").zone(BERLIN);

        assertThat(daily.preview(Instant.parse("2027-03-26T23:00:00Z"), 3))
                .containsExactly(
                        Instant.parse("2027-03-27T23:00:00Z"),
                        Instant.parse("2027-03-28T22:00:00Z"),
                        Instant.parse("2027-03-29T22:00:00Z"));
    }

    @Test
    void new_york_changes_at_two_in_the_morning() {
        Cron cron = Cron.of("30 2,1 * * *").zone("America/New_York");

        assertThat(runs(cron, "2027-03-14")).containsExactly("01:30-05:00", "03:00-04:00");
        assertThat(runs(cron, "2027-11-07")).containsExactly("01:30-04:00", "02:30-05:00");
        assertThat(runs(cron.overlap(Cron.Overlap.SECOND), "2027-11-07"))
                .containsExactly("01:30-05:00", "02:30-05:00");
    }

    @Test
    void santiago_has_a_day_without_midnight_and_one_with_two() {
        Cron daily = Cron.of("@daily").zone("America/Santiago");

        assertThat(runs(daily, "2026-09-06")).containsExactly("01:00-03:00");
        assertThat(runs(daily.gap(Cron.Gap.SKIP), "2026-09-06")).isEmpty();
        // Midnight ends the day before, and then that day goes on for an hour more.
        assertThat(runs(Cron.of("30 23 * * *").zone("America/Santiago"), "2026-04-04"))
                .containsExactly("23:30-03:00");
        assertThat(runs(daily, "2026-04-04")).containsExactly("00:00-03:00");
        assertThat(runs(daily, "2026-04-05")).containsExactly("00:00-04:00");
        assertThat(runs(Cron.of("0 */12 * * *").zone("America/Santiago"), "2026-09-06"))
                .containsExactly("01:00-03:00", "12:00-03:00");
    }

    @Test
    void chatham_changes_at_a_quarter_to_three() {
        Cron cron = Cron.of("0 3 * * *").zone("Pacific/Chatham");

        assertThat(runs(cron, "2026-09-27")).containsExactly("03:45+13:45");
        assertThat(runs(cron.gap(Cron.Gap.SHIFT), "2026-09-27")).containsExactly("04:00+13:45");
        assertThat(runs(cron.overlap(Cron.Overlap.BOTH), "2026-04-05"))
                .containsExactly("03:00+13:45", "03:00+12:45");
        assertThat(runs(Cron.of("45 2 * * *").zone("Pacific/Chatham"), "2026-09-27"))
                .containsExactly("03:45+13:45");
        assertThat(runs(Cron.of("44 2 * * *").zone("Pacific/Chatham"), "2026-09-27"))
                .containsExactly("02:44+12:45");
    }

    @Test
    void lord_howe_changes_by_half_an_hour() {
        Cron cron = Cron.of("15,30 2 * * *").zone("Australia/Lord_Howe");

        assertThat(runs(cron, "2026-10-04")).containsExactly("02:30+11:00");
        assertThat(runs(cron.gap(Cron.Gap.SHIFT), "2026-10-04"))
                .containsExactly("02:30+11:00", "02:45+11:00");
        assertThat(runs(Cron.of("45 1 * * *").zone("Australia/Lord_Howe"), "2026-04-05"))
                .containsExactly("01:45+11:00");
        assertThat(runs(Cron.of("*/15 1-2 * * *").zone("Australia/Lord_Howe"), "2026-04-05"))
                .containsExactly(
                        "01:00+11:00",
                        "01:15+11:00",
                        "01:30+11:00",
                        "01:45+11:00",
                        "01:30+10:30",
                        "01:45+10:30",
                        "02:00+10:30",
                        "02:15+10:30",
                        "02:30+10:30",
                        "02:45+10:30");
    }

    @Test
    void troll_changes_by_two_hours() {
        Cron cron = Cron.of("30 1,2 * * *").zone("Antarctica/Troll");

        assertThat(runs(cron, "2027-03-28")).containsExactly("03:00+02:00");
        assertThat(runs(cron.gap(Cron.Gap.SHIFT), "2027-03-28"))
                .containsExactly("03:30+02:00", "04:30+02:00");
        assertThat(runs(cron, "2027-10-31")).containsExactly("01:30+02:00", "02:30+02:00");
        assertThat(runs(cron.overlap(Cron.Overlap.BOTH), "2027-10-31"))
                .containsExactly("01:30+02:00", "02:30+02:00", "01:30Z", "02:30Z");
    }

    @Test
    void apia_had_no_30th_of_december_in_2011() {
        Cron cron = Cron.of("0 9 30 12 *").zone("Pacific/Apia");

        assertThat(runs(cron, "2011-12-31")).containsExactly("00:00+14:00");
        assertThat(runs(cron.gap(Cron.Gap.SKIP), "2011-12-31")).isEmpty();
        assertThat(runs(cron.gap(Cron.Gap.SHIFT), "2011-12-31")).containsExactly("09:00+14:00");
        assertThat(runs(Cron.of("0 9 * * *").zone("Pacific/Apia"), "2011-12-31"))
                .containsExactly("00:00+14:00", "09:00+14:00");
        assertThat(runs(Cron.of("0 * * * *").zone("Pacific/Apia"), "2011-12-31")).hasSize(24);
        assertThat(cron.gap(Cron.Gap.SKIP).next(Instant.parse("2011-01-01T00:00:00Z")))
                .isEqualTo("2012-12-29T19:00:00Z");
    }

    @Test
    void casablanca_is_put_back_for_ramadan_and_forward_again() {
        Cron cron = Cron.of("30 2 * * *").zone("Africa/Casablanca");

        assertThat(runs(cron, "2026-02-15")).containsExactly("02:30+01:00");
        assertThat(runs(cron.overlap(Cron.Overlap.BOTH), "2026-02-15"))
                .containsExactly("02:30+01:00", "02:30Z");
        assertThat(runs(cron, "2026-02-16")).containsExactly("02:30Z");
        assertThat(runs(cron, "2026-03-22")).containsExactly("03:00+01:00");
        assertThat(runs(cron, "2026-03-23")).containsExactly("02:30+01:00");
    }

    @Test
    void what_is_always_in_a_gap_and_to_be_skipped_there_runs_never() {
        Cron cron = Cron.of("30 2 * 3 SUNL").zone(BERLIN).gap(Cron.Gap.SKIP);

        assertThat(cron.next(Instant.parse("2026-01-01T00:00:00Z"))).isEqualTo(Timetable.NEVER);
        assertThat(cron.preview(Instant.parse("1979-01-01T00:00:00Z"), 5)).hasSize(2);
        assertThat(runs(cron.gap(Cron.Gap.AT_END), SPRING)).containsExactly("03:00+02:00");
    }

    @Test
    void clocks_of_the_past_that_were_set_by_the_sun_are_kept_to_the_second() {
        assertThat(Cron.of("0 12 1 1 *").zone(BERLIN).next(Instant.parse("1879-12-31T00:00:00Z")))
                .isEqualTo("1880-01-01T11:06:32Z");
    }

    /// What the clock shows at the runs of a local day.
    private static List<String> runs(Cron cron, String day) {
        Instant from = LocalDate.parse(day).atStartOfDay(cron.zone()).toInstant().minusNanos(1);
        Instant until = LocalDate.parse(day).plusDays(1).atStartOfDay(cron.zone()).toInstant();
        return cron.preview(from, 400).stream()
                .filter(run -> run.isBefore(until))
                .map(run -> run.atZone(cron.zone()).toOffsetDateTime().toString())
                .map(shown -> shown.substring(shown.indexOf('T') + 1))
                .toList();
    }

    private static ZoneId zone(String id) {
        return ZoneId.of(id);
    }
}
