package io.millstream.server.client;

import io.millstream.api.RefusedException;
import io.millstream.jobs.Cancellation;
import io.millstream.jobs.JobState;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Why;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `millstream jobs …`, but for what is [DeadCommands].
final class JobCommands {
    private JobCommands() {}

    static List<Verb> verbs() {
        List<Verb> verbs = new ArrayList<>();
        verbs.add(JobList.verb());
        verbs.add(JobShow.verb());
        verbs.add(JobFinding.history());
        verbs.add(why());
        verbs.add(
                each(
                        "cancel",
                        "Cancels jobs, wherever they are.",
                        "ID",
                        "Which jobs.",
                        JobCommands::cancel));
        verbs.add(
                each(
                        "pause",
                        "Has queues begin no more jobs.",
                        "QUEUE",
                        "Which queues.",
                        (call, jobs, queue) -> pause(call, jobs, queue, true)));
        verbs.add(
                each(
                        "resume",
                        "Has queues go on.",
                        "QUEUE",
                        "Which queues.",
                        (call, jobs, queue) -> pause(call, jobs, queue, false)));
        verbs.addAll(DeadCommands.verbs());
        return verbs;
    }

    /// What is done to one of several.
    interface Deed {
        /// @return the status of this one
        int with(Call call, Jobs jobs, String one);
    }

    /// A verb with one or more names, all of which are tried; the first status that is not good is
    /// its own.
    static Verb each(String name, String description, String label, String what, Deed deed) {
        Verb verb =
                Specs.verb(
                        name,
                        description,
                        typed -> {
                            List<String> all = typed.words();
                            return call ->
                                    call.withJobs(jobs ->
                                            call.each(all, one -> deed.with(call, jobs, one)));
                        });
        verb.spec().addPositional(Specs.words(label, what));
        return verb;
    }

    private static int cancel(Call call, Jobs jobs, String id) {
        return switch (jobs.cancel(id)) {
            case Cancellation.Cancelled(boolean wasRunning) -> {
                ObjectNode json =
                        Json.object()
                                .put("id", id)
                                .put("state", "cancelled")
                                .put("was_running", wasRunning);
                String how = wasRunning ? "Cancelled %s, which was running." : "Cancelled %s.";
                call.out().say(json, how, id);
                yield Status.DONE;
            }
            case Cancellation.Ended(JobState state) -> {
                call.out()
                        .say(
                                Json.object().put("id", id).put("state", word(state)),
                                "%s had ended as %s.",
                                id,
                                word(state));
                yield state == JobState.CANCELLED ? Status.DONE : Status.FAILED;
            }
            case Cancellation.Unknown() -> unknown(call, id);
        };
    }

    /// Says that nobody knows a job.
    static int unknown(Call call, String id) {
        call.out()
                .note(
                        "There is no job %s, or it has ended and how it did is not kept."
                                .formatted(id));
        return Status.FAILED;
    }

    static String word(JobState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static int pause(Call call, Jobs jobs, String queue, boolean paused) {
        try {
            if (paused) {
                jobs.pause(queue);
            } else {
                jobs.resume(queue);
            }
        } catch (RefusedException refused) {
            call.out().note(String.valueOf(refused.getMessage()));
            return Status.FAILED;
        }
        call.out()
                .say(
                        Json.object().put("queue", queue).put("paused", paused),
                        paused ? "%s is paused: what runs goes on." : "%s goes on.",
                        queue);
        return Status.DONE;
    }

    private static Verb why() {
        Verb verb =
                Specs.verb(
                        "why",
                        "Says why a job is not running.",
                        typed -> {
                            String id = typed.word(0, "");
                            return call -> call.withJobs(jobs -> why(call, jobs, id));
                        });
        verb.spec().addPositional(Specs.word(0, "ID", "Which job."));
        return verb;
    }

    private static int why(Call call, Jobs jobs, String id) {
        List<Why> all = jobs.why(id);
        if (call.out().isJson()) {
            ArrayNode why = Json.array(List.of());
            all.forEach(
                    one -> why.add(Json.object().put("why", nameOf(one)).put("text", one.text())));
            ObjectNode json = Json.object().put("id", id);
            json.set("why", why);
            call.out().json(json);
        } else {
            all.forEach(one -> call.out().line(Texts.line(one.text())));
        }
        return all.getFirst() instanceof Why.Unknown ? Status.FAILED : Status.DONE;
    }

    /// `no_workers` for [Why.NoWorkers].
    private static String nameOf(Why why) {
        return why.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }
}
