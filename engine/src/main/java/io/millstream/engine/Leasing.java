package io.millstream.engine;

import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Refusal;
import io.millstream.api.Term;
import io.millstream.engine.state.Arrival;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.Past;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Standing;
import io.millstream.engine.state.State;
import io.millstream.engine.state.TakeDecider;
import io.millstream.engine.state.Times;
import io.millstream.engine.state.TypeFilter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// Has takes decided and stored. The loop's own.
final class Leasing {
    private final Journal journal;
    private final State state;
    private final HeapRoom heap;
    private final RecordReader reader;
    private final Failsafe failsafe;
    private final LongConsumer touch;

    /// @param touch told of each queue that a message was moved to
    Leasing(
            Journal journal,
            HeapRoom heap,
            RecordReader reader,
            Failsafe failsafe,
            LongConsumer touch) {
        this.journal = journal;
        this.state = journal.state();
        this.heap = heap;
        this.reader = reader;
        this.failsafe = failsafe;
        this.touch = touch;
    }

    /// What one take came to.
    ///
    /// @param handed the leases
    /// @param inOpenFrame whether one of the messages is not even written yet
    /// @param settled whether the messages are settled by being delivered: at most once, so what
    ///   says so has to be durable before
    /// @param changed whether anything happened
    /// @param refusal why nothing did, if it could not be decided; null otherwise
    record Batch(
            List<Handed> handed,
            boolean inOpenFrame,
            boolean settled,
            boolean changed,
            @Nullable Refusal refusal) {

        static Batch ofNothing(boolean changed, @Nullable Refusal refusal) {
            return new Batch(List.of(), false, false, changed, refusal);
        }
    }

    /// What a take comes to, or why it cannot be decided.
    private record Outcome(TakeDecider.@Nullable Decided decided, @Nullable Refusal refusal) {}

    /// Leases what is ready, or returns null if the log has no room for saying so now.
    @Nullable Batch lease(
            QueueState queue, int messages, long bytes, TypeFilter filter, Term term, Hold hold)
            throws IOException {
        Outcome outcome =
                failsafe.decide(
                        () -> new Outcome(decide(queue, messages, bytes, filter, term), null),
                        why -> new Outcome(null, why));
        TakeDecider.Decided decided = outcome.decided;
        if (decided == null) {
            return Batch.ofNothing(false, outcome.refusal);
        }
        if (!journal.store(decided.buried())) {
            return null;
        }
        for (Entry entry : decided.buried()) {
            if (entry instanceof Entry.Moved moved) {
                touch.accept(moved.target());
            }
        }
        Entry.Taken taken = decided.taken();
        if (taken == null) {
            return Batch.ofNothing(!decided.buried().isEmpty(), null);
        }
        List<Before> before = look(queue, taken);
        if (!journal.store(List.of(taken))) {
            return null;
        }
        // Asked after the take was stored, which may have begun another frame: what lies in the
        // same frame as the take waits for the sync, and the next take never overtakes it.
        boolean inOpenFrame = before.stream().anyMatch(this::isInOpenFrame);
        List<Handed> handed = new ArrayList<>(before.size());
        Fence fence = new Fence(state.epoch(), state.entries());
        for (Before at : before) {
            Delivery delivery = queue.delivery(at.sequence);
            if (delivery != null) {
                hold.charge(delivery);
            }
            handed.add(at.handed(queue, fence, delivery == null ? 0 : delivery.deadline()));
        }
        return new Batch(handed, inOpenFrame, taken.deadline() == Entry.Taken.AUTO, true, null);
    }

    private TakeDecider.Decided decide(
            QueueState queue, int messages, long bytes, TypeFilter filter, Term term) {
        // What is settled at once costs nothing.
        int fresh = term instanceof Term.Auto ? Integer.MAX_VALUE : heap.freshMessagesMax(queue);
        return TakeDecider.decide(state, queue, messages, bytes, filter, deadlineOf(term), fresh);
    }

    /// Whether a power cut could still take the message out of this queue once the take is written.
    private boolean isInOpenFrame(Before at) {
        Arrival arrival = at.past.arrival();
        return journal.isInOpenFrame(arrival == null ? at.location.position() : arrival.position());
    }

    /// A message just before it is leased; afterwards it may be settled already.
    private record Before(long sequence, Location location, byte[] entry, Past past) {
        Handed handed(QueueState queue, Fence fence, long until) {
            return new Handed(
                    new Handle(queue.definition().name(), queue.channel(), sequence, fence),
                    past.deliveries() + 1,
                    past.attempts() + 1,
                    location.stored(),
                    past.firstDelivered(),
                    until,
                    past.arrival(),
                    location.position(),
                    entry);
        }
    }

    private List<Before> look(QueueState queue, Entry.Taken taken) throws IOException {
        List<Before> before = new ArrayList<>(taken.sequences().length);
        for (long sequence : taken.sequences()) {
            Location location = queue.locate(sequence);
            before.add(
                    new Before(
                            sequence,
                            location,
                            reader.read(location.position(), location.bytes()),
                            Standing.past(queue, sequence, state.now())));
        }
        return before;
    }

    private long deadlineOf(Term term) {
        return switch (term) {
            case Term.Timed(Duration length) -> Times.after(state.now(), length);
            case Term.WhileOpen open -> Entry.Taken.SESSION;
            case Term.Auto auto -> Entry.Taken.AUTO;
        };
    }
}
