package io.millstream.testkit.memory;

import io.millstream.api.Capacity;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.IfDuplicate;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;
import io.millstream.testkit.memory.Commits.Step;

/// Puts messages, unless they are too large, make no sense, were stored before or do not fit.
/// Guarded by the backend's lock.
final class Puts {

    private static final int TYPES_MAX = Definition.Queue.TYPES_MAX;
    private static final int TYPE_CHARS_MAX = Definition.Queue.TYPE_CHARS_MAX;

    private final Store store;

    Puts(Store store) {
        this.store = store;
    }

    /// @param limited whether the queue's capacity counts: a commit that settles something is taken
    ///   whatever is in the queue, so that consumers can always finish
    Step put(Operation.Put put, boolean limited) {
        Message message = put.message();
        long bytes = Entry.bytes(message);
        if (bytes > Commits.MESSAGE_BYTES_MAX) {
            return tooLarge("The message for " + put.queue(), bytes, Commits.MESSAGE_BYTES_MAX);
        }
        MemoryQueue queue = store.queue(put.queue());
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(put.queue()));
        Definition.Queue definition = queue.declared().definition();
        long limit = definition.messageBytesMax();
        if (limit > 0 && bytes > limit) {
            return tooLarge("The message for " + put.queue(), bytes, limit);
        }
        Long first = queue.remembered().first(message, definition.deduplication());
        if (first != null) {
            return put.ifDuplicate() == IfDuplicate.REFUSE
                    ? Step.refused(new Refusal.Duplicate(first))
                    : Step.did(new Effect.Duplicate(first));
        }
        String type = message.type();
        if (type != null && definition.typed() && type.length() > TYPE_CHARS_MAX) {
            return Step.refused(
                    new Refusal.Invalid(
                            "A type in %s has at most %d characters, not %d."
                                    .formatted(put.queue(), TYPE_CHARS_MAX, type.length())));
        }
        if (queue.allowance().isOneTypeTooMany(type)) {
            return Step.refused(new Refusal.IsFull(put.queue(), TYPES_MAX + " types"));
        }
        return limited ? fit(queue, message) : Step.did(new Effect.Stored(queue.put(message)));
    }

    private static Step tooLarge(String what, long bytes, long limit) {
        return Step.refused(new Refusal.TooLarge(what, bytes, limit));
    }

    /// Stores it within the queue's capacity.
    private Step fit(MemoryQueue queue, Message message) {
        Capacity capacity = queue.declared().definition().capacity();
        long bytes = Entry.bytes(message);
        if (!capacity.holds(1, bytes)) {
            return tooLarge("A message for " + queue.name(), bytes, capacity.bytes());
        }
        if (queue.fits(bytes)) return Step.did(new Effect.Stored(queue.put(message)));
        return switch (capacity.overflow()) {
            case REFUSE -> full(queue);
            case DROP_HEAD -> {
                while (!queue.fits(bytes)) {
                    Entry next = queue.isGraveMissing() ? null : queue.nextToDrop();
                    if (next == null) yield full(queue);
                    queue.giveUp(next, Via.Cause.OVERFLOW, reason(capacity));
                }
                yield Step.did(new Effect.Stored(queue.put(message)));
            }
            case DEAD_LETTER -> {
                if (queue.isGraveMissing()) yield full(queue);
                long sequence = queue.put(message);
                Entry entry = queue.entry(sequence);
                if (entry != null) queue.giveUp(entry, Via.Cause.OVERFLOW, reason(capacity));
                yield Step.did(new Effect.Stored(sequence));
            }
        };
    }

    private static Step full(MemoryQueue queue) {
        String limit = queue.declared().definition().capacity().text();
        return Step.refused(new Refusal.IsFull(queue.name(), limit));
    }

    private static String reason(Capacity capacity) {
        return "overflow: " + capacity.text();
    }
}
