package io.millstream.server.client;

import io.millstream.jobs.Jobs;
import io.millstream.jobs.Schedule;
import io.millstream.jobs.Schedules;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Timetable;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `millstream schedules …`.
final class ScheduleCommands {
    private static final String COUNT = "--count";
    private static final String CRON = "--cron";
    private static final String EVERY = "--every";
    private static final String ZONE = "--zone";
    private static final int COUNT_USUAL = 5;

    private ScheduleCommands() {}

    static List<Verb> verbs() {
        List<Verb> verbs = new ArrayList<>();
        verbs.add(
                Specs.verb(
                        "list",
                        "Lists schedules.",
                        _ -> call -> call.withJobs(jobs -> list(call, jobs.schedules()))));
        verbs.add(show());
        verbs.add(
                each(
                        "pause",
                        "Has schedules submit nothing until they are resumed.",
                        (call, jobs, name) -> pause(call, jobs.schedules(), name)));
        verbs.add(
                each(
                        "resume",
                        "Has schedules go on from now.",
                        (call, jobs, name) -> resume(call, jobs.schedules(), name)));
        verbs.add(
                each(
                        "trigger",
                        "Begins a run now. Prints the id of its job.",
                        (call, jobs, name) -> trigger(call, jobs.schedules(), name)));
        verbs.add(
                each(
                        "remove",
                        "Removes schedules; jobs that they have submitted stay.",
                        (call, jobs, name) -> remove(call, jobs.schedules(), name)));
        verbs.add(preview());
        return verbs;
    }

    private static Verb each(String name, String description, JobCommands.Deed deed) {
        return JobCommands.each(
                name,
                description,
                "NAME",
                "Which schedules.",
                (call, jobs, one) -> {
                    try {
                        return deed.with(call, jobs, one);
                    } catch (IllegalArgumentException | IllegalStateException refused) {
                        call.out().note(String.valueOf(refused.getMessage()));
                        return Status.FAILED;
                    }
                });
    }

    private static int list(Call call, Schedules schedules) {
        Listing listing =
                new Listing(call.out(), "name", "when", "type", "queue", "next", "runs", "is");
        for (Schedule schedule : schedules.list()) {
            switch (schedule) {
                case Schedule.Declared declared ->
                        listing.row(
                                () -> Json.bytes(ScheduleView.json(declared)),
                                declared.name(),
                                ScheduleView.when(declared.timetable()),
                                declared.job().type(),
                                declared.job().queue(),
                                next(declared.next()),
                                declared.runs(),
                                declared.isPaused()
                                        ? "paused"
                                        : declared.trouble() == null ? "" : "in trouble");
                case Schedule.Unreadable unreadable ->
                        listing.row(
                                () -> Json.bytes(ScheduleView.json(unreadable)),
                                unreadable.name(),
                                "",
                                "",
                                "",
                                "",
                                0,
                                "unreadable");
            }
        }
        listing.end();
        return Status.DONE;
    }

    private static String next(@Nullable Instant next) {
        return next == null ? "" : Times.shown(next);
    }

    private static Verb show() {
        Verb verb =
                Specs.verb(
                        "show",
                        "Shows a schedule.",
                        typed -> {
                            String name = typed.word(0, "");
                            return call ->
                                    call.withJobs(jobs -> show(call, jobs.schedules(), name));
                        });
        verb.spec().addPositional(Specs.word(0, "NAME", "Which schedule."));
        return verb;
    }

    private static int show(Call call, Schedules schedules, String name) {
        Optional<Schedule> found = schedules.find(name);
        if (found.isEmpty()) {
            return missing(call, name);
        }
        if (call.out().isJson()) {
            call.out().json(ScheduleView.json(found.get()));
        } else {
            call.out().details(ScheduleView.details(found.get()));
        }
        return Status.DONE;
    }

    private static int missing(Call call, String name) {
        call.out().note("There is no schedule %s. See: millstream schedules list".formatted(name));
        return Status.FAILED;
    }

    private static int pause(Call call, Schedules schedules, String name) {
        boolean isNew = schedules.pause(name);
        return tell(call, name, true, isNew ? "%s is paused." : "%s was paused already.");
    }

