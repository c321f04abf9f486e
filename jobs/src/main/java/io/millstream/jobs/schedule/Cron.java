package io.millstream.jobs.schedule;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Objects;

/// Runs when the clock on a wall shows certain times: `Cron.of("30 2 * * MON-FRI")`.
///
/// Five fields, separated by spaces, or six with the second before them:
///
/// - second, 0 to 59; 0 if it is left out
/// - minute, 0 to 59
/// - hour, 0 to 23
/// - day of month, 1 to 31; also `L` the last, `L-3` the third before the last, `15W` the weekday,
///   Monday to Friday, of the same month that is nearest to the 15th, `LW` the last weekday, `L-3W`
/// - month, 1 to 12 or JAN to DEC
/// - day of week, 0 to 7 or SUN to SAT, where 1 is Monday and 0 and 7 are Sunday; also `5L` the
///   last Friday of the month, `6#3` the third Saturday, `FRIL`, `SAT#3`
///
/// A field is `*` for all, in the fields of days also `?`, or a list of values, ranges `1-5`, and
/// steps: `*/5`, `3-50/7`, and `5/10` which is from 5 on every 10. Ranges do not run backwards;
/// Sunday may begin or end one, and steps of days without an end run to Saturday. Words may be in
/// any case. `@hourly`, `@daily` (`@midnight`), `@weekly` (Sunday), `@monthly` and `@yearly`
/// (`@annually`) stand for the first minute of each.
///
/// **Days.** If day of month *and* day of week are given, that is, neither is `*` or `?`, a day
/// counts that matches *either*: `0 0 13 * FRI` runs on each 13th and on each Friday. A step such
/// as `*/2` is given. A month without the day, such as `31` or `31W` in April, has no run.
///
/// **When clocks change.** Two kinds of patterns are told apart. One is *steady* if its minute or
/// its hour field has a `*` or a step, or names every value: `*/5 * * * *`, `0 */2 * * *`. All
/// others name *fixed* times. The field of the second does not count.
///
/// - Where clocks are put forward, times from the change up to the new time do not occur. Of fixed
///   times among them [Gap] decides. Steady ones run when they would have, had the clock been left
///   alone, in addition to what the clock shows.
/// - Where clocks are put back, times from the new one up to the change occur twice. Of fixed times
///   among them [Overlap] decides. Steady ones run both times.
///
/// Two runs that fall together are one. So `0 * * * *` runs each hour through changes by whole
/// hours. In zones that do not change their clocks nothing of this matters; UTC is the zone unless
/// said otherwise.
///
/// Immutable. Two are equal if they run on the same days at the same times of the same zone and
/// treat changes alike, however they are written.
public final class Cron implements Timetable {
    static final Instant BEGIN = Instant.parse("0001-01-01T00:00:00Z");
    static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

    // No pattern waits longer than 40 years: a fifth Monday of February over a year such as 1900.
    // Only what falls into a gap each time, and is to be skipped there, is searched to the end.
    private static final long SEARCH_SECONDS_MAX = 100L * 366 * 24 * 3600;
    private static final long NONE = Long.MAX_VALUE;

    private final String text;
    private final CronPattern pattern;
    private final ZoneId zone;
    private final Gap gap;
    private final Overlap overlap;

    /// What becomes of fixed times that do not occur, as clocks are put forward.
    public enum Gap {
        /// One run for all of them, when the gap ends: 02:30 runs at 03:00.
        AT_END,
        /// No run.
        SKIP,
        /// Each runs later by as much as the clock is put forward, which is when it would have run
        /// had the clock been left alone: 02:30 runs at 03:30.
        SHIFT
    }

    /// What becomes of fixed times that occur twice, as clocks are put back.
    public enum Overlap {
        /// One run, the first time.
        FIRST,
        /// One run, the second time.
        SECOND,
        /// Two runs.
        BOTH
    }

    private Cron(String text, CronPattern pattern, ZoneId zone, Gap gap, Overlap overlap) {
        this.text = text;
        this.pattern = pattern;
        this.zone = zone;
        this.gap = gap;
        this.overlap = overlap;
    }

    /// Reads one; in UTC, with [Gap#AT_END] and [Overlap#FIRST].
    ///
    /// @throws IllegalArgumentException if it is none, or can never run, with what is wrong where
    public static Cron of(String text) {
        return new Cron(text, CronText.read(text), ZoneOffset.UTC, Gap.AT_END, Overlap.FIRST);
    }

    /// By the clocks of this zone.
    public Cron zone(ZoneId zone) {
        return new Cron(text, pattern, zone, gap, overlap);
    }

