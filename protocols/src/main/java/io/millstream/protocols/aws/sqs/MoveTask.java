package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// Messages of a dead-letter queue on their way to another queue, or back to where they died.
///
/// @param id its own
/// @param destination where to, or null for the queue in which each message died
/// @param perSecond how many messages a second at most, or 0 for as many as can be
/// @param status how far it is
/// @param moved how many have been moved
/// @param toMove how many were there when it began
/// @param started when
/// @param failure why it failed, or null
record MoveTask(
        String id,
        @Nullable ChannelName destination,
        int perSecond,
        Status status,
        long moved,
        long toMove,
        Instant started,
        @Nullable String failure) {

    /// How far a task is, in AWS's words. A task that is called off has ended at once.
    enum Status {
        RUNNING,
        COMPLETED,
        CANCELLED,
        FAILED
    }

    boolean isRunning() {
        return status == Status.RUNNING;
    }

    /// How many messages it may move by `now`, of those that it has not moved yet: those of the
    /// seconds that have begun.
    long allowance(Instant now) {
        if (perSecond == 0) {
            return Long.MAX_VALUE;
        }
        long millis = Math.max(0, now.toEpochMilli() - started.toEpochMilli());
        return perSecond + millis * perSecond / 1_000 - moved;
    }

    MoveTask withMoved(long more) {
        return new MoveTask(
                id, destination, perSecond, status, moved + more, toMove, started, failure);
    }

    MoveTask ended(Status how, @Nullable String why) {
        return new MoveTask(id, destination, perSecond, how, moved, toMove, started, why);
    }
}
