package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

/// Whether a queue can tell apart the types of its messages, as far as a commit goes.
final class Typing {
    private Typing() {}

    /// Why a queue cannot become what is declared, or null.
    static @Nullable Refusal refusalOf(
            Definition.Queue declared, Tentative.@Nullable Target target, Tentative tentative) {
        if (target == null || !declared.typed() || target.definition.typed()) {
            return null;
        }
        long messages = tentative.size(target);
        return messages == 0
                ? null
                : new Refusal.Invalid(
                        ("%s holds %d messages whose types it has not noted. Let it run empty, or"
                                        + " purge it, and declare it typed then.")
                                .formatted(declared.name(), messages));
    }

    /// Why a message of a type cannot come into a queue, or null. It comes in otherwise.
    static @Nullable Refusal admit(
            Tentative.Target target, @Nullable String type, @Nullable QueueState queue, long now) {
        if (type == null || !target.definition.typed() || target.newTypes().contains(type)) {
            return null;
        }
        if (type.length() > Definition.Queue.TYPE_CHARS_MAX) {
            return new Refusal.Invalid(
                    "A type in %s has at most %d characters, not %d."
                            .formatted(
                                    target.definition.name(),
                                    Definition.Queue.TYPE_CHARS_MAX,
                                    type.length()));
        }
        Throttle throttle = queue == null ? null : queue.throttle();
        if (throttle != null && throttle.types().find(type) != null) {
            return null;
        }
        int more = target.newTypes().size() + 1;
        boolean fits =
                throttle == null
                        ? more <= Definition.Queue.TYPES_MAX
                        : throttle.types().haveRoomFor(more, now);
        if (!fits) {
            return new Refusal.IsFull(
                    target.definition.name(), Definition.Queue.TYPES_MAX + " types");
        }
        target.addType(type);
        return null;
    }
}