    /// By the clocks of the zone with this id, such as `Europe/Berlin` or `+02:00`.
    ///
    /// @throws IllegalArgumentException if there is none, with the ids that are close
    public Cron zone(String id) {
        return zone(CloseNames.zone(id));
    }

    /// What becomes of times that do not occur.
    public Cron gap(Gap gap) {
        return new Cron(text, pattern, zone, gap, overlap);
    }

    /// What becomes of times that occur twice.
    public Cron overlap(Overlap overlap) {
        return new Cron(text, pattern, zone, gap, overlap);
    }

    /// What it was read from.
    public String text() {
        return text;
    }

    /// By whose clocks.
    public ZoneId zone() {
        return zone;
    }

    /// What becomes of fixed times that do not occur.
    public Gap gap() {
        return gap;
    }

    /// What becomes of fixed times that occur twice.
    public Overlap overlap() {
        return overlap;
    }

    /// Whether it is a steady pattern, for which neither [#gap()] nor [#overlap()] counts.
    public boolean isSteady() {
        return pattern.isSteady();
    }

    @Override
    public Instant next(Instant after) {
        if (!after.isBefore(END)) {
            return NEVER;
        }
        long from = after.isBefore(BEGIN) ? BEGIN.getEpochSecond() : after.getEpochSecond() + 1;
        long until = Math.min(END.getEpochSecond(), from + SEARCH_SECONDS_MAX);
        ZoneRules rules = zone.getRules();
        long at = from;
        // From one change of the clock to the next, between which an offset holds.
        while (at < until) {
            ZoneOffsetTransition change = rules.nextTransition(Instant.ofEpochSecond(at));
            long end = change == null ? until : Math.min(until, change.toEpochSecond());
            long found = first(rules, at, end, change);
            if (found < end) {
                return Instant.ofEpochSecond(found);
            }
            at = end;
        }
        return NEVER;
    }

    /// The first run from `at`, if it is before `end`, up to which the clock does not change.
    ///
    /// @param after the change at `end` or later, if there is one
    private long first(ZoneRules rules, long at, long end, @Nullable ZoneOffsetTransition after) {
        Instant start = Instant.ofEpochSecond(at);
        ZoneOffsetTransition before = rules.previousTransition(start.plusNanos(1));
        int offset = rules.getOffset(start).getTotalSeconds();
        long from = at + offset;
        long to = end + offset;
        if (before != null && before.isOverlap() && effectiveOverlap() == Overlap.FIRST) {
            from = Math.max(from, shownBefore(before));
        }
        if (after != null && after.isOverlap() && effectiveOverlap() == Overlap.SECOND) {
            to = Math.min(to, shownAfter(after));
        }
        long shown = from < to ? pattern.next(from) : NONE;
        return Math.min(shown < to ? shown - offset : NONE, firstMissing(before, at));
    }

    /// The first run from `at` of times that the change before it left out.
    private long firstMissing(@Nullable ZoneOffsetTransition change, long at) {
        if (change == null || !change.isGap()) {
            return NONE;
        }
        int offset = change.getOffsetBefore().getTotalSeconds();
        return switch (effectiveGap()) {
            case SKIP -> NONE;
            case AT_END -> {
                boolean isNow = at == change.toEpochSecond();
                yield isNow && pattern.next(at + offset) < shownAfter(change) ? at : NONE;
            }
            case SHIFT -> {
                long missing = pattern.next(at + offset);
                yield missing < shownAfter(change) ? missing - offset : NONE;
            }
        };
    }

    private Gap effectiveGap() {
        return isSteady() ? Gap.SHIFT : gap;
    }

    private Overlap effectiveOverlap() {
        return isSteady() ? Overlap.BOTH : overlap;
    }

    /// What the clock shows when it is changed.
    private static long shownBefore(ZoneOffsetTransition change) {
        return change.toEpochSecond() + change.getOffsetBefore().getTotalSeconds();
    }

    /// What the clock shows once it has been changed.
    private static long shownAfter(ZoneOffsetTransition change) {
        return change.toEpochSecond() + change.getOffsetAfter().getTotalSeconds();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cron cron
                && pattern.equals(cron.pattern)
                && zone.normalized().equals(cron.zone.normalized())
                && gap == cron.gap
                && overlap == cron.overlap;
    }

    @Override
    public int hashCode() {
        return Objects.hash(pattern, zone.normalized(), gap, overlap);
    }

    @Override
    public String toString() {
        return "Cron[%s, %s, gap %s, overlap %s]".formatted(text, zone, gap, overlap);
    }
}
