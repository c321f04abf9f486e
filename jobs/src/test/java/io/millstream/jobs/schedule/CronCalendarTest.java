package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// The days and times that crons are about, in UTC.
class CronCalendarTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    59 23 31 12 *      | 2026-12-31T23:59:00Z | 2027-12-31T23:59:00Z
                    0 0 1 1 *          | 2026-12-31T23:59:59.999999999Z | 2027-01-01T00:00:00Z
                    59 59 23 31 12 ?   | 2026-12-31T23:59:58Z | 2026-12-31T23:59:59Z
                    59 59 23 31 12 ?   | 2026-12-31T23:59:59Z | 2027-12-31T23:59:59Z
                    * * * * *          | 2026-12-31T23:59:00Z | 2027-01-01T00:00:00Z
                    * * * * * *        | 2026-12-31T23:59:59.5Z | 2027-01-01T00:00:00Z
                    0 0 L 2 *          | 2027-02-28T00:00:00Z | 2028-02-29T00:00:00Z
                    0 0 L 12 *         | 2026-12-30T00:00:00Z | 2026-12-31T00:00:00Z
                    0 0 31 * *         | 2027-01-31T00:00:00Z | 2027-03-31T00:00:00Z
                    """)
    void months_and_years_end_where_calendars_say(String text, Instant after, Instant next) {
        assertThat(Cron.of(text).next(after)).isEqualTo(next);
    }

    @Test
    void the_29th_of_february_is_in_leap_years_only() {
        assertThat(days("0 0 29 2 *", "2023-01-01", 3))
                .containsExactly("2024-02-29", "2028-02-29", "2032-02-29");
    }

    @Test
    void a_century_is_a_leap_year_only_if_four_hundred_divides_it() {
        assertThat(days("0 0 29 2 *", "1896-01-01", 2)).containsExactly("1896-02-29", "1904-02-29");
        assertThat(days("0 0 29 2 *", "1996-03-01", 2)).containsExactly("2000-02-29", "2004-02-29");
        assertThat(days("0 0 29 2 *", "2096-03-01", 1)).containsExactly("2104-02-29");
    }

    @Test
    void the_rarest_day_is_forty_years_away_and_found_at_once() {
        assertThat(days("0 0 * 2 1#5", "2040-03-01", 3))
                .containsExactly("2044-02-29", "2072-02-29", "2112-02-29");
        assertThat(days("0 0 * 2 MON#5", "2072-03-01", 1)).containsExactly("2112-02-29");
    }

    @Test
    void if_both_days_are_given_either_matches() {
        assertThat(days("0 0 13 * FRI", "2026-02-01", 5))
                .containsExactly(
                        "2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06");
        assertThat(days("0 0 13 * FRI", "2026-04-11", 2))
                .containsExactly("2026-04-13", "2026-04-17");
        assertThat(days("0 0 */15 * MON", "2026-04-01", 4))
                .containsExactly("2026-04-01", "2026-04-06", "2026-04-13", "2026-04-16");
    }

    @Test
    void the_last_day_and_those_before_it_depend_on_the_month() {
        assertThat(days("0 0 L * *", "2027-01-01", 4))
                .containsExactly("2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30");
        assertThat(days("0 0 L-3 * *", "2028-01-01", 2))
                .containsExactly("2028-01-28", "2028-02-26");
        assertThat(days("0 0 L-29 * *", "2027-01-01", 3))
                .containsExactly("2027-01-02", "2027-03-02", "2027-04-01");
        assertThat(days("0 0 1,L * *", "2027-02-01", 3))
                .containsExactly("2027-02-01", "2027-02-28", "2027-03-01");
    }

    @Test
    void the_nearest_weekday_is_never_in_another_month() {
        // Saturday the 15th, Sunday the 15th, a Wednesday.
        assertThat(days("0 0 15W 8 *", "2026-01-01", 2))
                .containsExactly("2026-08-14", "2027-08-16");
        assertThat(days("0 0 15W 7 *", "2026-01-01", 1)).containsExactly("2026-07-15");
        // Saturday the first, Sunday the first.
        assertThat(days("0 0 1W 8 *", "2026-01-01", 2)).containsExactly("2026-08-03", "2027-08-02");
        assertThat(days("0 0 31W 5,10 *", "2026-01-01", 2))
                .containsExactly("2026-05-29", "2026-10-30");
        assertThat(days("0 0 31W * *", "2027-02-01", 2))
                .containsExactly("2027-03-31", "2027-05-31");
        assertThat(days("0 0 LW * *", "2026-01-01", 5))
                .containsExactly(
                        "2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29");
        assertThat(days("0 0 L-2W 5 *", "2026-01-01", 1)).containsExactly("2026-05-29");
    }

    @Test
    void days_of_the_week_are_counted_from_either_end_of_the_month() {
        assertThat(days("0 0 * * 6#3", "2026-01-01", 3))
                .containsExactly("2026-01-17", "2026-02-21", "2026-03-21");
        assertThat(days("0 0 * * 5L", "2026-01-01", 3))
                .containsExactly("2026-01-30", "2026-02-27", "2026-03-27");
        assertThat(days("0 0 * * SUNL", "2026-05-01", 1)).containsExactly("2026-05-31");
        assertThat(days("0 0 * * 7#5", "2026-01-01", 2))
                .containsExactly("2026-03-29", "2026-05-31");
        assertThat(days("0 0 * * 1#1,FRIL", "2026-01-01", 3))
                .containsExactly("2026-01-05", "2026-01-30", "2026-02-02");
    }

    @Test
    void a_preview_has_as_many_as_were_asked_for() {
        Cron cron = Cron.of("@daily");

        assertThat(cron.preview(Instant.EPOCH, 0)).isEmpty();
        assertThat(cron.preview(Instant.EPOCH, 1000)).hasSize(1000).doesNotHaveDuplicates();
        assertThatThrownBy(() -> cron.preview(Instant.EPOCH, 1001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A preview shows 0 to 1000 runs, not 1001");
        assertThatThrownBy(() -> cron.preview(Instant.EPOCH, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_years_of_a_calendar_end_and_with_them_the_runs() {
        Cron cron = Cron.of("0 0 30 12 *");

        assertThat(cron.next(Instant.MIN)).isEqualTo("0001-12-30T00:00:00Z");
        assertThat(cron.preview(Instant.parse("9998-01-01T00:00:00Z"), 3)).hasSize(2);
        assertThat(cron.next(Instant.parse("9999-12-30T00:00:00Z"))).isEqualTo(Timetable.NEVER);
        assertThat(cron.next(Instant.MAX)).isEqualTo(Timetable.NEVER);
        assertThat(cron.last(Instant.MIN, Instant.MAX))
                .contains(Instant.parse("9999-12-30T00:00:00Z"));
    }

    @Test
    void the_last_run_is_found_among_billions() {
        Cron cron = Cron.of("* * * * * *");
        Instant until = Instant.parse("2026-11-27T10:00:00.7Z");

        assertThat(cron.last(Instant.EPOCH, until)).contains(Instant.parse("2026-11-27T10:00:00Z"));
        assertThat(cron.last(until, until)).isEmpty();
        assertThat(cron.last(until, Instant.EPOCH)).isEmpty();
    }

    private static Stream<String> days(String text, String from, int count) {
        List<Instant> runs =
                Cron.of(text).preview(Instant.parse(from + "T00:00:00Z").minusNanos(1), count);
        return runs.stream().map(run -> run.toString().replace("T00:00:00Z", ""));
    }
}
