package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.DeadJob;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.JobState;
import io.millstream.jobs.Jobs;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// `millstream jobs list`: what can be seen of jobs by looking into the queues that they wait in,
/// message by message, and into the dead set. Jobs that have ended otherwise are nowhere to be
/// looked for: only who knows the id of one finds how it ended, while that is kept.
final class JobList {
    private static final String QUEUE = "--queue";
    private static final String STATE = "--state";
    private static final String TYPE = "--type";
    private static final String LIMIT = "--limit";
    private static final int LIMIT_USUAL = 100;
    private static final int LIMIT_MAX = 10_000;

    /// A state that can be looked for.
    private enum State {
        WAITING,
        DELAYED,
        RUNNING,
        DEAD
    }

    /// @param queue which, or null for all
    /// @param state which, or null for all
    /// @param type on the wire, or null for all
    /// @param limit how many at most
    private record Wish(
            @Nullable String queue, @Nullable State state, @Nullable String type, int limit) {}

    private final Call call;
    private final Wish wish;
    private final Listing listing;
    private int shown;
    private boolean isCut;

    private JobList(Call call, Wish wish) {
        this.call = call;
        this.wish = wish;
        this.listing =
                new Listing(
                        call.out(), "id", "type", "queue", "state", "deliveries", "key", "since");
    }

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "list",
                        "Lists jobs that wait, are delayed, run or are dead. Those that have ended"
                                + " otherwise cannot be listed; jobs show knows one while its"
                                + " result is kept.",
                        JobList::read);
        verb.spec()
                .addOption(Specs.text("QUEUE", "Only of this queue.", "-q", QUEUE))
                .addOption(Specs.text("STATE", "waiting, delayed, running or dead.", STATE))
                .addOption(Specs.text("TYPE", "Only of this type.", TYPE))
                .addOption(
                        Specs.text("N", "How many at most. Default: " + LIMIT_USUAL, "-n", LIMIT));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        String queue = typed.text(QUEUE);
        if (queue != null) {
            var _ = ChannelName.of(queue);
        }
        refuseEnded(typed.text(STATE, "").toLowerCase(Locale.ROOT));
        Wish wish =
                new Wish(
                        queue,
                        typed.oneOf(STATE, State.class),
                        typed.text(TYPE),
                        typed.whole(LIMIT, LIMIT_USUAL, 1, LIMIT_MAX));
        return call -> call.withJobs(jobs -> new JobList(call, wish).run(jobs));
    }

    private static void refuseEnded(String state) {
        boolean isEnd =
                Arrays.stream(JobState.values())
                        .anyMatch(one -> JobCommands.word(one).equals(state));
        if (isEnd && !state.equals(JobCommands.word(JobState.DEAD))) {
            throw new ConfigException(
                    "Jobs that have ended as %s cannot be listed: there is no index of them."
                                    .formatted(state)
                            + " millstream jobs show ID knows one while its result is kept.");
        }
    }

    private int run(Jobs jobs) {
        if (wish.state != State.DEAD) {
            queues(jobs).forEach(this::listQueue);
        }
        if (wish.state == null || wish.state == State.DEAD) {
            listDead(jobs.dead().list(dead(), left() + 1));
        }
        listing.end();
        if (isCut) {
            call.out()
                    .note(
                            "There are more than the %d that are shown. Give a larger %s, or say"
                                            .formatted(wish.limit, LIMIT)
                                    + " which.");
        }
        return Status.DONE;
    }

    private int left() {
        return wish.limit - shown;
    }

    private List<ChannelName> queues(Jobs jobs) {
        return wish.queue == null
                ? jobs.queues().stream().map(ChannelName::of).toList()
                : List.of(call.queue(ChannelName.of(wish.queue)).definition().name());
    }

    private void listQueue(ChannelName queue) {
        if (isCut) {
            return;
        }
        call.<View.MessageView>each(
                after -> new Query.Browse(queue, 0, after, Query.PAGE_ITEMS_MAX),
                view -> {
                    if (isWished(view)) {
                        isCut = left() == 0;
                        if (!isCut) {
                            show(queue, view);
                        }
                    }
                    return isCut;
                });
    }

    private boolean isWished(View.MessageView view) {
        return (wish.state == null || wish.state == stateOf(view))
                && (wish.type == null || wish.type.equals(view.message().type()));
    }

    private static State stateOf(View.MessageView view) {
        return switch (view.state()) {
            case READY -> State.WAITING;
            case LEASED -> State.RUNNING;
            case DELAYED -> State.DELAYED;
        };
    }

    private void show(ChannelName queue, View.MessageView view) {
        shown++;
        listing.row(
                () -> Json.bytes(json(queue, view)),
                idOf(queue, view),
                Texts.orDash(view.message().type()),
                queue,
                Typed.word(stateOf(view)),
                view.deliveries(),
                Texts.orDash(view.message().group()),
                Times.shown(view.stored()));
    }

    /// The id of the job that a message is, as [io.millstream.jobs] has it.
    static String idOf(ChannelName queue, View.MessageView view) {
        String id = view.message().id();
        return id == null ? queue.name() + "-" + view.sequence() : id;
    }

    static ObjectNode json(ChannelName queue, View.MessageView view) {
        ObjectNode json = Json.object().put("id", idOf(queue, view));
        Json.putMaybe(json, "type", view.message().type());
        json.put("queue", queue.name()).put("state", Typed.word(stateOf(view)));
        Json.putMaybe(json, "key", view.message().group());
        json.put("priority", view.message().priority())
                .put("deliveries", view.deliveries())
                .put("stored", view.stored().toString());
        Json.putMaybe(json, "due", view.due());
        return json;
    }

    private DeadSelection dead() {
        DeadSelection dead = DeadSelection.ALL;
        if (wish.queue != null) {
            dead = dead.queue(wish.queue);
        }
        return wish.type == null ? dead : dead.type(wish.type);
    }

    private void listDead(List<DeadJob> dead) {
        for (DeadJob job : dead) {
            isCut = isCut || left() == 0;
            if (isCut) {
                break;
            }
            shown++;
            listing.row(
                    () -> Json.bytes(json(job)),
                    job.id(),
                    Texts.orDash(job.type()),
                    Texts.orDash(job.queue()),
                    "dead",
                    job.attempts(),
                    "",
                    Times.shown(job.died()));
        }
    }

    static ObjectNode json(DeadJob job) {
        ObjectNode json = Json.object().put("id", job.id());
        Json.putMaybe(json, "type", job.type());
        return json.put("queue", job.queue())
                .put("state", "dead")
                .put("attempts", job.attempts())
                .put("died", job.died().toString())
                .put("fingerprint", job.fingerprint())
                .put("reason", job.reason());
    }
}
