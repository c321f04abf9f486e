package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.wire.Forms;

import tools.jackson.databind.node.ObjectNode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// `millstream queues …`.
final class QueueCommands {
    private static final String LIMIT = "--limit";
    private static final String DELAYED = "--delayed";
    private static final String FORCE = "--force";
    private static final int BROWSE_USUAL = 20;
    private static final int LIMIT_MAX = 10_000;
    private static final int TRIES_MAX = 100;
    private static final int SHOWN_BYTES = 240;
    private static final int SHOWN_CHARS = 60;

    private QueueCommands() {}

    static List<Verb> verbs() {
        return List.of(
                list(),
                show(),
                QueueDeclaring.verb(),
                each(
                        "pause",
                        "Has queues hand out nothing.",
                        _ -> (call, name) -> pause(call, name, true)),
                each("resume", "Has queues go on.", _ -> (call, name) -> pause(call, name, false)),
                each("purge", "Drops all that is in queues.", _ -> QueueCommands::purge),
                remove(),
                browse());
    }

    private static Verb list() {
        Verb verb =
                Specs.verb(
                        "list",
                        "Lists queues.",
                        typed -> {
                            String prefix = typed.word(0, "");
                            return call -> list(call, prefix);
                        });
        verb.spec().addPositional(Specs.maybe(0, "PREFIX", "Only names that begin so."));
        return verb;
    }

    private static int list(Call call, String prefix) {
        Listing listing =
                new Listing(call.out(), "queue", "ready", "leased", "delayed", "dead", "is");
        call.<View.QueueView>each(
                after ->
                        new Query.Queues(
                                ChannelName.DEFAULT_HOST, prefix, after, Query.PAGE_ITEMS_MAX),
                view -> {
                    View.QueueCounts counts = view.counts();
                    listing.row(
                            () -> Forms.VIEW.write(view),
                            view.definition().name(),
                            counts.ready(),
                            counts.leased(),
                            counts.delayed(),
                            counts.dead(),
                            view.definition().paused() ? "paused" : "");
                    return false;
                });
        listing.end();
        return Status.DONE;
    }

    private static Verb show() {
        Verb verb =
                Specs.verb(
                        "show",
                        "Shows a queue: what is in it, and how it is declared.",
                        typed -> {
                            ChannelName name = ChannelName.of(typed.word(0, ""));
                            return call -> show(call, name);
                        });
        verb.spec().addPositional(Specs.word(0, "QUEUE", "Which queue."));
        return verb;
    }

    private static int show(Call call, ChannelName name) {
        View.QueueView view = call.queue(name);
        if (call.out().isJson()) {
            call.out().json(Forms.VIEW.write(view));
            return Status.DONE;
        }
        View.QueueCounts counts = view.counts();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("queue", name);
        shown.put("ready", counts.ready());
        shown.put("leased", counts.leased());
        shown.put("delayed", counts.delayed());
        shown.put("bytes", counts.bytes());
        shown.put("stored", counts.stored() + " since it was made");
        shown.put("done", counts.done());
        shown.put("dead", counts.dead());
        shown.put("expired", counts.expired());
        shown.put("kept", counts.kept());
        shown.put("made", Times.shown(view.created()));
        shown.put("paused", view.definition().paused() ? "yes" : "no");
        shown.putAll(QueueDeclaring.shown(view.definition()));
        call.out().details(shown);
        return Status.DONE;
    }

    /// What is done to a queue.
    private interface Change {
        void of(Call call, ChannelName name);
    }

    /// A verb with one or more queues.
    ///
    /// @param reader of what was typed besides
    private static Verb each(String name, String description, Function<Typed, Change> reader) {
        Verb verb =
                Specs.verb(
                        name,
                        description,
                        typed -> {
                            List<ChannelName> names =
                                    typed.words().stream().map(ChannelName::of).toList();
                            Change change = reader.apply(typed);
                            return call ->
                                    call.each(
                                            names,
                                            one -> {
                                                change.of(call, one);
                                                return Status.DONE;
                                            });
                        });
        verb.spec().addPositional(Specs.words("QUEUE", "Which queues."));
        return verb;
    }

    private static void pause(Call call, ChannelName name, boolean paused) {
        boolean isNew = change(call, name, there -> there.with().paused(paused).build());
        ObjectNode json = Json.object().put("queue", name.toString()).put("paused", paused);
        String how = paused ? "paused" : "not paused";
        call.out().say(json, "%s %s %s.", name, isNew ? "is now" : "was already", how);
    }

