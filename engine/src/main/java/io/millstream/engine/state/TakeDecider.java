package io.millstream.engine.state;

import io.millstream.api.Groups;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Decides which messages a take gets: the first ready ones that fit.
///
/// A message that has used up its attempts is not handed out but buried on the way, which happens
/// when the limit was lowered or a restart returned it. One that has become too old ends the take;
/// [ExpiryDecider] sees to it.
public final class TakeDecider {
    private static final int EXAMINED_MAX = 1024;

    private TakeDecider() {}

    /// What a take makes.
    ///
    /// @param buried entries to apply before it
    /// @param taken the take itself, or null if nothing is ready
    public record Decided(List<Entry> buried, Entry.@Nullable Taken taken) {}

    /// Decides a take of at most `messages` messages and `bytes` bytes, of which the first message
    /// may have any size, with leases that end at `deadline`.
    ///
    /// @param fresh how many of them may be new: where heap is short, what was handed out before
    ///   and costs no more comes first
    public static Decided decide(
            State state, QueueState queue, int messages, long bytes, long deadline, int fresh) {
        int limit = Math.min(messages, queue.definition().maxInFlight() - queue.leased());
        long[] sequences = new long[Math.max(0, Math.min(limit, EXAMINED_MAX))];
        List<Entry> buried = new ArrayList<>(0);
        ReadyOrder order = new ReadyOrder(queue, fresh);
        int count = 0;
        long room = bytes;
        for (int examined = 0; count < sequences.length && examined < EXAMINED_MAX; examined++) {
            long sequence = order.next();
            if (sequence < 0) {
                break;
            }
            Location location = queue.locate(sequence);
            if (queue.ages().isTooOld(location.stored(), state.now())) {
                // It expires before anything behind it is handed out.
                break;
            }
            if (TimeToLive.isOver(queue, sequence, state.now())) {
                buried.addAll(TimeToLive.decide(state, queue, List.of(sequence)));
                if (isMove(buried) || takesTurns(queue)) {
                    return new Decided(buried, null);
                }
                continue;
            }
            Delivery delivery = queue.delivery(sequence);
            if (delivery != null && Decider.isUsedUp(queue, delivery.attempts)) {
                buried.addAll(
                        Decider.decideDeath(
                                state,
                                delivery,
                                Via.Cause.ATTEMPTS,
                                Decider.usedUp(queue, delivery.attempts)));
                if (isMove(buried) || takesTurns(queue)) {
                    // A move's target sequence is decided on the state before it: one at a time.
                    return new Decided(buried, null);
                }
                continue;
            }
            if (count > 0 && location.bytes() > room) {
                break;
            }
            room -= location.bytes();
            sequences[count++] = sequence;
        }
        return new Decided(
                buried,
                count == 0
                        ? null
                        : new Entry.Taken(
                                queue.channel(), deadline, Arrays.copyOf(sequences, count)));
    }

    /// Whether the order of what is ready is another one once a message has gone that was not
    /// handed out: it takes its group's turn.
    private static boolean takesTurns(QueueState queue) {
        Groups groups = queue.definition().groups();
        return groups == Groups.ORDERED_SINGLY || groups == Groups.FAIR;
    }

    private static boolean isMove(List<Entry> entries) {
        return entries.getLast() instanceof Entry.Moved;
    }
}
