package io.millstream.server.jobs;

import io.millstream.jobs.Schedule;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.jobs.schedule.Timetable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Schedules as they are sent and shown.
final class ScheduleForm {
    private static final String CRON = "cron";
    private static final String EVERY = "every_ms";

    private ScheduleForm() {}

    // Reading.

    /// What becomes of runs that were missed.
    private enum Policy {
        SKIP,
        LAST,
        ALL
    }

    /// When it runs: `cron` with `zone`, `gap` and `overlap`, or `every_ms` with `first`.
    static Timetable timetable(JsonIn in) {
        String cron = in.maybeText(CRON);
        String zone = in.maybeText("zone");
        Cron.Gap gap = in.maybeWord("gap", Cron.Gap.class);
        Cron.Overlap overlap = in.maybeWord("overlap", Cron.Overlap.class);
        Duration every = in.maybeMillis(EVERY, 1, JobDraft.MILLIS_MAX * 10);
        Instant first = in.maybeTime("first");
        if ((cron == null) == (every == null)) {
            throw in.wrongMember(
                    CRON,
                    "is " + (cron == null ? "missing" : "there besides " + EVERY),
                    "Give one of " + CRON + " and " + EVERY);
        }
        if (cron == null && (zone != null || gap != null || overlap != null)) {
            throw in.wrongMember(
                    EVERY, "has neither zone, gap nor overlap", "Leave them out, or give a cron");
        }
        if (cron != null && first != null) {
            throw in.wrongMember("first", "goes with every_ms alone", "Leave it out");
        }
        if (every != null) {
            return JsonIn.sensible(
                    in.place(EVERY),
                    () -> first == null ? Every.of(every) : new Every(every, first));
        }
        Cron made = JsonIn.sensible(in.place(CRON), () -> Cron.of(String.valueOf(cron)));
        if (zone != null) {
            Cron before = made;
            made = JsonIn.sensible(in.place("zone"), () -> before.zone(zone));
        }
        made = gap == null ? made : made.gap(gap);
        return overlap == null ? made : made.overlap(overlap);
    }

    static Misfire misfire(JsonIn in) {
        JsonIn misfire = in.maybeObject("misfire");
        if (misfire == null) {
            return Misfire.last();
        }
        Policy policy = misfire.maybeWord("policy", Policy.class);
        Long most = misfire.maybeWhole("most", 1, Misfire.RUNS_MAX);
        Duration late = misfire.maybeMillis("late_ms", 0, JobDraft.MILLIS_MAX);
        misfire.end();
        if (policy == null) {
            throw misfire.wrongMember("policy", "is missing", "Give one of skip, last, all");
        }
        if ((policy == Policy.ALL) != (most != null)) {
            throw misfire.wrongMember(
                    "most", "goes with the policy all, and with no other", "Give both, or neither");
        }
        Misfire made =
                switch (policy) {
                    case SKIP -> Misfire.skip();
                    case LAST -> Misfire.last();
                    case ALL -> Misfire.all(most == null ? 1 : most.intValue());
                };
        return late == null ? made : made.within(late);
    }

    static StillRunning stillRunning(JsonIn in) {
        StillRunning given = in.maybeWord("still_running", StillRunning.class);
        return given == null ? StillRunning.SKIP : given;
    }

    // Showing.

    static JsonOut of(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Declared declared -> of(declared);
            case Schedule.Unreadable(String name, String why) ->
                    new JsonOut().put("name", name).put("unreadable", why);
        };
    }

    private static JsonOut of(Schedule.Declared schedule) {
        JsonOut out = new JsonOut().put("name", schedule.name());
        switch (schedule.timetable()) {
            case Cron cron ->
                    out.put(CRON, cron.text())
                            .put("zone", cron.zone().getId())
                            .put("gap", JsonIn.word(cron.gap()))
                            .put("overlap", JsonIn.word(cron.overlap()));
            case Every(Duration period, Instant first) ->
                    out.put(EVERY, period.toMillis()).put("first", first);
        }
        return out.put("misfire", of(schedule.policies().misfire()))
                .put("still_running", JsonIn.word(schedule.policies().stillRunning()))
                .put(
                        "job",
                        new JsonOut()
                                .put("queue", schedule.job().queue())
                                .put("type", schedule.job().type())
                                .maybe("payload", JsonOut.read(schedule.job().payload())))
                .put("paused", schedule.isPaused())
                .maybe("next", schedule.next())
                .put("runs", schedule.runs())
                .maybe("left_out", schedule.leftOut())
                .maybe("last", of(schedule.last()))
                .texts("running", schedule.running())
                .texts("waiting", texts(schedule.waiting()))
                .maybe("trouble", of(schedule.trouble()));
    }

    static List<String> texts(List<Instant> times) {
        return times.stream().map(Instant::toString).toList();
    }

    private static JsonOut of(Misfire misfire) {
        JsonOut out =
                switch (misfire) {
                    case Misfire.Skip _ -> new JsonOut().put("policy", "skip");
                    case Misfire.Last _ -> new JsonOut().put("policy", "last");
                    case Misfire.All(int most, Duration _) ->
                            new JsonOut().put("policy", "all").put("most", most);
                };
        return misfire.late().equals(Misfire.EVER)
                ? out
                : out.put("late_ms", misfire.late().toMillis());
    }

    private static @Nullable JsonOut of(Schedule.@Nullable Run run) {
        return run == null
                ? null
                : new JsonOut()
                        .put("id", run.id())
                        .put("number", run.number())
                        .put("at", run.at())
                        .put("begun", run.begun());
    }

    private static @Nullable JsonOut of(Schedule.@Nullable Trouble trouble) {
        return trouble == null
                ? null
                : new JsonOut()
                        .put("tries", trouble.tries())
                        .put("since", trouble.since())
                        .put("again", trouble.again())
                        .put("reason", trouble.reason());
    }
}
