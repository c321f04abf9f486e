package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// A message as a sender gives it.
///
/// @param body its text in UTF-8
/// @param attributes what the sender named
/// @param system what AWS names
/// @param delaySeconds how long it is to wait, or null for as long as its queue says
/// @param group its message group, or null
/// @param deduplication by what duplicates are known, or null for what its queue says
record Outgoing(
        Bytes body,
        List<MessageAttribute> attributes,
        List<MessageAttribute> system,
        @Nullable Integer delaySeconds,
        @Nullable String group,
        @Nullable String deduplication) {
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

    private static final int TOKEN_CHARS_MAX = 128;
    private static final String NOT_OF_THIS_QUEUE =
            "The request includes a parameter that is not valid for this queue type.";

    /// Reads and checks a message; its size is for the caller to check.
    static Outgoing read(Input input, ChannelName queue) {
        Integer delay = delay(input, queue);
        String group = token(input, "MessageGroupId");
        String deduplication = token(input, "MessageDeduplicationId");
        if (deduplication != null && !QueueAddress.isFifo(queue)) {
            throw input.invalid("MessageDeduplicationId", deduplication, NOT_OF_THIS_QUEUE);
        }
        if (group == null && QueueAddress.isFifo(queue)) {
            throw input.missing("MessageGroupId");
        }
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
                Bytes.utf8(text),
                MessageAttribute.read(input),
                SystemAttribute.read(input),
                delay,
                group,
                deduplication);
    }

    private static @Nullable Integer delay(Input input, ChannelName queue) {
        Integer delay = input.whole("DelaySeconds");
        if (delay != null && (delay < 0 || delay > DELAY_SECONDS_MAX)) {
            throw input.invalid(
                    "DelaySeconds",
                    delay.toString(),
                    "DelaySeconds must be >= 0 and <= " + DELAY_SECONDS_MAX + ".");
        }
        if (delay != null && delay != 0 && QueueAddress.isFifo(queue)) {
            throw input.invalid("DelaySeconds", delay.toString(), NOT_OF_THIS_QUEUE);
        }
        return QueueAddress.isFifo(queue) ? null : delay;
    }

    /// A parameter of up to 128 letters, digits and punctuation characters, or null.
    static @Nullable String token(Input input, String name) {
        String token = input.text(name);
        if (token == null) {
            return null;
        }
        boolean sound =
                !token.isEmpty()
                        && token.length() <= TOKEN_CHARS_MAX
                        && token.chars().allMatch(c -> c > ' ' && c < 0x7F);
        if (!sound) {
            throw input.invalid(
                    name,
                    token,
                    name
                            + " can only include alphanumeric and punctuation characters. 1 to 128"
                            + " in length.");
        }
        return token;
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

    /// The message to store; a fault if its queue cannot tell its duplicates.
    Message message(String id, Definition.Queue queue) {
        int delay =
                delaySeconds == null ? QueueAttribute.DELAY_SECONDS.number(queue) : delaySeconds;
        Message.Builder message =
                Message.builder(body)
                        .id(id)
                        .group(group)
                        .deduplication(QueueAddress.isFifo(queue.name()) ? token(queue) : null)
                        .delay(Duration.ofSeconds(delay));
        attributes.forEach(attribute -> message.header(attribute.header()));
        system.forEach(attribute -> message.header(SystemAttribute.header(attribute)));
        return message.build();
    }

    private String token(Definition.Queue queue) {
        if (deduplication != null) {
            return deduplication;
        }
        if (!"true".equals(QueueAttribute.CONTENT_BASED_DEDUPLICATION.held(queue))) {
            throw AwsError.INVALID_PARAMETER.with(
                    "The queue should either have ContentBasedDeduplication enabled or"
                            + " MessageDeduplicationId provided explicitly.");
        }
        return Digests.sha256(body);
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
