package io.millstream.protocols.aws.sqs;

/// What the receives of one door may use, on all event loops together.
///
/// @param longPollsMax how many receives may wait for a message at once
/// @param receiveBytesMax all messages of one receive, as they are stored
/// @param smallReceiveBytesMax those that are handed out though there is no room for more
/// @param looksMax how many may ask without room for more: of each queue those that wait, and all
///   others
public record SqsLimits(
        int longPollsMax, int receiveBytesMax, int smallReceiveBytesMax, int looksMax) {

    /// What looks may have in hand: of each the first message, whatever its size.
    long looksBytesMax() {
        return (long) looksMax * receiveBytesMax;
    }
}
