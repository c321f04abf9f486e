package io.millstream.protocols.http;

import io.millstream.wire.Bounds;

/// The bounds of the API, each with its unit.
///
/// @param sessionsMax how many sessions may be open
/// @param sessionsPerUserMax how many of them one user may have open; without users nobody is told
///   from anybody, and only the other bound holds
/// @param requestsMax how many requests may be under way
/// @param takesPerSessionMax how many takes of one session may be under way
/// @param bodyBytesMax the largest body of a request
/// @param smallBodyBytesMax the largest body that is taken however many others are held, so that
///   workers can always settle
/// @param bodiesBytesMax all bodies that may be held when a larger one takes more
/// @param takeMessagesMax how many messages one take brings at most
/// @param takeBytesMax how many bytes of messages one take brings at most, as they are stored; one
///   message always fits
/// @param smallAnswerBytesMax an answer that is given however many bytes others hold
/// @param answersBytesMax all answers that may be on their way when a larger one is made
/// @param lookItemsMax how many queues, topics, exchanges or bindings one look shows at most
/// @param lineWorkMax how many takes, consumers, watches, readers and commits of one line may be
///   under way
/// @param windowBytesMax how many bytes a consumer may have unsettled, whatever its window says
/// @param lineBytesMax how much may wait for a client of a line; one that takes none of it is hung
///   up on
/// @param silenceMillis how long a session lasts without a request that is under way or begins
/// @param waitMillisMax how long a take may wait for a message
/// @param requestMillis how long a body may take to arrive
/// @param answerMillis how long a client may take to accept a large answer
public record ApiLimits(
        int sessionsMax,
        int sessionsPerUserMax,
        int requestsMax,
        int takesPerSessionMax,
        int bodyBytesMax,
        int smallBodyBytesMax,
        long bodiesBytesMax,
        int takeMessagesMax,
        int takeBytesMax,
        int smallAnswerBytesMax,
        long answersBytesMax,
        int lookItemsMax,
        int lineWorkMax,
        long windowBytesMax,
        long lineBytesMax,
        long silenceMillis,
        long waitMillisMax,
        long requestMillis,
        long answerMillis) {

    /// What one machine wants. The largest message is 16 MiB, and 22 MiB of base64.
    public static final ApiLimits USUAL =
            new ApiLimits(
                    10_000,
                    1_000,
                    5_000,
                    100,
                    32 << 20,
                    16 << 10,
                    128L << 20,
                    1_000,
                    1 << 20,
                    64 << 10,
                    128L << 20,
                    100,
                    2_000,
                    16L << 20,
                    64L << 20,
                    60_000,
                    50_000,
                    30_000,
                    60_000);

    private static final int TOKENS_MIN = 100_000;
    private static final int BYTES_PER_TOKEN = 32;

    /// Refuses bounds that let nothing in.
    public ApiLimits {
        long least = Math.min(Math.min(sessionsMax, sessionsPerUserMax), requestsMax);
        least = Math.min(Math.min(least, takesPerSessionMax), bodyBytesMax);
        least = Math.min(Math.min(least, smallBodyBytesMax), bodiesBytesMax);
        least = Math.min(Math.min(least, takeMessagesMax), takeBytesMax);
        least = Math.min(Math.min(least, smallAnswerBytesMax), answersBytesMax);
        least = Math.min(Math.min(least, lookItemsMax), silenceMillis);
        least = Math.min(Math.min(least, waitMillisMax), requestMillis);
        least = Math.min(Math.min(least, answerMillis), lineWorkMax);
        least = Math.min(Math.min(least, windowBytesMax), lineBytesMax);
        if (least < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + least);
        }
    }

    /// The same with another bound of what is held for requests. Where that is little, the largest
    /// body is smaller, too, but never less than a mebibyte.
    ///
    /// @param bodies of all bodies together, in bytes
    /// @param answers of all answers together, in bytes
    public ApiLimits withBytesMax(long bodies, long answers) {
        int largest = Math.clamp(bodies, 1 << 20, bodyBytesMax);
        return new ApiLimits(
                sessionsMax,
                sessionsPerUserMax,
                requestsMax,
                takesPerSessionMax,
                largest,
                smallBodyBytesMax,
                Math.max(bodies, largest),
                takeMessagesMax,
                takeBytesMax,
                smallAnswerBytesMax,
                answers,
                lookItemsMax,
                lineWorkMax,
                windowBytesMax,
                Math.min(lineBytesMax, Math.max(answers / 2, largest)),
                silenceMillis,
                waitMillisMax,
                requestMillis,
                answerMillis);
    }

    /// How much of a body is read as JSON: of a body of brackets little is, since a bracket takes
    /// far more memory than its byte.
    Bounds bounds() {
        return bodyBytesMax >= Bounds.REQUEST.bytes()
                ? Bounds.REQUEST
                : new Bounds(bodyBytesMax, Math.max(TOKENS_MIN, bodyBytesMax / BYTES_PER_TOKEN));
    }
}
