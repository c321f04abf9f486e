package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.jobs.schedule.Timetable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A schedule as the bytes of its row:
///
/// ```json
/// {"version": 1,
///  "timetable": {"cron": "0 3 * * *", "zone": "Europe/Berlin",
///                "gap": "at_end", "overlap": "first"},
///  "misfire": {"policy": "all", "most": 10, "late": "PT1H"},
///  "still_running": "skip",
///  "job": {"queue": "jobs", "type": "report#2", "payload": {}},
///  "created": "2026-01-01T00:00:00Z", "reckoned": "2026-01-02T02:00:00Z", "paused": false,
///  "runs": 17, "left_out": 0, "waiting": [],
///  "last": {"id": "nightly#mjv0k000.17", "number": 17, "at": "2026-01-02T02:00:00Z",
///           "begun": "2026-01-02T02:00:00.003Z"},
///  "failing": {"tries": 3, "since": "…", "again": "…", "reason": "jobs is full"},
///  "next": "2026-01-03T02:00:00Z"}
/// ```
///
/// A timetable may also be `{"every": "PT10S", "first": "1970-01-01T00:00:00Z"}`. What is null,
/// empty or zero may be left out; without `late`, a run may start at any time. The job is as
/// [JobJson] has it. `next` is for other readers: it is computed anew here, because rules of zones
/// change.
///
/// A form that older readers would understand wrongly has a higher version: they leave such a
/// schedule alone.
final class ScheduleJson {
    static final int VERSION = 1;

    private ScheduleJson() {}

    // Writing.

