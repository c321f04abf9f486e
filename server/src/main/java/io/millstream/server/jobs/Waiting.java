package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.jobs.Cancellation;
import io.millstream.jobs.JobFailedException;
import io.millstream.jobs.JobLook;
import io.millstream.jobs.JobNotEndedException;
import io.millstream.jobs.JobState;
import io.millstream.jobs.JobStatus;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Looks at one job, once, until it has ended, or at each change until then.
///
/// The end of a job whose result is kept is told by the store, so it is known at once and nobody
/// polls for it. Where it is before that is looked up again and again, with waits that grow, and
/// that are longer where looking takes long.
final class Waiting {
    /// The longest wait of a request: the port and many proxies hang up after 60 seconds.
    static final Duration WAIT_MAX = Duration.ofSeconds(50);

    /// What is told is looked up no more often than that, and at least that often.
    private static final Duration LOOK_LEAST = Duration.ofMillis(500);

    private static final Duration LOOK_MOST = Duration.ofSeconds(5);

    /// A look that takes long is done again after so many times as long.
    private static final int LOOK_SHARE = 20;

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /// Whose results are of interest here is a result of any type.
    private static final JobType<ObjectNode, JsonNode> ANY =
            JobType.of("any", ObjectNode.class, JsonNode.class);

    private final Jobs jobs;
    private final Turns turns;

    Waiting(Jobs jobs, Turns turns) {
        this.jobs = jobs;
        this.turns = turns;
    }

    // Once.

    /// Why it is not running.
    Reply why(Asked asked) throws InterruptedException {
        Parameters.of(asked);
        JobLook job = seen(asked, asked.part("id"));
        try (Turns.Turn _ = turns.forSearch()) {
            return new JsonOut()
                    .put("id", job.id())
                    .put("state", JobForm.state(job.status()))
                    .all("why", jobs.why(job.id()), JobForm::of)
                    .ok();
        }
    }

    /// Cancels it.
    Reply cancel(Asked asked) throws InterruptedException {
        Parameters.of(asked);
        JobLook job = looked(asked);
        Cancellation cancelled;
        try (Turns.Turn _ = turns.forSearch()) {
            cancelled = jobs.cancel(job.id());
        }
        return switch (cancelled) {
            case Cancellation.Cancelled(boolean wasRunning) -> isCancelled(job, wasRunning);
            case Cancellation.Ended(JobState state) when state == JobState.CANCELLED ->
                    isCancelled(job, false);
            case Cancellation.Ended(JobState state) ->
                    throw Trouble.CONFLICT.with(
                            "Job %s has ended as %s already. Nothing was cancelled."
                                    .formatted(job.id(), JsonIn.word(state)));
            case Cancellation.Unknown() -> throw noSuchJob();
        };
    }

    private static Reply isCancelled(JobLook job, boolean wasRunning) {
        return new JsonOut()
                .put("id", job.id())
                .put("state", JsonIn.word(JobState.CANCELLED))
                .maybe("was_running", wasRunning)
                .ok();
    }

    /// The job, if whoever asks may cancel it.
    private JobLook looked(Asked asked) throws InterruptedException {
        JobLook job = look(asked.part("id"));
        Principal who = asked.principal();
        String queue = job.queue();
        boolean may =
                queue == null
                        ? who.mayEverywhere(Verb.MANAGE)
                        : who.may(Verb.MANAGE, ChannelName.of(queue));
        if (job.status() instanceof JobStatus.Unknown || (!may && !maySee(who, job))) {
            throw noSuchJob();
        }
        if (!may) {
            throw Trouble.FORBIDDEN.with(
                    "The user %s may not: it takes manage on %s. Nothing was done."
                            .formatted(who.name(), queue == null ? "*" : queue));
        }
        return job;
    }

    /// The job, as far as whoever asks may see it.
    ///
    /// @throws ProblemException if there is none that it may see
    JobLook seen(Asked asked, String id) throws InterruptedException {
        JobLook job = look(id);
        if (job.status() instanceof JobStatus.Unknown || !maySee(asked.principal(), job)) {
            throw noSuchJob();
        }
        return isEnding(job) ? withoutAll(job) : job;
    }

