package io.millstream.server.client;

import io.millstream.jobs.Schedule;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.Timetable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/// A schedule, as it is shown.
final class ScheduleView {
    private ScheduleView() {}

    static String when(Timetable timetable) {
        return switch (timetable) {
            case Cron cron when cron.zone().equals(ZoneOffset.UTC) -> cron.text();
            case Cron cron -> cron.text() + " " + cron.zone();
            case Every every -> "every " + Times.shown(every.period());
        };
    }

    static ObjectNode json(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Declared declared -> json(declared);
            case Schedule.Unreadable(String name, String why) ->
                    Json.object().put("name", name).put("unreadable", why);
        };
    }

    private static ObjectNode json(Schedule.Declared schedule) {
        ObjectNode json = Json.object().put("name", schedule.name());
        json.set("timetable", json(schedule.timetable()));
        json.set("misfire", json(schedule.policies().misfire()));
        json.put("still_running", snake(schedule.policies().stillRunning()));
        ObjectNode job =
                Json.object()
                        .put("type", schedule.job().type())
                        .put("queue", schedule.job().queue());
        job.set("payload", Json.treeOrText(schedule.job().payload()));
        json.set("job", job);
        json.put("paused", schedule.isPaused());
        Json.putMaybe(json, "next", schedule.next());
        json.put("runs", schedule.runs());
        if (schedule.last() != null) {
            json.set(
                    "last",
                    Json.object()
                            .put("id", schedule.last().id())
                            .put("number", schedule.last().number())
                            .put("at", schedule.last().at().toString())
                            .put("begun", schedule.last().begun().toString()));
        }
        json.set("running", Json.array(schedule.running()));
        json.set(
                "waiting", Json.array(schedule.waiting().stream().map(Instant::toString).toList()));
        json.put("left_out", schedule.leftOut());
        if (schedule.trouble() != null) {
            json.set(
                    "trouble",
                    Json.object()
                            .put("tries", schedule.trouble().tries())
                            .put("since", schedule.trouble().since().toString())
                            .put("again", schedule.trouble().again().toString())
                            .put("reason", schedule.trouble().reason()));
        }
        return json;
    }

    private static ObjectNode json(Timetable timetable) {
        return switch (timetable) {
            case Cron cron ->
                    Json.object()
                            .put("cron", cron.text())
                            .put("zone", cron.zone().getId())
                            .put("gap", snake(cron.gap()))
                            .put("overlap", snake(cron.overlap()));
            case Every every ->
                    Json.object()
                            .put("every_ms", every.period().toMillis())
                            .put("first", every.first().toString());
        };
    }

    private static ObjectNode json(Misfire misfire) {
        ObjectNode json = Json.object();
        switch (misfire) {
            case Misfire.Skip _ -> json.put("policy", "skip");
            case Misfire.Last _ -> json.put("policy", "last");
            case Misfire.All all -> json.put("policy", "all").put("most", all.most());
        }
        if (!misfire.late().equals(Misfire.EVER)) {
            json.put("late_ms", misfire.late().toMillis());
        }
        return json;
    }

    private static String snake(Enum<?> one) {
        return Typed.word(one).replace('-', '_');
    }

    /// For people: the names are those of the JSON.
    static Map<String, String> details(Schedule schedule) {
        Map<String, String> details = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> one : json(schedule).properties()) {
            JsonNode value = one.getValue();
            if (one.getKey().equals("timetable") && schedule instanceof Schedule.Declared it) {
                details.put("when", when(it.timetable()));
            } else if (!value.isArray() || !value.isEmpty()) {
                details.put(
                        one.getKey(), value.isString() ? value.stringValue() : value.toString());
            }
        }
        return details;
    }
}