    static Bytes write(ScheduleRow row) {
        ScheduleRow.Plan plan = row.plan();
        ScheduleRow.Progress progress = row.progress();
        ObjectNode json = Json.newObject().put("version", VERSION);
        json.set("timetable", timetable(plan.timetable()));
        json.set("misfire", misfire(plan.misfire()));
        json.put("still_running", word(plan.stillRunning()));
        json.set("job", JobJson.write(plan.queue(), plan.envelope(), plan.payload()));
        json.put("created", progress.created().toString());
        json.put("reckoned", progress.reckoned().toString());
        json.put("paused", progress.paused());
        json.put("runs", progress.runs());
        json.put("left_out", progress.leftOut());
        ArrayNode waiting = json.putArray("waiting");
        progress.waiting().forEach(at -> waiting.add(at.toString()));
        ScheduleRow.Last last = progress.last();
        if (last != null) {
            json.putObject("last")
                    .put("id", last.id())
                    .put("number", last.run().number())
                    .put("at", last.run().at().toString())
                    .put("begun", last.begun().toString());
        }
        ScheduleRow.Failing failing = progress.failing();
        if (failing != null) {
            json.putObject("failing")
                    .put("tries", failing.tries())
                    .put("since", failing.since().toString())
                    .put("again", failing.again().toString())
                    .put("reason", failing.reason());
        }
        Instant next = row.next();
        if (!next.equals(Timetable.NEVER)) {
            json.put("next", next.toString());
        }
        return Json.bytes(json);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode timetable(Timetable timetable) {
        return switch (timetable) {
            case Cron cron ->
                    Json.newObject()
                            .put("cron", cron.text())
                            .put("zone", cron.zone().getId())
                            .put("gap", word(cron.gap()))
                            .put("overlap", word(cron.overlap()));
            case Every(Duration period, Instant first) ->
                    Json.newObject().put("every", period.toString()).put("first", first.toString());
        };
    }

    private static ObjectNode misfire(Misfire misfire) {
        ObjectNode json = Json.newObject();
        switch (misfire) {
            case Misfire.Skip _ -> json.put("policy", "skip");
            case Misfire.Last _ -> json.put("policy", "last");
            case Misfire.All all -> json.put("policy", "all").put("most", all.most());
        }
        if (!misfire.late().equals(Misfire.EVER)) {
            json.put("late", misfire.late().toString());
        }
        return json;
    }

    // Reading.

    /// Whether a newer version wrote it.
    static boolean isNewer(Bytes bytes) {
        try {
            return Json.object(bytes).path("version").asInt(0) > VERSION;
        } catch (Json.Unreadable _) {
            return false;
        }
    }

    /// @throws Json.Unreadable if it is none, or one that this version does not know, with why
    static ScheduleRow read(String name, Bytes bytes) throws Json.Unreadable {
        if (isNewer(bytes)) {
            throw new Json.Unreadable(
                    ("A newer version of this library wrote it, in a form above %d. Update this"
                                    + " program, or remove the schedule.")
                            .formatted(VERSION),
                    null);
        }
        ObjectNode json = Json.exactObject(bytes);
        try {
            return new ScheduleRow(plan(json), progress(name, json));
        } catch (IllegalArgumentException | DateTimeException wrong) {
            throw new Json.Unreadable(
                    "Its row makes no sense: %s Declare it again, or remove it."
                            .formatted(wrong.getMessage()),
                    wrong);
        }
    }

    private static ScheduleRow.Plan plan(ObjectNode json) throws Json.Unreadable {
        ObjectNode job = object(json, "job");
        var _ = text(job, "type");
        return new ScheduleRow.Plan(
                timetableOf(object(json, "timetable")),
                misfireOf(object(json, "misfire")),
                constant(StillRunning.class, text(json, "still_running")),
                ChannelName.of(text(job, "queue")),
                JobJson.envelope(job),
                object(job, "payload"));
    }

    private static ScheduleRow.Progress progress(String name, ObjectNode json)
            throws Json.Unreadable {
        List<Instant> waiting = new ArrayList<>();
        for (JsonNode at : json.path("waiting")) {
            waiting.add(Instant.parse(at.asString()));
        }
        ScheduleRow.Last last = null;
        if (json.get("last") instanceof ObjectNode one) {
            ScheduledRun run =
                    new ScheduledRun(name, one.path("number").asLong(), instant(one, "at"));
            last = new ScheduleRow.Last(text(one, "id"), run, instant(one, "begun"));
        }
        ScheduleRow.Failing failing = null;
        if (json.get("failing") instanceof ObjectNode one) {
            failing =
                    new ScheduleRow.Failing(
                            one.path("tries").asInt(),
                            instant(one, "since"),
                            instant(one, "again"),
                            text(one, "reason"));
        }
        return new ScheduleRow.Progress(
                instant(json, "created"),
                instant(json, "reckoned"),
                json.path("paused").asBoolean(false),
                json.path("runs").asLong(0),
                last,
                waiting,
                json.path("left_out").asLong(0),
                failing);
    }

    private static Timetable timetableOf(ObjectNode json) throws Json.Unreadable {
        if (json.has("every")) {
            return new Every(Duration.parse(text(json, "every")), instant(json, "first"));
        }
        return Cron.of(text(json, "cron"))
                .zone(text(json, "zone"))
                .gap(constant(Cron.Gap.class, text(json, "gap")))
                .overlap(constant(Cron.Overlap.class, text(json, "overlap")));
    }

    private static Misfire misfireOf(ObjectNode json) throws Json.Unreadable {
        Duration late = json.has("late") ? Duration.parse(text(json, "late")) : Misfire.EVER;
        String policy = text(json, "policy");
        return switch (policy) {
            case "skip" -> new Misfire.Skip(late);
            case "last" -> new Misfire.Last(late);
            case "all" -> new Misfire.All(json.path("most").asInt(), late);
            default -> throw new IllegalArgumentException("There is no policy " + policy + ".");
        };
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
    }

    private static ObjectNode object(ObjectNode json, String member) throws Json.Unreadable {
        if (json.get(member) instanceof ObjectNode object) {
            return object;
        }
        throw missing(member);
    }

    private static String text(ObjectNode json, String member) throws Json.Unreadable {
        String text = JobJson.optional(json, member);
        if (text == null) {
            throw missing(member);
        }
        return text;
    }

    private static Instant instant(ObjectNode json, String member) throws Json.Unreadable {
        return Instant.parse(text(json, member));
    }

    private static Json.Unreadable missing(String member) {
        return new Json.Unreadable(
                "Its row is damaged: there is no %s. Declare it again, or remove it."
                        .formatted(member),
                null);
    }
}
