package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.DeadJob;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.JobState;
import io.millstream.jobs.JobStatus;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `millstream jobs show`: where a job is, what it was given, what it returned or died of.
final class JobShow {
    private static final Duration RESULT_WAIT = Duration.ofSeconds(10);

    /// Results are read as what they are; the name says nothing.
    private static final JobType<ObjectNode, JsonNode> ANY =
            JobType.of("any", ObjectNode.class, JsonNode.class);

    private JobShow() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "show",
                        "Shows a job: where it is, or how it ended.",
                        typed -> {
                            String id = typed.word(0, "");
                            return call -> call.withJobs(jobs -> show(call, jobs, id));
                        });
        verb.spec().addPositional(Specs.word(0, "ID", "Which job."));
        return verb;
    }

    private static int show(Call call, Jobs jobs, String id) {
        return switch (jobs.status(id)) {
            case JobStatus.Unknown() -> JobCommands.unknown(call, id);
            case JobStatus.Ended(JobState state, String reason) ->
                    ended(call, jobs, id, state, reason);
            case JobStatus.Waiting waiting -> {
                ObjectNode json = there(call, id, waiting.queue(), "waiting");
                yield tell(call, json.put("deliveries", waiting.deliveries()));
            }
            case JobStatus.Delayed delayed -> {
                ObjectNode json = there(call, id, delayed.queue(), "delayed");
                json.put("deliveries", delayed.deliveries());
                yield tell(call, json.put("due", delayed.until().toString()));
            }
            case JobStatus.Running running -> {
                ObjectNode json = there(call, id, running.queue(), "running");
                json.put("deliveries", running.deliveries());
                Json.putMaybe(json, "by", running.by());
                yield tell(call, json);
            }
        };
    }

    /// What its message says, if it is still there.
    private static ObjectNode there(Call call, String id, String queue, String state) {
        View.MessageView view = find(call, ChannelName.of(queue), id);
        if (view == null) {
            return Json.object().put("id", id).put("queue", queue).put("state", state);
        }
        ObjectNode json = JobList.json(ChannelName.of(queue), view).put("state", state);
        json.set("payload", Json.treeOrText(view.message().text()));
        return json;
    }

    private static View.@Nullable MessageView find(Call call, ChannelName queue, String id) {
        return call.<View.MessageView>first(
                after -> new Query.Browse(queue, Integer.MAX_VALUE, after, Query.PAGE_ITEMS_MAX),
                view -> JobList.idOf(queue, view).equals(id));
    }

    private static int ended(Call call, Jobs jobs, String id, JobState state, String reason) {
        if (state == JobState.DEAD) {
            List<DeadJob> dead = jobs.dead().list(DeadSelection.ALL.id(id), 1);
            if (!dead.isEmpty()) {
                DeadJob job = dead.getFirst();
                return tell(call, JobList.json(job).put("stack", job.stack()));
            }
        }
        ObjectNode json = Json.object().put("id", id).put("state", JobCommands.word(state));
        if (!reason.isEmpty()) {
            json.put("reason", reason);
        }
        if (state == JobState.DONE) {
            JsonNode result = jobs.ref(ANY, id).await(RESULT_WAIT);
            if (result != null) {
                json.set("result", result);
            }
        }
        return tell(call, json);
    }

    private static int tell(Call call, ObjectNode json) {
        if (call.out().isJson()) {
            call.out().json(json);
            return Status.DONE;
        }
        Map<String, Object> details = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> one : json.properties()) {
            JsonNode value = one.getValue();
            String text = value.isString() ? value.stringValue() : value.toString();
            if (!text.isEmpty() && !one.getKey().equals("stack")) {
                details.put(one.getKey(), text);
            }
        }
        call.out().details(details);
        json.path("stack")
                .asString("")
                .lines()
                .forEach(line -> call.out().line("    " + Texts.line(line)));
        return Status.DONE;
    }
}
