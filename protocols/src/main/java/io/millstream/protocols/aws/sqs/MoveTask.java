package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
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
/// @param second when the second began in which it moved last
/// @param movedInSecond how many it moved in that second
/// @param failure why it failed, or null
record MoveTask(
        String id,
        @Nullable ChannelName destination,
        int perSecond,
        Status status,
        long moved,
        long toMove,
        Instant started,
        Instant second,
        long movedInSecond,
        @Nullable String failure) {
    private static final Duration SECOND = Duration.ofSeconds(1);

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

    /// How many messages it may move at `now`. What it could have moved in earlier seconds, when
    /// the server was down or busy, is not made up for.
    long allowance(Instant now) {
        return perSecond == 0
                ? Long.MAX_VALUE
                : perSecond - (isAnotherSecond(now) ? 0 : movedInSecond);
    }

    private boolean isAnotherSecond(Instant now) {
        return !now.isBefore(second.plus(SECOND));
    }

    /// The same once it has moved more.
    MoveTask withMoved(long more, Instant now) {
        boolean another = isAnotherSecond(now);
        return new MoveTask(
                id,
                destination,
                perSecond,
                status,
                moved + more,
                toMove,
                started,
                another ? now : second,
                another ? more : movedInSecond + more,
                failure);
    }

    MoveTask ended(Status how, @Nullable String why) {
        return new MoveTask(
                id,
                destination,
                perSecond,
                how,
                moved,
                toMove,
                started,
                second,
                movedInSecond,
                why);
    }
}
