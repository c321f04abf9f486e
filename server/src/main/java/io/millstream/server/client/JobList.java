package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.DeadJob;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.Jobs;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `millstream jobs list`: what can be seen of jobs by looking into the queues that they wait in,
/// message by message, and into the dead set; all else is asked of the server's index, see
/// [JobFinding].
final class JobList {
    private static final String QUEUE = "--queue";
    private static final String STATE = "--state";
    private static final String TYPE = "--type";
    private static final String LIMIT = "--limit";
    private static final String SINCE = "--since";
    private static final String UNTIL = "--until";

    /// Parameters of the index, and the options that they have here.
    private static final Map<String, String> OF_INDEX =
            Map.of(
                    "tag", "--tag",
                    "key", "--key",
                    "error", "--error",
                    "fingerprint", "--fingerprint");

    private static final int LIMIT_USUAL = 100;
    private static final int LIMIT_MAX = 10_000;

    /// A state that can be looked for.
    private enum State {
        WAITING,
        DELAYED,
        RUNNING,
        DEAD,
        DONE,
        CANCELLED,
        DISCARDED,
        EXPIRED,
        REMOVED;

        boolean isOfIndex() {
            return compareTo(DEAD) > 0;
        }
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
                        "Lists jobs that wait, are delayed, run or are dead. With what only the"
                                + " server's index knows, it lists what that knows: the newest"
                                + " first, also those that have ended.",
                        JobList::read);
        verb.spec()
                .addOption(Specs.text("QUEUE", "Only of this queue.", "-q", QUEUE))
                .addOption(
                        Specs.text(
                                "STATE",
                                "waiting, delayed, running, dead; with the server's index also"
                                        + " done, cancelled, discarded, expired, removed.",
                                STATE))
                .addOption(Specs.text("TYPE", "Only of this type.", TYPE))
                .addOption(Specs.text("TAG", "Only with this tag.", "--tag"))
                .addOption(Specs.text("KEY", "Only with this key.", "--key"))
                .addOption(
                        Specs.text(
                                "WORDS",
                                "Only with all these words in their error; conn* for a beginning.",
                                "--error"))
                .addOption(
                        Specs.text(
                                "TEXT", "Only that failed with this fingerprint.", "--fingerprint"))
                .addOption(
                        Specs.text("WHEN", "Only submitted since: a time, or 2h for ago.", SINCE))
                .addOption(Specs.text("WHEN", "Only submitted before.", UNTIL))
                .addOption(
                        Specs.text("N", "How many at most. Default: " + LIMIT_USUAL, "-n", LIMIT));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        String queue = typed.text(QUEUE);
        if (queue != null) {
            var _ = ChannelName.of(queue);
        }
        Wish wish =
                new Wish(
                        queue,
                        typed.oneOf(STATE, State.class),
                        typed.text(TYPE),
                        typed.whole(LIMIT, LIMIT_USUAL, 1, LIMIT_MAX));
        Map<String, String> ofIndex = ofIndex(typed);
        if (ofIndex.isEmpty() && (wish.state == null || !wish.state.isOfIndex())) {
            return call -> call.withJobs(jobs -> new JobList(call, wish).run(jobs));
        }
        putMaybe(ofIndex, "queue", queue);
        putMaybe(ofIndex, "state", wish.state == null ? null : Typed.word(wish.state));
        putMaybe(ofIndex, "type", wish.type);
        return call -> JobFinding.list(call, ofIndex, wish.limit);
    }

    private static Map<String, String> ofIndex(Typed typed) {
        Map<String, String> asked = new LinkedHashMap<>();
        OF_INDEX.forEach((name, option) -> putMaybe(asked, name, typed.text(option)));
        putMaybe(asked, "since", typed.moment(SINCE));
        putMaybe(asked, "before", typed.moment(UNTIL));
        return asked;
    }

    private static void putMaybe(Map<String, String> to, String name, @Nullable Object value) {
        if (value != null) {
            to.put(name, value.toString());
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
