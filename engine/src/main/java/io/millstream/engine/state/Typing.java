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

    /// Why a message of a type cannot come into a queue, or null. See [#comes].
    static @Nullable Refusal refusalOf(
            Tentative.Target target, @Nullable String type, @Nullable QueueState queue, long now) {
        if (type == null || !target.definition.typed()) {
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
        return hasRoom(target, keyOf(type, queue), queue, now)
                ? null
                : new Refusal.IsFull(
                        target.definition.name(), Definition.Queue.TYPES_MAX + " types");
    }

    /// The message that is the next one of a queue has this type, unless that has no room for it.
    static void comes(Tentative.Target target, KeyHash type, @Nullable QueueState queue, long now) {
        if (target.definition.typed() && hasRoom(target, type, queue, now)) {
            target.comes(type, isNeeded(type, queue, now));
        }
    }

    /// Whether a type will have a number when the commit takes effect. One that nothing depends on
    /// may have lost its number by then to another type of the same commit, so it counts as if it
    /// had none.
    private static boolean hasRoom(
            Tentative.Target target, KeyHash type, @Nullable QueueState queue, long now) {
        if (isNeeded(type, queue, now) || target.isReserved(type)) {
            return true;
        }
        Types types = typesOf(queue);
        int reserved = target.reservedTypes() + 1;
        return types == null
                ? reserved <= Definition.Queue.TYPES_MAX
                : types.haveRoomFor(reserved, now);
    }

    private static boolean isNeeded(KeyHash type, @Nullable QueueState queue, long now) {
        Types types = typesOf(queue);
        Types.Type known = types == null ? null : types.find(type);
        return known != null && known.isNeeded(now);
    }

    /// What stands for a type, without computing it for one that the queue knows.
    static KeyHash keyOf(String type, @Nullable QueueState queue) {
        Types types = typesOf(queue);
        Types.Type known = types == null ? null : types.find(type);
        return known == null ? KeyHash.of(type) : known.key;
    }

    private static @Nullable Types typesOf(@Nullable QueueState queue) {
        Throttle throttle = queue == null ? null : queue.throttle();
        return throttle == null ? null : throttle.types();
    }
}