    JobLook look(String id) throws InterruptedException {
        try (Turns.Turn _ = turns.forSearch()) {
            return jobs.look(id);
        }
    }

    static ProblemException noSuchJob() {
        return Trouble.NO_SUCH_JOB.with(
                "There is no job of this id that you may see, or it has ended and how it did is not"
                        + " kept any more. It takes read on its queue.");
    }

    static boolean maySee(Principal who, JobLook job) {
        String queue = job.queue();
        if (queue == null) {
            return who.mayEverywhere(Verb.READ);
        }
        return isEnding(job)
                ? who.maySomewhere(Verb.READ)
                : who.may(Verb.READ, ChannelName.of(queue));
    }

    /// It has used up its time or its attempts, which no worker has seen to yet: which queue it was
    /// in is not known then.
    private static boolean isEnding(JobLook job) {
        return "jobs.ended".equals(job.queue());
    }

    private static JobLook withoutAll(JobLook job) {
        return new JobLook(job.id(), new JobStatus.Waiting("", 0), null, null, null, 0, null, null);
    }

    static boolean hasEnded(JobLook job) {
        return job.status() instanceof JobStatus.Ended;
    }

    // Until it has ended.

    /// How a job has ended; empty if it has not after this time.
    Optional<JobLook> untilEnd(String id, Duration wait) throws InterruptedException {
        return awaited(id, wait)
                ? Optional.of(look(id)).filter(Waiting::hasEnded)
                : Optional.empty();
    }

    /// @return whether the store has told of its end
    private boolean awaited(String id, Duration wait) throws InterruptedException {
        try {
            var _ = jobs.ref(ANY, id).await(wait);
            return true;
        } catch (JobFailedException _) {
            return true;
        } catch (JobNotEndedException _) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return false;
        }
    }

    Reply status(Asked asked) throws InterruptedException {
        int wait = Parameters.of(asked, "wait_ms").whole("wait_ms", 0, 0, millis(WAIT_MAX));
        JobLook job = seen(asked, asked.part("id"));
        if (wait > 0 && !hasEnded(job)) {
            awaited(job.id(), Duration.ofMillis(wait));
            job = seen(asked, asked.part("id"));
        }
        return JobForm.of(job).ok();
    }

    private static int millis(Duration time) {
        return Math.toIntExact(time.toMillis());
    }

    // At each change.

    Reply events(Asked asked) throws InterruptedException {
        Parameters.of(asked);
        JobLook first = seen(asked, asked.part("id"));
        return new Reply.Events(feed -> tell(feed, first));
    }

    private void tell(Reply.Feed feed, JobLook first) throws IOException, InterruptedException {
        JobLook job = first;
        byte[] told = {};
        Duration pause = LOOK_LEAST;
        long silentSince = System.nanoTime();
        while (true) {
            byte[] now = JobForm.of(job).bytes();
            boolean isOver = hasEnded(job) || job.status() instanceof JobStatus.Unknown;
            if (isOver || !Arrays.equals(now, told)) {
                feed.event(isOver ? "ended" : "state", now);
                told = now;
                pause = LOOK_LEAST;
                silentSince = System.nanoTime();
            } else if (System.nanoTime() - silentSince >= HEARTBEAT.toNanos()) {
                feed.heartbeat();
                silentSince = System.nanoTime();
            }
            if (isOver) {
                return;
            }
            awaited(job.id(), pause);
            long began = System.nanoTime();
            job = look(job.id());
            if (!maySee(feed.principal(), job)) {
                job = JobLook.unknown(job.id());
            } else if (isEnding(job)) {
                job = withoutAll(job);
            }
            pause = longer(pause, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private static Duration longer(Duration pause, Duration looked) {
        Duration next = pause.multipliedBy(2);
        Duration capped = next.compareTo(LOOK_MOST) > 0 ? LOOK_MOST : next;
        Duration share = looked.multipliedBy(LOOK_SHARE);
        Duration longest = share.compareTo(capped) > 0 ? share : capped;
        return longest.compareTo(HEARTBEAT) > 0 ? HEARTBEAT : longest;
    }
}
