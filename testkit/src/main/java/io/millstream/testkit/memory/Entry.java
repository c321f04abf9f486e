package io.millstream.testkit.memory;

import io.millstream.api.Fence;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/// A message in a queue and all that is known of it.
///
/// @param sequence which one it is
/// @param origin what never changes while it is here
/// @param place where it stands when it is ready
/// @param firstDelivered when it was first handed out, or null
/// @param deliveries how often it was handed out
/// @param attempts how many of those count in this queue
/// @param state what it is waiting for
record Entry(
        long sequence,
        Origin origin,
        Place place,
        @Nullable Instant firstDelivered,
        int deliveries,
        int attempts,
        State state) {

    /// The shortest time to live that counts.
    private static final Duration LIVE_MIN = Duration.ofMillis(1);

    /// What a message came with.
    ///
    /// @param message what was put
    /// @param type what it is, if this queue has noted it, or null
    /// @param timeToLive how long it lets itself lie here undelivered, or null
    /// @param stored when it was put first, wherever that was
    /// @param arrived when it came into this queue
    /// @param via how it came here
    record Origin(
            Message message,
            @Nullable String type,
            @Nullable Duration timeToLive,
            Moment stored,
            Moment arrived,
            Via via) {}

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
        /// @param order of its alarm among those of the same moment
        record Delayed(Moment due, long order) implements State {}

        /// For its dead-letter target to be defined.
        ///
        /// @param cause what kind of end it is
        /// @param reason why it was given up
        record Stuck(Via.Cause cause, String reason) implements State {}
    }

    /// One that has just come and has been handed out so far as is said.
    static Entry arrived(
            long sequence, Origin origin, @Nullable Instant firstDelivered, int deliveries) {
        return new Entry(
                sequence,
                origin,
                Place.ofStored(origin.arrived(), sequence),
                firstDelivered,
                deliveries,
                0,
                State.Ready.READY);
    }

    Entry handedOut(Instant now, State next) {
        Instant first = firstDelivered == null ? now : firstDelivered;
        return new Entry(sequence, origin, place, first, deliveries + 1, attempts + 1, next);
    }

    Entry with(State next) {
        return new Entry(sequence, origin, place, firstDelivered, deliveries, attempts, next);
    }

    /// Not before its time, and then behind whatever is ready.
    Entry delayed(State.Delayed until) {
        Place then = Place.ofWaited(until.due(), sequence);
        return new Entry(sequence, origin, then, firstDelivered, deliveries, attempts, until);
    }

    Entry withAttempts(int next) {
        return new Entry(sequence, origin, place, firstDelivered, deliveries, next, state);
    }

    Message message() {
        return origin.message();
    }

    int priority() {
        return origin.message().priority();
    }

    boolean isReady() {
        return state instanceof State.Ready;
    }

    boolean isLeased() {
        return state instanceof State.Leased;
    }

    boolean isStuck() {
        return state instanceof State.Stuck;
    }

    /// When it will have lain here undelivered for as long as it and its queue let it, or null.
    @Nullable Moment overdue(@Nullable Duration queues) {
        Duration own = origin.timeToLive();
        if (own == null && queues == null) return null;
        Duration shorter =
                own == null || (queues != null && queues.compareTo(own) < 0) ? queues : own;
        return origin.arrived()
                .plus(shorter == null || shorter.compareTo(LIVE_MIN) < 0 ? LIVE_MIN : shorter);
    }

    long bytes() {
        return bytes(origin.message());
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
