package io.millstream.server.client;

import io.millstream.api.MillstreamException;
import io.millstream.jobs.JobFailedException;
import io.millstream.jobs.JobRef;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waiting for the end of a job.
final class JobEnd {
    private JobEnd() {}

    /// Waits, and prints what the job returned, or says how it ended otherwise.
    static int await(Call call, JobRef<JsonNode> ref, Duration wait) {
        CompletableFuture<@Nullable JsonNode> end = ref.future();
        call.stop().calls(() -> end.cancel(false));
        try {
            return done(call, ref.id(), end.get(wait.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException _) {
            end.cancel(false);
            return pending(call, ref.id(), wait);
        } catch (CancellationException _) {
            call.out()
                    .note(
                            "Job %s goes on. See: millstream jobs show %s"
                                    .formatted(ref.id(), ref.id()));
            return Status.STOPPED;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Status.STOPPED;
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            if (cause instanceof JobFailedException job) {
                return failed(call, ref.id(), job);
            }
            throw new MillstreamException(
                    "Job %s was submitted, and its end is not known: %s"
                            .formatted(ref.id(), cause.getMessage()),
                    cause);
        }
    }

    private static int done(Call call, String id, @Nullable JsonNode result) {
        if (call.out().isJson()) {
            ObjectNode json = Json.object().put("id", id).put("state", "done");
            if (result != null) {
                json.set("result", result);
            }
            call.out().json(json);
        } else if (result != null) {
            call.out().line(result.toString());
        }
        return Status.DONE;
    }

    private static int pending(Call call, String id, Duration wait) {
        if (call.out().isJson()) {
            call.out().json(Json.object().put("id", id));
        }
        call.out()
                .note(
                        "Job %s has not ended within %s. See: millstream jobs why %s"
                                .formatted(id, Times.shown(wait), id));
        return Status.NOTHING;
    }

    private static int failed(Call call, String id, JobFailedException job) {
        String state = job.state().name().toLowerCase(Locale.ROOT);
        if (call.out().isJson()) {
            call.out()
                    .json(
                            Json.object()
                                    .put("id", id)
                                    .put("state", state)
                                    .put("reason", job.getMessage()));
        }
        call.out().note(String.valueOf(job.getMessage()));
        return Status.JOB_FAILED;
    }
}
