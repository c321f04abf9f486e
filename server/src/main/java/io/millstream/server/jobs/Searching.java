package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.index.AsOf;
import io.millstream.index.FoundJobs;
import io.millstream.index.IndexUnavailableException;
import io.millstream.index.IndexedJob;
import io.millstream.index.IndexedState;
import io.millstream.index.JobCount;
import io.millstream.index.JobHistory;
import io.millstream.index.JobIndex;
import io.millstream.index.JobSearch;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the index knows: jobs that have ended, or are asked for by more than their queue, type and
/// state; the history of one; how many there are of each kind.
final class Searching {
    /// All that a list of jobs may be asked for.
    static final String[] PARAMETERS = {
        "queue",
        "type",
        "state",
        "tag",
        "id",
        "key",
        "error",
        "fingerprint",
        "since",
        "before",
        "order",
        Parameters.LIMIT,
        Parameters.AFTER
    };

    private static final List<String> OWN =
            List.of("tag", "id", "key", "error", "fingerprint", "since", "before", "order");

    private static final List<String> ORDERS = List.of("newest", "oldest");

    private final Optional<JobIndex> index;

    Searching(Optional<JobIndex> index) {
        this.index = index;
    }

    /// Whether something is asked for that nobody else knows.
    static boolean isAskedBy(Parameters given) {
        return OWN.stream().anyMatch(name -> given.text(name) != null);
    }

    Reply search(Asked asked, Parameters given) {
        JobSearch search = searchOf(given);
        ChannelName queue = search.queue();
        if (queue != null) {
            asked.demand(Verb.READ, queue);
        }
        FoundJobs found = told(() -> index().search(search, name -> asked.may(Verb.READ, name)));
        return asOf(new JsonOut().all("jobs", found.jobs(), Searching::form), found.asOf())
                .maybe("next", found.next())
                .ok();
    }

    private static JobSearch searchOf(Parameters given) {
        String state = given.text("state");
        String queue = given.text("queue");
        String order = given.text("order");
        if (order != null && !ORDERS.contains(order)) {
            throw Parameters.wrong("order", "is no order", "Give newest, or oldest");
        }
        String after = given.after();
        if (after != null && !JobSearch.isPageEnd(after)) {
            throw Parameters.wrong(
                    Parameters.AFTER,
                    "is not where a page of this search ended",
                    "Begin again, without it");
        }
        String error = given.text("error");
        try {
            return new JobSearch(
                    state == null ? Set.of() : Set.of(stateOf(state)),
                    given.text("type"),
                    queue == null ? null : ChannelPages.name("queue", queue),
                    given.text("tag"),
                    given.text("id"),
                    given.text("key"),
                    given.text("fingerprint"),
                    error,
                    given.time("since"),
                    given.time("before"),
                    "oldest".equals(order),
                    after,
                    given.limit());
        } catch (IllegalArgumentException wrong) {
            throw Trouble.MALFORMED.with(
                    "The parameter error cannot be looked for. %s.".formatted(wrong.getMessage()));
        }
    }

    private static IndexedState stateOf(String state) {
        return IndexedState.of(state)
                .orElseThrow(() ->
                        Parameters.wrong(
                                "state",
                                "is no state of a job",
                                "Give one of "
                                        + Stream.of(IndexedState.values())
                                                .map(IndexedState::word)
                                                .collect(Collectors.joining(", "))));
    }

    private JobIndex index() {
        return index.orElseThrow(() ->
                Trouble.NOT_SUPPORTED.with(
                        "This server has no index, so only jobs that wait, run or are dead can be"
                                + " listed, by queue and type. Start it without --index=off."));
    }

    private static <T> T told(Supplier<T> asking) {
        try {
            return asking.get();
        } catch (IndexUnavailableException away) {
            throw Trouble.INDEX_AWAY.with(String.valueOf(away.getMessage()));
        }
    }

    /// What happened to one job.
    Reply history(Asked asked) {
        Parameters.of(asked);
        JobHistory history =
                told(() -> index().history(asked.part("id")))
                        .filter(one -> asked.may(Verb.READ, one.job().queue()))
                        .orElseThrow(() ->
                                Trouble.NO_SUCH_JOB.with(
                                        "The index knows no job of this id that you may see. It"
                                                + " takes read on its queue."));
        return asOf(
                        new JsonOut()
                                .put("job", form(history.job()))
                                .all("steps", history.steps(), Searching::form)
                                .maybe("steps_left_out", history.stepsLeftOut())
                                .all("log", history.log(), Searching::form)
                                .maybe("lines_left_out", history.linesLeftOut()),
                        history.asOf())
                .ok();
    }

    /// How many there are of each kind.
    Reply counts(Asked asked) {
        Parameters.of(asked);
        List<JobCount> counts =
                told(() -> index().counts()).stream()
                        .filter(count -> asked.may(Verb.READ, count.queue()))
                        .toList();
        return asOf(new JsonOut().all("counts", counts, Searching::form), index().status().asOf())
                .ok();
    }

    private static JsonOut asOf(JsonOut out, AsOf asOf) {
        return out.put("as_of", asOf.time());
    }

    private static JsonOut form(JobCount count) {
        return new JsonOut()
                .put("queue", count.queue().name())
                .maybe("type", count.type())
                .put("state", count.state().word())
                .put("jobs", count.jobs());
    }

    private static JsonOut form(JobHistory.Step step) {
        return new JsonOut()
                .put("at", step.at())
                .put("event", step.event().word())
                .maybe("attempt", step.attempt())
                .maybe("text", step.text());
    }

    private static JsonOut form(JobHistory.Line line) {
        return new JsonOut()
                .put("at", line.at())
                .maybe("attempt", line.attempt())
                .put("text", line.text());
    }

    private static JsonOut form(IndexedJob job) {
        JsonOut out =
                new JsonOut()
                        .put("id", job.id())
                        .put("state", job.state().word())
                        .put("queue", job.queue().name())
                        .maybe("type", job.type())
                        .maybe("key", job.key())
                        .maybe("priority", job.priority())
                        .put("submitted", job.submitted())
                        .put("changed", job.changed())
                        .maybe("ended", job.ended())
                        .maybe("until", job.due())
                        .maybe("attempts", job.attempts())
                        .maybe("reason", job.reason())
                        .maybe("fingerprint", job.fingerprint())
                        .maybe("progress", progress(job.progress()));
        return job.tags().isEmpty()
                ? out
                : out.texts("tags", job.tags().stream().sorted().toList());
    }

    private static @Nullable JsonOut progress(IndexedJob.@Nullable Progress progress) {
        return progress == null
                ? null
                : new JsonOut()
                        .put("done", progress.done())
                        .maybe("total", progress.total())
                        .maybe("text", progress.text());
    }
}
