package io.millstream.testkit.memory;

import io.millstream.api.Fence;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// A message in a queue and all that is known of it.
///
/// @param sequence which one it is
/// @param place where it stands when it is ready
/// @param message what was put
/// @param stored when it was put first, wherever that was
/// @param firstDelivered when it was first handed out, or null
/// @param deliveries how often it was handed out
/// @param attempts how many of those count in this queue
/// @param via how it came here
/// @param state what it is waiting for
record Entry(
        long sequence,
        Place place,
        Message message,
        Moment stored,
        @Nullable Instant firstDelivered,
        int deliveries,
        int attempts,
        Via via,
        State state) {

    /// What a message is waiting for.
    sealed interface State {

        /// To be handed out.
        record Ready() implements State {
            static final Ready READY = new Ready();
        }

        /// To be settled.
        ///
        /// @param fence which lease
        /// @param term as the taker asked
        /// @param ends when it ends by itself, or null
        /// @param session whose liveness it depends on if it does not end by itself
        /// @param window the credit that it was taken out of, or null
        record Leased(
                Fence fence,
                Term term,
                @Nullable Moment ends,
                MemorySession session,
                @Nullable Window window)
                implements State {

            Leased until(Moment moment) {
                return new Leased(fence, term, moment, session, window);
            }
        }

        /// For its time.
        ///
        /// @param due when
        /// @param order among those due at the same moment
        record Delayed(Moment due, long order) implements State {}

        /// For its dead-letter target to be defined.
        ///
        /// @param cause what kind of end it is
        /// @param reason why it was given up
        record Stuck(Via.Cause cause, String reason) implements State {}
    }

    static Entry put(long sequence, Message message, Moment now) {
        return arrived(sequence, message, now, null, 0, new Via.Direct());
    }

    static Entry arrived(
            long sequence,
            Message message,
            Moment stored,
            @Nullable Instant firstDelivered,
            int deliveries,
            Via via) {
        Place place = new Place(sequence, 0);
        return new Entry(
                sequence,
                place,
                message,
                stored,
                firstDelivered,
                deliveries,
                0,
                via,
                State.Ready.READY);
    }

    Entry handedOut(Instant now, State next) {
        Instant first = firstDelivered == null ? now : firstDelivered;
        return new Entry(
                sequence, place, message, stored, first, deliveries + 1, attempts + 1, via, next);
    }

    Entry with(State next) {
        return new Entry(
                sequence, place, message, stored, firstDelivered, deliveries, attempts, via, next);
    }

    Entry with(Place next) {
        return new Entry(
                sequence, next, message, stored, firstDelivered, deliveries, attempts, via, state);
    }

    Entry withAttempts(int next) {
        return new Entry(
                sequence, place, message, stored, firstDelivered, deliveries, next, via, state);
    }

    long bytes() {
        return bytes(message);
    }

    /// What counts against limits: body, key and headers.
    static long bytes(Message message) {
        long bytes = message.body().length();
        if (message.key() != null) bytes += message.key().length();
        for (Header header : message.headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }
}
