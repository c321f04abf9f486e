package io.millstream.protocols.aws.sqs;

/// A message's place in its FIFO queue, as AWS writes it: 20 digits, so that texts are in order
/// too.
public final class SequenceNumber {
    private SequenceNumber() {}

    /// The 20 digits of a number.
    public static String text(long sequence) {
        String digits = Long.toString(sequence);
        return "0".repeat(20 - digits.length()) + digits;
    }
}
