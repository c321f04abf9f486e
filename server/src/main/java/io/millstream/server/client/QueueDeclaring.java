package io.millstream.server.client;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.server.config.ConfigException;
import io.millstream.wire.Forms;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/// `millstream queues declare`: a queue is made, found to be so already, or changed if that is
/// said.
final class QueueDeclaring {
    private static final String CHANGE = "--change";
    private static final String MAX_ATTEMPTS = "--max-attempts";
    private static final String DEAD_LETTER = "--dead-letter";
    private static final String BACK_OFF = "--back-off";
    private static final String BACK_OFF_MAX = "--back-off-max";
    private static final String MAX_IN_FLIGHT = "--max-in-flight";
    private static final String LIFECYCLE = "--lifecycle";
    private static final String GROUPS = "--groups";
    private static final String TYPED = "--typed";
    private static final String AGEING = "--ageing";
    private static final String MAX_MESSAGES = "--max-messages";
    private static final String MAX_BYTES = "--max-bytes";
    private static final String MESSAGE_BYTES_MAX = "--message-bytes-max";
    private static final String RETENTION = "--retention";
    private static final String TIME_TO_LIVE = "--time-to-live";
    private static final String UNUSED_FOR = "--unused-for";
    private static final String KEEP_SETTLED = "--keep-settled";
    private static final String SINGLE_ACTIVE = "--single-active";
    private static final Duration BACK_OFF_MAX_USUAL = Duration.ofMinutes(10);

