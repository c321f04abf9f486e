package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.MillstreamException;
import io.millstream.api.RefusedException;
import io.millstream.jobs.JobLook;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Once;
import io.millstream.jobs.UsedOtherwiseException;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.HttpApi;
import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;
import io.millstream.wire.Forms;
import io.opentelemetry.context.Scope;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Submits jobs: one, or an array of them. Those that follow each other and are to be done in the
/// same way are submitted together, so the order stays as it was sent.
final class Submitting {
    /// How many jobs one request submits at most.
    static final int JOBS_MAX = 1000;

    /// How long the key of a request is known.
    static final Duration KEY_KEPT = Duration.ofHours(24);

    private static final int KEY_CHARS_MAX = 255;

    private final Jobs jobs;
    private final ChannelPages channels;
    private final Waiting waiting;
    private final Turns turns;

    Submitting(Jobs jobs, ChannelPages channels, Waiting waiting, Turns turns) {
        this.jobs = jobs;
        this.channels = channels;
        this.waiting = waiting;
        this.turns = turns;
    }

    /// A job that was submitted, or why it was not.
    private sealed interface Fate {
        record Submitted(JobRef<?> ref) implements Fate {}

        record Failed(ProblemException problem) implements Fate {}
    }

    Reply submit(Asked asked) throws InterruptedException {
        Parameters.of(asked);
        Duration wait = Preferred.wait(asked, Waiting.WAIT_MAX);
        boolean isMany;
        List<JobDraft> drafts;
        // A large body takes many times its size as long as it is a tree.
        try (Turns.Turn _ = turns.forBody(asked.body())) {
            JsonNode tree = JsonIn.tree(asked.body());
            isMany = tree.isArray();
            drafts = isMany ? readAll(tree) : List.of(JobDraft.read(JsonIn.of("$", tree)));
            demand(asked, drafts, isMany);
            drafts.stream()
                    .map(draft -> draft.how().queue())
                    .distinct()
                    .forEach(queue -> demandThere(asked, queue));
            if (!isMany && wait.isPositive() && !drafts.getFirst().how().isAwaited()) {
                throw JsonIn.wrong(
                        "$.keep_result_ms",
                        "is 0, so there will be nothing to wait for",
                        "Leave it out, or leave out Prefer: wait");
            }
        }
        List<Fate> fates;
        try (Scope _ = Traced.by(asked).makeCurrent()) {
            fates = submitAll(drafts, once(asked));
        }
        if (isMany) {
            return new Reply.Json(
                    202, Map.of(), JsonOut.array(fates.stream().map(this::form).toList()));
        }
        return switch (fates.getFirst()) {
            case Fate.Failed(ProblemException problem) -> throw problem;
            case Fate.Submitted(JobRef<?> ref) -> one(asked, ref, wait);
        };
    }

