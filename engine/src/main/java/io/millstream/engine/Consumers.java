package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// The consumers of one queue, and which of them gets the next messages: those with the highest
/// priority that have credit, in turn; if the queue has a single active one, only that.
final class Consumers {
    private final TreeMap<Integer, Turn> byPriority = new TreeMap<>(Comparator.reverseOrder());
    private int size;

    /// The one that gets everything, or null if all do or it has ended.
    private @Nullable Consumer active;

    private boolean singleActive;
    private boolean reviewed = true;

    /// Those of one priority, oldest first.
    private static final class Turn {
        private final List<Consumer> consumers = new ArrayList<>(1);
        private int last = -1;

        void remove(int index) {
            consumers.remove(index);
            if (index <= last) {
                last--;
            }
        }

        @Nullable Consumer next() {
            for (int i = 0; i < consumers.size(); i++) {
                last = (last + 1) % consumers.size();
                Consumer consumer = consumers.get(last);
                if (consumer.window().isOpen()) {
                    return consumer;
                }
            }
            return null;
        }
    }

    /// Is told who is the active one and who is not.
    interface Standing {
        void tell(Consumer consumer, boolean active);
    }

    /// Why it cannot be added, or null.
    @Nullable Refusal refusalOf(Consumer consumer) {
        if (hasExclusive()) {
            return taken(consumer.what().queue());
        }
        if (consumer.what().exclusive() && size > 0) {
            return new Refusal.Invalid(
                    ("%s has consumers, so nobody can consume from it exclusively. End them"
                                    + " first, or consume without exclusive.")
                            .formatted(consumer.what().queue()));
        }
        return null;
    }

    /// What everybody else is told while there is an exclusive consumer.
    static Refusal taken(ChannelName queue) {
        return new Refusal.Invalid(
                ("%s has an exclusive consumer, and nobody else gets messages meanwhile. Try"
                                + " again when that one has ended.")
                        .formatted(queue));
    }

    /// Whether there is one that wants nobody beside it.
    boolean hasExclusive() {
        return size == 1
                && byPriority.firstEntry().getValue().consumers.getFirst().what().exclusive();
    }

    void add(Consumer consumer) {
        byPriority
                .computeIfAbsent(consumer.what().priority(), key -> new Turn())
                .consumers
                .add(consumer);
        size++;
        reviewed = false;
    }

    /// Forgets one, if it is there.
    void remove(Consumer consumer) {
        Turn turn = byPriority.get(consumer.what().priority());
        int index = turn == null ? -1 : turn.consumers.indexOf(consumer);
        if (turn == null || index < 0) {
            return;
        }
        turn.remove(index);
        if (turn.consumers.isEmpty()) {
            byPriority.remove(consumer.what().priority());
        }
        size--;
        if (consumer == active) {
            // Its successor is chosen when all that end together have ended.
            active = null;
            reviewed = false;
        }
    }

    /// Goes by what the queue is now declared to be, before the next one is added or served. An
    /// active consumer stays it until it ends; then the oldest of the highest priority takes over.
    void review(boolean nowSingleActive, Standing standing) {
        if (reviewed && nowSingleActive == singleActive) {
            return;
        }
        if (!nowSingleActive) {
            active = null;
        } else if (active == null && size > 0) {
            active = byPriority.firstEntry().getValue().consumers.getFirst();
        }
        if (nowSingleActive || singleActive) {
            for (Consumer consumer : all()) {
                boolean gets = !nowSingleActive || consumer == active;
                if (consumer.becomes(gets, nowSingleActive)) {
                    standing.tell(consumer, gets);
                }
            }
        }
        singleActive = nowSingleActive;
        reviewed = true;
    }

    /// The one that is served next, whose window is open, or null.
    @Nullable Consumer next() {
        if (active != null) {
            return active.window().isOpen() ? active : null;
        }
        for (Turn turn : byPriority.values()) {
            Consumer next = turn.next();
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    /// How many take turns with this one, itself included.
    int peersOf(Consumer consumer) {
        Turn turn = byPriority.get(consumer.what().priority());
        return active != null || turn == null ? 1 : turn.consumers.size();
    }

    List<Consumer> all() {
        return byPriority.values().stream().flatMap(turn -> turn.consumers.stream()).toList();
    }

    boolean isEmpty() {
        return size == 0;
    }
}
