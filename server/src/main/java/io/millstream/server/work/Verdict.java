package io.millstream.server.work;

import io.millstream.jobs.JobOutcome;

import tools.jackson.databind.JsonNode;

import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// What an answer, or that there was none, means for the messages that were sent.
final class Verdict {
    private static final String FAILURES = "batchItemFailures";
    private static final String IDENTIFIER = "itemIdentifier";
    private static final int SHOWN_CHARS = 200;
    private static final int LOG_CHARS = 4_000;

    private final URI address;
    private final Instant now;

    Verdict(URI address, Instant now) {
        this.address = address;
        this.now = now;
    }

    /// There was no answer.
    JobOutcome<JsonNode> none(Throwable failure) {
        Throwable inner = failure.getCause();
        boolean isWrapped =
                failure instanceof CompletionException || failure instanceof ExecutionException;
        Throwable cause = isWrapped && inner != null ? inner : failure;
        if (cause instanceof TimeoutException) {
            return JobOutcome.failed(name() + " did not answer in time", "");
        }
        if (cause instanceof ConnectException) {
            return JobOutcome.failed(name() + " does not answer: nobody listens there", "");
        }
        String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return JobOutcome.failed(
                "%s does not answer: %s".formatted(name(), Answers.line(why, SHOWN_CHARS)), "");
    }

    /// Of one message that was sent alone.
    ///
    /// @param isAwaited whether somebody asks for the result
    JobOutcome<JsonNode> ofOne(Reply reply, boolean isAwaited) {
        if (!reply.isGood()) {
            return bad(reply);
        }
        if (!isAwaited) {
            return JobOutcome.done(null);
        }
        return reply.isTooLong()
                ? JobOutcome.dead(Answers.tooLong("the answer of " + name()))
                : JobOutcome.done(Answers.result(reply.body()));
    }

    /// Of each message of a batch, by its id. As the event source mappings of AWS Lambda have it:
    /// an answer with nothing in it is that of a whole success, one that cannot be understood, or
    /// that names what was not sent, that of a whole failure.
    Batched ofBatch(Reply reply, Set<String> sent) {
        if (!reply.isGood()) {
            return Batched.all(bad(reply));
        }
        if (reply.isTooLong()) {
            return senseless("it is longer than %d bytes".formatted(Answers.BYTES_MAX), reply);
        }
        if (new String(reply.body(), StandardCharsets.UTF_8).isBlank()) {
            return Batched.all(JobOutcome.done(null));
        }
        JsonNode json = Answers.json(reply.body());
        if (json == null || !(json.isObject() || json.isNull())) {
            return senseless("it is no JSON object", reply);
        }
        JsonNode list = json.path(FAILURES);
        if (list.isMissingNode() || list.isNull()) {
            return Batched.all(JobOutcome.done(null));
        }
        if (!list.isArray()) {
            return senseless(FAILURES + " is no array", reply);
        }
        Set<String> failed = new HashSet<>();
        for (JsonNode item : list) {
            JsonNode id = item.path(IDENTIFIER);
            if (!id.isString() || !sent.contains(id.asString())) {
                return senseless(
                        "an %s is none of the ids that were sent".formatted(IDENTIFIER), reply);
            }
            failed.add(id.asString());
        }
        return new Batched(
                JobOutcome.done(null),
                failed,
                JobOutcome.failed(name() + " answers that it failed", ""));
    }

    /// How each message of a batch ended.
    ///
    /// @param usual those that are not named
    /// @param named these
    /// @param other how these ended
    record Batched(JobOutcome<JsonNode> usual, Set<String> named, JobOutcome<JsonNode> other) {
        static Batched all(JobOutcome<JsonNode> outcome) {
            return new Batched(outcome, Set.of(), outcome);
        }

        JobOutcome<JsonNode> of(String id) {
            return named.contains(id) ? other : usual;
        }
    }

    private Batched senseless(String why, Reply reply) {
        return Batched.all(
                JobOutcome.failed(
                        "%s answers %d, and what it answers makes no sense: %s"
                                .formatted(name(), reply.status(), why),
                        text(reply)));
    }

    private JobOutcome<JsonNode> bad(Reply reply) {
        Duration later = reply.later(now);
        if (later != null) {
            return JobOutcome.snooze(later);
        }
        String to = reply.location();
        if (reply.status() / 100 == 3) {
            return JobOutcome.failed(
                    "%s answers %d: it has moved%s. No redirect is followed; give the new address"
                            .formatted(
                                    name(),
                                    reply.status(),
                                    to == null ? "" : " to " + Answers.line(to, SHOWN_CHARS)),
                    "");
        }
        String said = Answers.line(text(reply), SHOWN_CHARS);
        return JobOutcome.failed(
                "%s answers %d%s"
                        .formatted(name(), reply.status(), said.isEmpty() ? "" : ": " + said),
                text(reply));
    }

    private static String text(Reply reply) {
        String text = new String(reply.body(), StandardCharsets.UTF_8);
        return text.length() <= LOG_CHARS ? text : text.substring(0, LOG_CHARS);
    }

    /// Without what is asked for, where secrets may be.
    private String name() {
        return address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
    }
}
