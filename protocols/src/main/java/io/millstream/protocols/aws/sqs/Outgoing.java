package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.Set;

/// A message as a sender gives it.
///
/// @param body its text in UTF-8
/// @param attributes what the sender named
/// @param system what AWS names
record Outgoing(Bytes body, List<MessageAttribute> attributes, List<MessageAttribute> system) {
    /// The most bytes of a message, and of all messages of a batch: body and attributes.
    static final int BYTES_MAX = 1_048_576;

    /// The parameters of a message, known or refused.
    static final Set<String> PARAMETERS =
            Set.of(
                    "MessageBody",
                    "DelaySeconds",
                    "MessageAttributes",
                    "MessageSystemAttributes",
                    "MessageDeduplicationId",
                    "MessageGroupId");

    private static final int DELAY_SECONDS_MAX = 900;

    /// Reads and checks a message; its size is for the caller to check.
    static Outgoing read(Input input) {
        refuseWhatIsNotBuilt(input);
        String text = input.requiredText("MessageBody");
        int invalid = SqsText.firstInvalid(text);
        if (invalid >= 0) {
            throw SqsError.INVALID_MESSAGE_CONTENTS.with(
                    "The message contains a character that is not allowed, U+"
                            + String.format("%04X", (int) text.charAt(invalid))
                            + " at index "
                            + invalid
                            + ". Allowed are tab, line feed, carriage return, U+0020 to U+D7FF,"
                            + " U+E000 to U+FFFD and U+10000 to U+10FFFF.");
        }
        return new Outgoing(
                Bytes.utf8(text), MessageAttribute.read(input), SystemAttribute.read(input));
    }

    private static void refuseWhatIsNotBuilt(Input input) {
        Integer delay = input.whole("DelaySeconds");
        if (delay != null && (delay < 0 || delay > DELAY_SECONDS_MAX)) {
            throw input.invalid(
                    "DelaySeconds",
                    delay.toString(),
                    "DelaySeconds must be >= 0 and <= " + DELAY_SECONDS_MAX + ".");
        }
        if (delay != null && delay != 0) {
            throw SqsError.unsupported("The parameter DelaySeconds (" + delay + ")");
        }
        if (input.has("MessageGroupId")) {
            throw SqsError.unsupported("The parameter MessageGroupId");
        }
        String deduplication = input.text("MessageDeduplicationId");
        if (deduplication != null) {
            throw input.invalid(
                    "MessageDeduplicationId",
                    deduplication,
                    "The request includes a parameter that is not valid for this queue type.");
        }
    }

    long bytes() {
        long bytes = body.length();
        for (MessageAttribute attribute : attributes) {
            bytes += attribute.bytes();
        }
        return bytes;
    }

    /// Refuses the message if it is too large by itself.
    Outgoing checked() {
        if (bytes() > BYTES_MAX) {
            throw Refusals.tooLong(BYTES_MAX).exception();
        }
        return this;
    }

    /// The message to store.
    Message message(String id) {
        Message.Builder message = Message.builder(body).id(id);
        attributes.forEach(attribute -> message.header(attribute.header()));
        system.forEach(attribute -> message.header(SystemAttribute.header(attribute)));
        return message.build();
    }

    /// What the sender is told of it.
    Tree.Fields stored(String id, Digests digests) {
        Tree.Fields answer =
                Tree.Fields.empty()
                        .with("MessageId", id)
                        .with("MD5OfMessageBody", digests.ofBody(body));
        if (!attributes.isEmpty()) {
            answer.with("MD5OfMessageAttributes", digests.ofAttributes(attributes));
        }
        if (!system.isEmpty()) {
            answer.with("MD5OfMessageSystemAttributes", digests.ofAttributes(system));
        }
        return answer;
    }
}
