package io.millstream.protocols.aws;

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
                    30_000,
                    60_000,
                    75_000,
                    10_000);

    /// Refuses bounds that let nothing in.
    public AwsLimits {
        long least = Math.min(Math.min(eventLoops, connectionsMax), longPollsMax);
        least = Math.min(Math.min(least, requestLineBytesMax), headerBytesMax);
        least = Math.min(Math.min(least, bodyBytesMax), smallBodyBytesMax);
        least = Math.min(least, bodiesBytesMax);
        least = Math.min(Math.min(least, requestMillis), answerMillis);
        least = Math.min(Math.min(least, idleMillis), closeMillis);
        if (least < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + least);
        }
    }

    /// The same with another bound of all bodies together. One body of the largest size always
    /// fits, so that each request has its turn.
    public AwsLimits withBodiesBytesMax(long bytes) {
        return new AwsLimits(
                eventLoops,
                connectionsMax,
                longPollsMax,
                requestLineBytesMax,
                headerBytesMax,
                bodyBytesMax,
                smallBodyBytesMax,
                Math.max(bytes, bodyBytesMax),
                requestMillis,
                answerMillis,
                idleMillis,
                closeMillis);
    }

    /// How often connections are looked at, in milliseconds: often enough for the shortest limit.
    long sweepMillis() {
        long shortest = Math.min(Math.min(requestMillis, answerMillis), idleMillis);
        return Math.clamp(shortest / 4, 10, 1_000);
    }
}
