package io.millstream.server.jobs;

import io.millstream.jobs.DeadJob;
import io.millstream.jobs.JobLook;
import io.millstream.jobs.JobStatus;
import io.millstream.jobs.Why;

import java.util.Locale;

/// Jobs as they are shown. `docs/http-jobs.md` says what is in it.
final class JobForm {
    private JobForm() {}

    /// The word for where a job is.
    static String state(JobStatus status) {
        return switch (status) {
            case JobStatus.Waiting _ -> "waiting";
            case JobStatus.Delayed _ -> "delayed";
            case JobStatus.Running _ -> "running";
            case JobStatus.Ended(var state, String _) -> state.name().toLowerCase(Locale.ROOT);
            case JobStatus.Unknown _ -> "unknown";
        };
    }

    static JsonOut of(JobLook job) {
        JsonOut out =
                new JsonOut()
                        .put("id", job.id())
                        .put("state", state(job.status()))
                        .maybe("queue", job.queue())
                        .maybe("type", job.type())
                        .maybe("key", job.key())
                        .maybe("priority", job.priority())
                        .maybe("submitted", job.submitted())
                        .maybe("result", job.result());
        return switch (job.status()) {
            case JobStatus.Waiting waiting -> out.maybe("deliveries", waiting.deliveries());
            case JobStatus.Delayed delayed ->
                    out.maybe("deliveries", delayed.deliveries()).put("until", delayed.until());
            case JobStatus.Running running ->
                    out.maybe("deliveries", running.deliveries()).maybe("by", running.by());
            case JobStatus.Ended ended -> out.maybe("reason", ended.reason());
            case JobStatus.Unknown _ -> out;
        };
    }

    static JsonOut of(DeadJob job) {
        return new JsonOut()
                .put("id", job.id())
                .put("state", "dead")
                .maybe("queue", job.queue())
                .maybe("type", job.type())
                .put("reason", job.reason())
                .put("fingerprint", job.fingerprint())
                .put("attempts", job.attempts())
                .put("died", job.died())
                .maybe("stack", job.stack());
    }

    static JsonOut of(Why why) {
        return new JsonOut().put("reason", word(why)).put("text", why.text());
    }

    /// What a program tells reasons apart by.
    private static String word(Why why) {
        return switch (why) {
            case Why.Ended _ -> "ended";
            case Why.Unknown _ -> "unknown";
            case Why.Running _ -> "running";
            case Why.Delayed _ -> "delayed";
            case Why.Stuck _ -> "stuck";
            case Why.Paused _ -> "paused";
            case Why.NoWorkers _ -> "no_workers";
            case Why.NoHandler _ -> "no_handler";
            case Why.DownstreamFails _ -> "downstream_fails";
            case Why.QueueIsLimited _ -> "queue_is_limited";
            case Why.TypeIsLimited _ -> "type_is_limited";
            case Why.KeyIsLimited _ -> "key_is_limited";
            case Why.BehindOthersOfItsKey _ -> "behind_others_of_its_key";
            case Why.WorkersAreBusy _ -> "workers_are_busy";
            case Why.MayWaitForItsRate _ -> "may_wait_for_its_rate";
            case Why.IsEnding _ -> "is_ending";
            case Why.IsNext _ -> "is_next";
        };
    }
}
