package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.CommitId;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Archive;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Senders;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether the heap has room for what is about to be known, by sixteenths of what the options
/// allow.
///
/// The last two are kept for takes, because a message that is handed out takes more heap than one
/// that waits, and nothing would drain without them. The two before are kept for those who have not
/// caused the shortage: there, a channel that holds more than one sixteenth gets nothing more. What
/// drains may go beyond the bound: a few messages of each queue can always be handed out, and who
/// settles may add a little.
final class HeapRoom {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());
    private static final int PARTS = 16;
    private static final int PARTS_CALM = 11;
    private static final int PARTS_FOR_ALL = 12;
    private static final int PARTS_AGAIN = 13;
    private static final int PARTS_FOR_PUBLISHES = 14;
    private static final int PARTS_FOR_WHO_SETTLES = 18;
    private static final int FRESH_ALWAYS = 16;
    private static final int MORE_BYTES_PER_SETTLE = 1024;
    private static final String REMEDY = "Consume, or start with a larger heap, then send again.";

    private final State state;
    private final HeapGrowth growth;
    private final HeapAccount known;
    private final long part;
    private boolean refusesHeavy;

    HeapRoom(State state, long bytesMax) {
        this.state = state;
        this.growth = new HeapGrowth(state);
        this.known = state.heap();
        this.part = bytesMax / PARTS;
    }

    /// Whether topics should be moved to segments, where what follows each other takes less heap.
    boolean wantsMoving() {
        return uses(PARTS_FOR_ALL) && state.topics().heap().bytes() > part;
    }

    /// Whether nobody may publish.
    boolean isShort() {
        return uses(PARTS_FOR_PUBLISHES);
    }

    /// Whether publishes may begin again after it was short.
    boolean isAmple() {
        return !uses(PARTS_AGAIN);
    }

    /// Whether messages can be handed out that never were, though not of every queue.
    boolean hasRoomForFresh() {
        return freshMessages(PARTS) > 0;
    }

    /// How many messages of a queue may be handed out that never were: as many as there is room
    /// for, unless the queue has caused the shortage; and always a few.
    int freshMessagesMax(QueueState queue) {
        int always = Math.max(0, freshAlways(queue));
        boolean heavy = queue.heap().bytes() > part;
        return Math.max(always, freshMessages(heavy ? PARTS_FOR_PUBLISHES : PARTS));
    }

    /// Far beyond the bound, what cannot be settled counts, too, and a queue waits for its dead
    /// letters to be consumed, which take more heap than what they were.
    private int freshAlways(QueueState queue) {
        if (!uses(PARTS_FOR_WHO_SETTLES)) {
            return FRESH_ALWAYS - queue.leased();
        }
        return waitsForDeadLetters(queue) ? 0 : FRESH_ALWAYS - queue.outstandingMessages();
    }

    /// Queues that give their dead letters to each other do not wait, since nobody would be first.
    private boolean waitsForDeadLetters(QueueState queue) {
        QueueState dead = deadLetters(queue);
        if (dead == null || dead.size() == 0 || dead.heap().bytes() <= part) {
            return false;
        }
        Set<QueueState> seen = new HashSet<>();
        for (QueueState next = dead; next != null && seen.add(next); next = deadLetters(next)) {
            if (next.equals(queue)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable QueueState deadLetters(QueueState queue) {
        ChannelName name = queue.definition().deadLetter();
        return name == null ? null : state.queue(name);
    }

    private int freshMessages(int parts) {
        long left = part * parts - known.bytes();
        return Math.clamp(left / HeapCosts.DELIVERY, 0, Integer.MAX_VALUE);
    }

    /// What is short, in words.
    String reason() {
        return ("Unsettled messages, topics and rows take %d MiB of the heap, and"
                                + " publishes may use %d. ")
                        .formatted(known.bytes() >> 20, (part * PARTS_FOR_PUBLISHES) >> 20)
                + ofKept()
                + REMEDY;
    }

    /// How to free what nobody can consume.
    private String ofKept() {
        long kept = Archive.heapBytes(state);
        return kept <= part
                ? ""
                : ("%d MiB of that is what queues keep of messages that are done: declare a shorter"
                                + " keepSettled, or none. ")
                        .formatted(kept >> 20);
    }

    /// Why a commit adds too much, or null if it does not.
    @Nullable Refusal refusalOf(PreparedCommit commit) {
        if (!uses(PARTS_FOR_ALL)) {
            refusesHeavy &= uses(PARTS_CALM);
            return null;
        }
        List<Operation> operations = commit.commit().operations();
        if (commit.publishes()) {
            for (Operation operation : operations) {
                String heavy = heavyTargetOf(operation);
                if (!heavy.isEmpty()) {
                    report(heavy);
                    return new Refusal.Busy(heavy);
                }
            }
        }
        int allowed = uses(PARTS_FOR_WHO_SETTLES) ? 0 : MORE_BYTES_PER_SETTLE;
        return uses(PARTS) && growth.by(operations, allowed) > 0
                ? new Refusal.Busy(reason())
                : null;
    }

    /// Why the receipt of a commit cannot be remembered, or null if it can. So that nobody can fill
    /// the heap with receipts, all of them may take one sixteenth.
    @Nullable Refusal refusalOf(CommitId id) {
        Senders senders = state.senders();
        boolean full = senders.heap().bytes() >= part && !senders.frees(id, state.now());
        return full
                ? new Refusal.Busy(
                        ("Receipts that may be asked for again take %d KiB of the heap, and may"
                                        + " use %d. Send it again in a moment, and let senders ask"
                                        + " from the lowest number on that was not answered.")
                                .formatted(senders.heap().bytes() >> 10, part >> 10))
                : null;
    }

    /// Why what was decided moves too many messages inside the store, or null if it does not. That
    /// takes more heap than they took where they were, so it is held to the bound of publishes.
    @Nullable Refusal refusalOf(List<Entry> decided) {
        long more = growth.byMoving(decided);
        return more > 0 && known.bytes() + more > part * PARTS_FOR_PUBLISHES
                ? new Refusal.Busy(reason())
                : null;
    }

    /// Whether what has lain undelivered for too long may become dead letters, which take more heap
    /// than what they were. Until then it stays and is not handed out.
    boolean hasRoomForDeadLetters() {
        return !uses(PARTS);
    }

    /// Whether an operation adds something that was not there.
    boolean adds(Operation operation) {
        return growth.by(List.of(operation), 0) > 0;
    }

    private String heavyTargetOf(Operation operation) {
        return switch (operation) {
            case Operation.Put put -> heavy(put.queue());
            case Operation.Append append -> heavy(append.topic());
            case Operation.Publish publish ->
                    state.routes().targetsOf(publish).stream()
                            .map(this::heavy)
                            .filter(heavy -> !heavy.isEmpty())
                            .findFirst()
                            .orElse("");
            default -> "";
        };
    }

    private String heavy(ChannelName name) {
        QueueState queue = state.queue(name);
        TopicState topic = state.topics().topic(name);
        if (queue != null) {
            return heavy(name, queue.heap().bytes() + Archive.heapBytes(queue));
        }
        return topic == null ? "" : heavy(name, topic.heap().bytes());
    }

    private String heavy(ChannelName name, long bytes) {
        return bytes <= part
                ? ""
                : "%s takes %d MiB of the heap for what is in it, and heap is short. %s"
                        .formatted(name, bytes >> 20, ofKept() + REMEDY);
    }

    private void report(String heavy) {
        if (!refusesHeavy) {
            refusesHeavy = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Publishes to the channels with the most messages are refused: " + heavy);
        }
    }

    private boolean uses(int parts) {
        return known.bytes() >= part * parts;
    }
}
