package io.millstream.protocols.aws;

import io.millstream.protocols.aws.sqs.SqsLimits;
import io.millstream.protocols.aws.wire.Wire;

/// The bounds of an [AwsDoor], each with its unit.
///
/// @param eventLoops how many threads serve connections
/// @param connectionsMax how many clients may be connected; a further one is hung up on
/// @param longPollsMax how many receives may wait for a message at once
/// @param requestLineBytesMax the longest method, address and version
/// @param headerBytesMax all headers of a request together
/// @param bodyBytesMax the largest body of a request
/// @param smallBodyBytesMax the largest body that is taken however many others are held, so that
///   consumers can always drain: nothing that they send needs to be larger
/// @param bodiesBytesMax all bodies that may be held when a larger one takes more. Small ones come
///   on top: the bound of all is this and `connectionsMax` times `smallBodyBytesMax`
/// @param receiveBytesMax all messages of one receive, as they are stored; one message always fits
/// @param smallReceiveBytesMax all messages of a receive that is answered however many bytes other
///   answers hold, so that consumers of small messages can always drain
/// @param answersBytesMax all answers that may be on their way when a larger one is made. Small
///   ones come on top, as with bodies
/// @param looksMax how many receives may ask the backend at once without room for a large answer,
///   whose first message may be large all the same: those that wait, of each queue; and all others
/// @param requestMillis how long a request may take to arrive
/// @param answerMillis how long a client may take to accept its answer
/// @param idleMillis how long a connection is kept without a request
/// @param closeMillis how long closing waits for what is in flight
public record AwsLimits(
        int eventLoops,
        int connectionsMax,
        int longPollsMax,
        int requestLineBytesMax,
        int headerBytesMax,
        int bodyBytesMax,
        int smallBodyBytesMax,
        long bodiesBytesMax,
        int receiveBytesMax,
        int smallReceiveBytesMax,
        long answersBytesMax,
        int looksMax,
        long requestMillis,
        long answerMillis,
        long idleMillis,
        long closeMillis) {

    /// What one machine wants. A message of 1 MiB is at most 6 MiB of JSON.
    public static final AwsLimits USUAL =
            new AwsLimits(
                    Math.max(1, Runtime.getRuntime().availableProcessors()),
                    25_000,
                    20_000,
                    32 << 10,
                    32 << 10,
                    8 << 20,
                    16 << 10,
                    256L << 20,
                    1 << 20,
                    16 << 10,
                    256L << 20,
                    128,
                    30_000,
                    60_000,
                    75_000,
                    10_000);

    /// Refuses bounds that let nothing in.
    public AwsLimits {
        long least = Math.min(Math.min(eventLoops, connectionsMax), longPollsMax);
        least = Math.min(Math.min(least, requestLineBytesMax), headerBytesMax);
        least = Math.min(Math.min(least, bodyBytesMax), smallBodyBytesMax);
        least = Math.min(Math.min(least, bodiesBytesMax), receiveBytesMax);
        least = Math.min(Math.min(least, smallReceiveBytesMax), answersBytesMax);
        least = Math.min(least, looksMax);
        least = Math.min(Math.min(least, requestMillis), answerMillis);
        least = Math.min(Math.min(least, idleMillis), closeMillis);
        if (least < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + least);
        }
    }

    /// The same with another number of clients.
    public AwsLimits withConnectionsMax(int connections) {
        return with(connections, bodiesBytesMax, answersBytesMax, looksMax);
    }

    /// The same with another bound of all bodies together. One body of the largest size always
    /// fits, so that each request has its turn.
    public AwsLimits withBodiesBytesMax(long bytes) {
        return with(connectionsMax, Math.max(bytes, bodyBytesMax), answersBytesMax, looksMax);
    }

    /// The same with another bound of all answers together, and of those who look without room. The
    /// largest answer to a receive always fits, so that each has its turn.
    public AwsLimits withAnswersBytesMax(long bytes, int looks) {
        long answers = Math.max(bytes, Wire.QUERY.answerBytesMax(receiveBytesMax));
        return with(connectionsMax, bodiesBytesMax, answers, looks);
    }

    private AwsLimits with(int connections, long bodies, long answers, int looks) {
        return new AwsLimits(
                eventLoops,
                connections,
                longPollsMax,
                requestLineBytesMax,
                headerBytesMax,
                bodyBytesMax,
                smallBodyBytesMax,
                bodies,
                receiveBytesMax,
                smallReceiveBytesMax,
                answers,
                looks,
                requestMillis,
                answerMillis,
                idleMillis,
                closeMillis);
    }

    /// What of them the service has to keep.
    SqsLimits sqs() {
        return new SqsLimits(longPollsMax, receiveBytesMax, smallReceiveBytesMax, looksMax);
    }

    /// How often connections are looked at, in milliseconds: often enough for the shortest limit.
    long sweepMillis() {
        long shortest = Math.min(Math.min(requestMillis, answerMillis), idleMillis);
        return Math.clamp(shortest / 4, 10, 1_000);
    }
}