    private static List<JobDraft> readAll(JsonNode array) {
        if (array.isEmpty() || array.size() > JOBS_MAX) {
            throw JsonIn.wrong(
                    "$", "is an array of " + array.size(), "Give 1 to " + JOBS_MAX + " jobs");
        }
        List<JobDraft> drafts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            drafts.add(JobDraft.read(JsonIn.of("$[" + i + "]", array.get(i))));
        }
        return drafts;
    }

    private static void demand(Asked asked, List<JobDraft> drafts, boolean isMany) {
        for (int i = 0; i < drafts.size(); i++) {
            try {
                asked.demand(Verb.WRITE, drafts.get(i).how().queue());
            } catch (ProblemException refused) {
                throw Trouble.FORBIDDEN.at(
                        isMany ? "$[" + i + "].queue" : "$.queue", refused.problem().detail());
            }
        }
    }

    /// Who submits to a queue that is not there makes it, which takes a right of its own.
    private void demandThere(Asked asked, ChannelName queue) {
        if (!asked.may(Verb.MANAGE, queue) && !channels.isThere(queue)) {
            throw Trouble.NO_SUCH_CHANNEL.with(
                    ("There is no queue %s, and to make one takes manage on it. Have somebody"
                                    + " submit the first job who may, or define the queue.")
                            .formatted(queue));
        }
    }

    // Once.

    private static @Nullable Once once(Asked asked) {
        String key = asked.header("idempotency-key");
        if (key == null) {
            return null;
        }
        if (key.isBlank() || key.length() > KEY_CHARS_MAX) {
            throw Trouble.MALFORMED.with(
                    ("The header Idempotency-Key has %d characters. Give 1 to %d, best drawn at"
                                    + " random.")
                            .formatted(key.length(), KEY_CHARS_MAX));
        }
        // Nobody gets to see what another user submitted under the same key.
        byte[] owned = (asked.principal().name() + "\n" + key).getBytes(StandardCharsets.UTF_8);
        return new Once(digest(owned), digest(asked.body()), KEY_KEPT);
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("Each JDK has SHA-256", absent);
        }
    }

    private static @Nullable Once from(@Nullable Once once, int first) {
        return once == null || first == 0
                ? once
                : new Once(once.key() + "/" + first, once.content(), once.keep());
    }

    // Submitting.

    private List<Fate> submitAll(List<JobDraft> drafts, @Nullable Once once) {
        List<Fate> fates = new ArrayList<>();
        int first = 0;
        while (first < drafts.size()) {
            int end = first + 1;
            while (end < drafts.size() && drafts.get(end).how().equals(drafts.get(first).how())) {
                end++;
            }
            fates.addAll(submitAlike(drafts.subList(first, end), from(once, first)));
            first = end;
        }
        return fates;
    }

    /// All of them are done in the same way.
    private List<Fate> submitAlike(List<JobDraft> drafts, @Nullable Once once) {
        JobDraft.How how = drafts.getFirst().how();
        List<JobDraft.What> whats = drafts.stream().map(JobDraft::what).toList();
        try {
            return submit(how.jobType(), how, whats, once).stream()
                    .<Fate>map(Fate.Submitted::new)
                    .toList();
        } catch (UsedOtherwiseException used) {
            throw Trouble.USED_KEY.with(
                    ("Another body was sent with this Idempotency-Key in the last %d hours. Send"
                                    + " that one again, or this one with a key of its own.")
                            .formatted(KEY_KEPT.toHours()));
        } catch (IllegalArgumentException senseless) {
            return failed(drafts, Trouble.MALFORMED.with(JsonIn.sentence(senseless)));
        } catch (RefusedException refused) {
            return failed(drafts, ProblemException.of(refused.refusal()));
        }
    }

    private <R> List<JobRef<R>> submit(
            JobType<JobDraft.What, R> type,
            JobDraft.How how,
            List<JobDraft.What> whats,
            @Nullable Once once) {
        return once == null
                ? jobs.enqueueAll(type, whats, how::applyTo)
                : jobs.enqueueOnce(once, type, whats, how::applyTo);
    }

    private static List<Fate> failed(List<JobDraft> drafts, ProblemException problem) {
        return drafts.stream().<Fate>map(_ -> new Fate.Failed(problem)).toList();
    }

    // Answering.

    private JsonOut form(Fate fate) {
        return switch (fate) {
            case Fate.Submitted(JobRef<?> ref) -> form(ref);
            case Fate.Failed(ProblemException problem) ->
                    new JsonOut()
                            .maybe("problem", JsonOut.read(Forms.PROBLEM.write(problem.problem())));
        };
    }

    private static JsonOut form(JobRef<?> ref) {
        return new JsonOut().put("id", ref.id()).maybe("duplicate", ref.isDuplicate());
    }

    /// The job is stored: whatever becomes of the wait, that is what is answered.
    private Reply one(Asked asked, JobRef<?> ref, Duration wait) {
        Reply.Json accepted =
                form(ref).answer(202).with("Location", HttpApi.ROOT + "/jobs/" + path(ref.id()));
        return wait.isZero()
                ? accepted
                : end(asked, ref, wait)
                        .map(ended -> JobForm.of(ended).ok())
                        .orElse(accepted)
                        .with("Preference-Applied", "wait=" + wait.toSeconds());
    }

    /// How it has ended, if it has in time, and whoever asks may see that: a duplicate's job is
    /// perhaps somebody else's.
    private Optional<JobLook> end(Asked asked, JobRef<?> ref, Duration wait) {
        try {
            return waiting.untilEnd(ref.id(), wait)
                    .filter(ended -> Waiting.maySee(asked.principal(), ended));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (MillstreamException _) {
            return Optional.empty();
        }
    }

    private static String path(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