    private QueueDeclaring() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "declare",
                        "Makes a queue, or changes it with --change; what is not said stays as it"
                                + " is.",
                        QueueDeclaring::read);
        verb.spec()
                .addPositional(Specs.word(0, "QUEUE", "Its name."))
                .addOption(Specs.flag("Change it if it is there and otherwise.", CHANGE))
                .addOption(
                        Specs.text("N", "After so many it is dead; 0 for no limit.", MAX_ATTEMPTS))
                .addOption(Specs.text("QUEUE", "What takes dead messages.", DEAD_LETTER))
                .addOption(
                        Specs.text("TIME", "The wait after the first failure, doubled.", BACK_OFF))
                .addOption(Specs.text("TIME", "The longest wait. Default: 10m", BACK_OFF_MAX))
                .addOption(Specs.text("N", "How many may be leased at once.", MAX_IN_FLIGHT))
                .addOption(
                        Specs.text(
                                "HOW",
                                "ignored, ordered, ordered-singly, fair or fair-ordered.",
                                GROUPS))
                .addOption(Specs.flag("It tells types of messages apart.", TYPED))
                .addOption(
                        Specs.text("TIME", "What waits gets more urgent by 1 each TIME.", AGEING))
                .addOption(Specs.text("N", "How many may be in it; more is refused.", MAX_MESSAGES))
                .addOption(Specs.text("N", "How many bytes may be in it.", MAX_BYTES))
                .addOption(Specs.text("N", "How large a message may be.", MESSAGE_BYTES_MAX))
                .addOption(Specs.text("TIME", "Older messages are dropped.", RETENTION))
                .addOption(Specs.text("TIME", "Messages die undelivered after TIME.", TIME_TO_LIVE))
                .addOption(Specs.text("TIME", "It is removed when unused for TIME.", UNUSED_FOR))
                .addOption(Specs.text("TIME", "What is done is kept for a replay.", KEEP_SETTLED))
                .addOption(Specs.flag("One consumer at a time gets messages.", SINGLE_ACTIVE))
                .addOption(
                        Specs.text("TOPIC", "What is told each step of each message.", LIFECYCLE));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        ChannelName name = ChannelName.of(typed.word(0, ""));
        // Read once already, so that a slip is found before anything is connected.
        Definition.Queue declared = apply(Definition.Queue.of(name), typed);
        boolean mayChange = typed.has(CHANGE);
        return call -> declare(call, declared, mayChange, typed);
    }

    private static Definition.Queue apply(Definition.Queue to, Typed typed) {
        QueueBuilder queue = to.with();
        set(queue, typed.whole(MAX_ATTEMPTS, 0, Integer.MAX_VALUE), QueueBuilder::maxAttempts);
        set(queue, typed.whole(MAX_IN_FLIGHT, 1, Integer.MAX_VALUE), QueueBuilder::maxInFlight);
        set(queue, typed.oneOf(GROUPS, Groups.class), QueueBuilder::groups);
        set(queue, typed.time(AGEING), QueueBuilder::ageing);
        set(queue, typed.large(MESSAGE_BYTES_MAX, 0), QueueBuilder::messageBytesMax);
        set(queue, typed.time(RETENTION), QueueBuilder::retention);
        set(queue, typed.time(TIME_TO_LIVE), QueueBuilder::timeToLive);
        set(queue, typed.time(UNUSED_FOR), QueueBuilder::unusedFor);
        set(queue, typed.time(KEEP_SETTLED), QueueBuilder::keepSettled);
        String deadLetter = typed.text(DEAD_LETTER);
        if (deadLetter != null) {
            queue.deadLetter(ChannelName.of(deadLetter));
        }
        String lifecycle = typed.text(LIFECYCLE);
        if (lifecycle != null) {
            queue.lifecycle(ChannelName.of(lifecycle));
        }
        if (typed.has(TYPED)) {
            queue.typed(true);
        }
        if (typed.has(SINGLE_ACTIVE)) {
            queue.singleActive(true);
        }
        backOff(queue, typed);
        capacity(queue, to.capacity(), typed);
        return queue.build();
    }

    private static <T> void set(
            QueueBuilder queue, @Nullable T value, BiConsumer<QueueBuilder, T> setter) {
        if (value != null) {
            setter.accept(queue, value);
        }
    }

    private static void backOff(QueueBuilder queue, Typed typed) {
        Duration first = typed.time(BACK_OFF);
        Duration most = typed.time(BACK_OFF_MAX);
        if (first == null && most != null) {
            throw new ConfigException(
                    "%s goes with %s, the first wait.".formatted(BACK_OFF_MAX, BACK_OFF));
        }
        if (first != null) {
            Duration usual = first.compareTo(BACK_OFF_MAX_USUAL) > 0 ? first : BACK_OFF_MAX_USUAL;
            queue.backOff(new BackOff(first, 2, most == null ? usual : most));
        }
    }

    private static void capacity(QueueBuilder queue, Capacity there, Typed typed) {
        Long messages = typed.large(MAX_MESSAGES, 0);
        Long bytes = typed.large(MAX_BYTES, 0);
        if (messages != null || bytes != null) {
            queue.capacity(
                    new Capacity(
                            messages == null ? there.messages() : messages,
                            bytes == null ? there.bytes() : bytes,
                            there.overflow()));
        }
    }

    private static int declare(
            Call call, Definition.Queue declared, boolean mayChange, Typed typed) {
        ChannelName name = declared.name();
        while (true) {
            View.QueueView there = call.one(new Query.QueueNamed(name));
            if (there != null) {
                return redeclare(call, there.definition(), mayChange, typed);
            }
            try {
                var _ =
                        call.millstream()
                                .commit(new Operation.Define(declared, Expect.Nothing.NOTHING));
                tell(call, name, "declared", "Declared %s.");
                return Status.DONE;
            } catch (RefusedException refused) {
                boolean isThere = refused.refusal() instanceof Refusal.Conflict;
                if (!isThere || call.one(new Query.QueueNamed(name)) == null) {
                    throw refused;
                }
            }
        }
    }

    private static int redeclare(
            Call call, Definition.Queue there, boolean mayChange, Typed typed) {
        List<String> differences = differences(there, apply(there, typed));
        if (differences.isEmpty()) {
            tell(call, there.name(), "unchanged", "%s is so already.");
            return Status.DONE;
        }
        if (!mayChange) {
            throw new RefusedException(
                    new Refusal.Invalid(
                            "Queue %s is there and otherwise: %s. Add %s to change it."
                                    .formatted(
                                            there.name(), String.join(", ", differences), CHANGE)));
        }
        var _ = QueueCommands.change(call, there.name(), now -> apply(now, typed));
        tell(call, there.name(), "changed", "Changed %s.");
        return Status.DONE;
    }

    private static void tell(Call call, ChannelName name, String word, String sentence) {
        ObjectNode json = Json.object().put("queue", name.toString()).put("outcome", word);
        call.out().say(json, sentence, name);
    }

    private static List<String> differences(Definition.Queue there, Definition.Queue wanted) {
        Map<String, Object> before = shown(there);
        Map<String, Object> after = shown(wanted);
        List<String> names = new ArrayList<>(before.keySet());
        after.keySet().stream().filter(one -> !before.containsKey(one)).forEach(names::add);
        return names.stream()
                .filter(one ->
                        !String.valueOf(before.get(one)).equals(String.valueOf(after.get(one))))
                .map(one ->
                        "%s is %s, not %s"
                                .formatted(
                                        one,
                                        before.getOrDefault(one, "as usual"),
                                        after.getOrDefault(one, "as usual")))
                .toList();
    }

    /// What is declared otherwise than usual, by the names that the API has for it.
    static Map<String, Object> shown(Definition.Queue queue) {
        Map<String, Object> shown = new LinkedHashMap<>();
        JsonNode json = Json.tree(Forms.DEFINITION.write(queue));
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            boolean isSaid = List.of("type", "name", "paused").contains(member.getKey());
            if (!isSaid) {
                JsonNode value = member.getValue();
                shown.put(member.getKey(), value.isString() ? value.stringValue() : value);
            }
        }
        return shown;
    }
}