    /// Changes what a queue is declared to be, however many do so at once.
    ///
    /// @return whether it was otherwise
    static boolean change(Call call, ChannelName name, UnaryOperator<Definition.Queue> change) {
        for (int i = 0; i < TRIES_MAX; i++) {
            View.QueueView view = call.queue(name);
            Definition.Queue changed = change.apply(view.definition());
            if (changed.equals(view.definition())) {
                return false;
            }
            try {
                var _ =
                        call.millstream()
                                .commit(
                                        new Operation.Define(
                                                changed, new Expect.Version(view.version())));
                return true;
            } catch (RefusedException refused) {
                if (!(refused.refusal() instanceof Refusal.Conflict)) {
                    throw refused;
                }
            }
        }
        throw new RefusedException(
                new Refusal.Busy(
                        "Queue %s is changed by others all the time. Try again.".formatted(name)));
    }

    private static void purge(Call call, ChannelName name) {
        long messages = call.queue(name).counts().messages();
        var _ = call.millstream().commit(new Operation.Edit.Purge(name));
        ObjectNode json = Json.object().put("queue", name.toString()).put("messages", messages);
        call.out().say(json, "Purged %s of %s.", name, Texts.count(messages, "message"));
    }

    private static Verb remove() {
        Verb verb =
                each(
                        "remove",
                        "Removes queues, with all bindings to them.",
                        typed -> {
                            boolean isForced = typed.has(FORCE);
                            return (call, name) -> remove(call, name, isForced);
                        });
        verb.spec().addOption(Specs.flag("Though there are messages in it.", FORCE));
        return verb;
    }

    private static void remove(Call call, ChannelName name, boolean isForced) {
        View.QueueView view = call.queue(name);
        long messages = view.counts().messages();
        if (messages > 0 && !isForced) {
            throw new RefusedException(
                    new Refusal.Invalid(
                            "%s in queue %s. Purge it first, or add %s."
                                    .formatted(isAre(messages), name, FORCE)));
        }
        var _ =
                call.millstream()
                        .commit(new Operation.Remove(name, new Expect.Version(view.version())));
        ObjectNode json = Json.object().put("queue", name.toString()).put("removed", true);
        call.out().say(json, "Removed %s.", name);
    }

    private static String isAre(long messages) {
        return messages == 1 ? "There is 1 message" : "There are " + messages + " messages";
    }

    private static Verb browse() {
        Verb verb =
                Specs.verb(
                        "browse",
                        "Shows the messages in a queue without receiving them.",
                        typed -> {
                            ChannelName name = ChannelName.of(typed.word(0, ""));
                            int limit = typed.whole(LIMIT, BROWSE_USUAL, 1, LIMIT_MAX);
                            boolean isDelayed = typed.has(DELAYED);
                            return call -> browse(call, name, limit, isDelayed);
                        });
        verb.spec()
                .addPositional(Specs.word(0, "QUEUE", "Which queue."))
                .addOption(Specs.text("N", "How many. Default: " + BROWSE_USUAL, "-n", LIMIT))
                .addOption(
                        Specs.flag("Those that wait for their time, the next one first.", DELAYED));
        return verb;
    }

    private static int browse(Call call, ChannelName name, int limit, boolean isDelayed) {
        var _ = call.queue(name);
        Listing listing =
                new Listing(
                        call.out(),
                        "place",
                        "state",
                        "deliveries",
                        "stored",
                        isDelayed ? "due" : "group",
                        "type",
                        "body");
        int bytes = call.out().isJson() ? Integer.MAX_VALUE : SHOWN_BYTES;
        int[] left = {limit};
        call.<View.MessageView>each(
                after -> {
                    int page = Math.min(left[0], Query.PAGE_ITEMS_MAX);
                    return isDelayed
                            ? new Query.Delayed(name, bytes, after, page)
                            : new Query.Browse(name, bytes, after, page);
                },
                view -> {
                    listing.row(
                            () -> Forms.VIEW.write(view),
                            view.sequence(),
                            Typed.word(view.state()),
                            view.deliveries(),
                            Times.shown(view.stored()),
                            isDelayed && view.due() != null
                                    ? Times.shown(view.due())
                                    : Texts.orDash(view.message().group()),
                            Texts.orDash(view.message().type()),
                            Texts.cut(view.message().text(), SHOWN_CHARS));
                    return --left[0] == 0;
                });
        listing.end();
        return Status.DONE;
    }
}
