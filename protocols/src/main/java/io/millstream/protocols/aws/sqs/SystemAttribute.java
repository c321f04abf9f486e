package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Via;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What AWS calls a message's system attributes.
///
/// The one that a sender can set, `AWSTraceHeader`, is kept in a header whose name no sender can
/// give to an attribute of its own.
enum SystemAttribute {
    SENDER_ID("SenderId"),
    SENT_TIMESTAMP("SentTimestamp"),
    APPROXIMATE_RECEIVE_COUNT("ApproximateReceiveCount"),
    APPROXIMATE_FIRST_RECEIVE_TIMESTAMP("ApproximateFirstReceiveTimestamp"),
    AWS_TRACE_HEADER("AWSTraceHeader"),
    DEAD_LETTER_QUEUE_SOURCE_ARN("DeadLetterQueueSourceArn"),
    MESSAGE_GROUP_ID("MessageGroupId"),
    MESSAGE_DEDUPLICATION_ID("MessageDeduplicationId"),
    SEQUENCE_NUMBER("SequenceNumber");

    private static final String TRACE_HEADER = "AWS.AWSTraceHeader";
    private static final Map<String, SystemAttribute> BY_TITLE = new HashMap<>();

    static {
        for (SystemAttribute attribute : values()) {
            BY_TITLE.put(attribute.title, attribute);
        }
    }

    private final String title;

    SystemAttribute(String title) {
        this.title = title;
    }

    /// AWS's name of it.
    String title() {
        return title;
    }

    /// The attribute that AWS calls `title`.
    static SystemAttribute named(String title) {
        SystemAttribute attribute = BY_TITLE.get(title);
        if (attribute == null) {
            throw SqsError.INVALID_ATTRIBUTE_NAME.with("Unknown Attribute " + title + ".");
        }
        return attribute;
    }

    /// Its value for this delivery, or null if the message has none.
    @Nullable String value(Lease lease, Caller caller) {
        return switch (this) {
            case SENDER_ID -> QueueAddress.ACCOUNT;
            case SENT_TIMESTAMP -> Long.toString(lease.stored().toEpochMilli());
            case APPROXIMATE_RECEIVE_COUNT -> Integer.toString(lease.deliveries());
            case APPROXIMATE_FIRST_RECEIVE_TIMESTAMP ->
                    Long.toString(lease.firstDelivered().toEpochMilli());
            case AWS_TRACE_HEADER ->
                    lease.message()
                            .header(TRACE_HEADER)
                            .map(header -> SqsText.cleaned(header.text()))
                            .orElse(null);
            case DEAD_LETTER_QUEUE_SOURCE_ARN ->
                    // What endpoints of a topic did not take comes from no queue of SQS.
                    lease.via() instanceof Via.DeadLettered via
                                    && via.from().host().equals(ChannelName.DEFAULT_HOST)
                            ? QueueAddress.arn(caller, via.from())
                            : null;
            case MESSAGE_GROUP_ID -> lease.message().group();
            case MESSAGE_DEDUPLICATION_ID -> lease.message().deduplication();
            case SEQUENCE_NUMBER ->
                    QueueAddress.isFifo(lease.handle().queue())
                            ? SequenceNumber.text(lease.handle().sequence())
                            : null;
        };
    }

    /// Whether senders cannot name an attribute so.
    static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith("aws.") || lower.startsWith("amazon.");
    }

    /// Whether a header is a system attribute and no attribute of the sender's.
    static boolean isSystem(Header header) {
        return header.name().equals(TRACE_HEADER) || Notification.isPart(header);
    }

    /// The header that holds what the sender gave.
    static Header header(MessageAttribute attribute) {
        return new Header(TRACE_HEADER, Header.TEXT, attribute.header().value());
    }

    /// Reads the system attributes that a sender gives.
    static List<MessageAttribute> read(Input input) {
        Map<String, Input> given = input.structureMap("MessageSystemAttributes");
        if (given.isEmpty()) {
            return List.of();
        }
        for (String name : given.keySet()) {
            if (!name.equals(AWS_TRACE_HEADER.title)) {
                throw AwsError.INVALID_PARAMETER.with(
                        "The message system attribute '"
                                + name
                                + "' cannot be sent. AWSTraceHeader can.");
            }
        }
        Input value = given.values().iterator().next();
        if (!"String".equals(value.text("DataType"))) {
            throw AwsError.INVALID_PARAMETER.with(
                    "The message system attribute 'AWSTraceHeader' must be of the type String.");
        }
        return List.of(MessageAttribute.read(AWS_TRACE_HEADER.title, value));
    }
}