    private static int resume(Call call, Schedules schedules, String name) {
        boolean isNew = schedules.resume(name);
        return tell(call, name, false, isNew ? "%s goes on from now." : "%s was not paused.");
    }

    private static int tell(Call call, String name, boolean paused, String sentence) {
        call.out().say(Json.object().put("name", name).put("paused", paused), sentence, name);
        return Status.DONE;
    }

    private static int trigger(Call call, Schedules schedules, String name) {
        Optional<String> id = schedules.trigger(name);
        ObjectNode json = Json.object().put("name", name);
        id.ifPresentOrElse(
                one -> call.out().say(json.put("id", one), "%s", one),
                () ->
                        call.out()
                                .say(
                                        json.put("waits", true),
                                        "%s waits for an earlier run to end.",
                                        name));
        return Status.DONE;
    }

    private static int remove(Call call, Schedules schedules, String name) {
        if (!schedules.remove(name)) {
            return missing(call, name);
        }
        call.out().say(Json.object().put("name", name).put("removed", true), "Removed %s.", name);
        return Status.DONE;
    }

    private static Verb preview() {
        Verb verb =
                Specs.verb(
                        "preview",
                        "Shows when a schedule, or a cron line, would run next.",
                        ScheduleCommands::readPreview);
        verb.spec()
                .addPositional(Specs.maybe(0, "NAME", "Which schedule."))
                .addOption(Specs.text("N", "How many runs. Default: " + COUNT_USUAL, "-n", COUNT))
                .addOption(Specs.text("LINE", "Of this cron line instead.", CRON))
                .addOption(Specs.text("TIME", "Of this fixed rate instead.", EVERY))
                .addOption(Specs.text("ZONE", "The time zone of the cron line.", ZONE));
        return verb;
    }

    private static Verb.Work readPreview(Typed typed) {
        typed.notBoth(CRON, EVERY);
        typed.notBoth(EVERY, ZONE);
        String name = typed.word(0);
        Timetable timetable = timetable(typed);
        if ((name == null) == (timetable == null)) {
            throw new ConfigException(
                    "schedules preview needs the name of a schedule, or %s, or %s, and one of them."
                            .formatted(CRON, EVERY));
        }
        int count = typed.whole(COUNT, COUNT_USUAL, 1, Timetable.PREVIEW_RUNS_MAX);
        return call -> call.withJobs(jobs -> preview(call, jobs, name, timetable, count));
    }

    private static @Nullable Timetable timetable(Typed typed) {
        String cron = typed.text(CRON);
        String zone = typed.text(ZONE);
        if (cron == null && zone != null) {
            throw new ConfigException("%s goes with %s.".formatted(ZONE, CRON));
        }
        if (cron != null) {
            Cron timetable = Cron.of(cron);
            return zone == null ? timetable : timetable.zone(zone);
        }
        String every = typed.text(EVERY);
        return every == null ? null : Every.of(Times.length(EVERY, every));
    }

    private static int preview(
            Call call, Jobs jobs, @Nullable String name, @Nullable Timetable timetable, int count) {
        Timetable times = timetable;
        if (name != null) {
            Optional<Schedule> found = jobs.schedules().find(name);
            if (found.isEmpty()) {
                return missing(call, name);
            }
            times = found.get() instanceof Schedule.Declared one ? one.timetable() : null;
        }
        List<Instant> runs =
                times == null
                        ? jobs.schedules().preview(String.valueOf(name), count)
                        : jobs.schedules().preview(times, count);
        ZoneId zone = times instanceof Cron cron ? cron.zone() : ZoneOffset.UTC;
        boolean isElsewhere = !zone.equals(ZoneOffset.UTC);
        for (Instant run : runs) {
            String local = isElsewhere ? "  " + run.atZone(zone).toOffsetDateTime() : "";
            call.out().say(Json.object().put("at", run.toString()), "%s%s", run, local);
        }
        if (runs.isEmpty()) {
            call.out().note("It does not run any more.");
        }
        return Status.DONE;
    }
}
