package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

/// Whether the heap has room for what is about to be known, by sixteenths of what the options
/// allow.
///
/// The last two are kept for takes, because a message that is handed out takes more heap than one
/// that waits, and nothing would drain without them. The two before are kept for those who have not
/// caused the shortage: there, a channel that holds more than one sixteenth gets nothing more.
final class HeapRoom {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());
    private static final int PARTS = 16;
    private static final int PARTS_CALM = 11;
    private static final int PARTS_FOR_ALL = 12;
    private static final int PARTS_AGAIN = 13;
    private static final int PARTS_FOR_PUBLISHES = 14;
    private static final String REMEDY = "Consume, or start with a larger heap, then send again.";

    private final State state;
    private final HeapAccount known;
    private final long part;
    private boolean refusesHeavy;

    HeapRoom(State state, long bytesMax) {
        this.state = state;
        this.known = state.heap();
        this.part = bytesMax / PARTS;
    }

    /// Whether channels that hold much get nothing more.
    boolean isLow() {
        return uses(PARTS_FOR_ALL);
    }

    /// Whether nobody may publish.
    boolean isShort() {
        return uses(PARTS_FOR_PUBLISHES);
    }

    /// Whether publishes may begin again after it was short.
    boolean isAmple() {
        return !uses(PARTS_AGAIN);
    }

    /// How many messages may be handed out that never were.
    int freshMessagesMax() {
        long left = part * PARTS - known.bytes();
        return Math.clamp(left / HeapCosts.DELIVERY, 0, Integer.MAX_VALUE);
    }

    /// What is short, in words.
    String reason() {
        return ("Unsettled messages, topics and rows take %d MiB of the heap, and"
                                + " publishes may use %d. ")
                        .formatted(known.bytes() >> 20, (part * PARTS_FOR_PUBLISHES) >> 20)
                + REMEDY;
    }

    /// Why a commit adds too much, or null if it does not. One that settles is refused only if it
    /// adds more than it frees, and when nothing is left.
    @Nullable Refusal refusalOf(PreparedCommit commit) {
        if (!isLow()) {
            refusesHeavy &= uses(PARTS_CALM);
            return null;
        }
        long more = 0;
        for (Operation operation : commit.commit().operations()) {
            String heavy = heavyTargetOf(operation);
            if (!heavy.isEmpty() && commit.publishes()) {
                report(heavy);
                return new Refusal.Busy(heavy);
            }
            more += growthBy(operation);
        }
        return more > 0 && uses(PARTS) ? new Refusal.Busy(reason()) : null;
    }

    private static long growthBy(Operation operation) {
        return switch (operation) {
            case Operation.Put _, Operation.Publish _ -> HeapCosts.RUN;
            case Operation.Append _ -> HeapCosts.EXTENT;
            case Operation.Define _ -> HeapCosts.QUEUE;
            case Operation.Write write -> write.value() == null ? 0 : HeapCosts.ROW;
            case Operation.Settle _ -> -HeapCosts.DELIVERY;
            default -> 0;
        };
    }

    private String heavyTargetOf(Operation operation) {
        return switch (operation) {
            case Operation.Put put -> {
                QueueState queue = state.queue(put.queue());
                yield queue == null ? "" : heavy(put.queue(), queue.heap());
            }
            case Operation.Append append -> {
                TopicState topic = state.topics().topic(append.topic());
                yield topic == null ? "" : heavy(append.topic(), topic.heap());
            }
            default -> "";
        };
    }

    private String heavy(ChannelName name, HeapAccount heap) {
        return heap.bytes() <= part
                ? ""
                : "%s takes %d MiB of the heap for what is in it, and heap is short. %s"
                        .formatted(name, heap.bytes() >> 20, REMEDY);
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
