package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// The attributes of a queue, as AWS names them, and how far each is supported.
enum QueueAttribute {
    VISIBILITY_TIMEOUT("VisibilityTimeout", new Rule.Ranged(0, 43_200, 30)),
    RECEIVE_MESSAGE_WAIT_TIME_SECONDS("ReceiveMessageWaitTimeSeconds", new Rule.Ranged(0, 20, 0)),
    MAXIMUM_MESSAGE_SIZE("MaximumMessageSize", new Rule.Declared(1_024, 1_048_576, 1_048_576)),
    MESSAGE_RETENTION_PERIOD("MessageRetentionPeriod", new Rule.Declared(60, 1_209_600, 345_600)),
    REDRIVE_POLICY("RedrivePolicy", new Rule.Policy()),

    DELAY_SECONDS("DelaySeconds", new Rule.OneNumber(0, 900, 0)),
    KMS_DATA_KEY_REUSE_PERIOD_SECONDS(
            "KmsDataKeyReusePeriodSeconds", new Rule.OneNumber(60, 86_400, 300)),

    SQS_MANAGED_SSE_ENABLED("SqsManagedSseEnabled", new Rule.OneText("false", true)),
    KMS_MASTER_KEY_ID("KmsMasterKeyId", new Rule.OneText("", false)),
    POLICY("Policy", new Rule.OneText("", false)),
    REDRIVE_ALLOW_POLICY("RedriveAllowPolicy", new Rule.OneText("", false)),

    FIFO_QUEUE("FifoQueue", new Rule.Never()),
    CONTENT_BASED_DEDUPLICATION("ContentBasedDeduplication", new Rule.Never()),
    DEDUPLICATION_SCOPE("DeduplicationScope", new Rule.Never()),
    FIFO_THROUGHPUT_LIMIT("FifoThroughputLimit", new Rule.Never()),

    QUEUE_ARN("QueueArn", new Rule.ReadOnly()),
    CREATED_TIMESTAMP("CreatedTimestamp", new Rule.ReadOnly()),
    LAST_MODIFIED_TIMESTAMP("LastModifiedTimestamp", new Rule.ReadOnly()),
    APPROXIMATE_NUMBER_OF_MESSAGES("ApproximateNumberOfMessages", new Rule.ReadOnly()),
    APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE(
            "ApproximateNumberOfMessagesNotVisible", new Rule.ReadOnly()),
    APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED(
            "ApproximateNumberOfMessagesDelayed", new Rule.ReadOnly());

    /// What a client may set.
    private sealed interface Rule {
        /// A whole number, honoured by this front end and kept among the arguments.
        record Ranged(int least, int most, int usual) implements Rule {}

        /// A whole number that the definition has a word for and the backend honours.
        record Declared(int least, int most, int usual) implements Rule {}

        /// A JSON text of its own.
        record Policy() implements Rule {}

        /// A whole number of which only AWS's default is supported so far.
        record OneNumber(int least, int most, int usual) implements Rule {}

        /// A text of which only one value is supported so far.
        record OneText(String usual, boolean shown) implements Rule {}

        /// Nothing: not supported so far.
        record Never() implements Rule {}

        /// Nothing: the server sets it.
        record ReadOnly() implements Rule {}
    }

    private static final String ARGUMENT_PREFIX = "sqs.";
    private static final Map<String, QueueAttribute> BY_TITLE = new HashMap<>();

    static {
        for (QueueAttribute attribute : values()) {
            BY_TITLE.put(attribute.title, attribute);
        }
    }

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // Rules are records of numbers and texts.
    private final Rule rule;

    QueueAttribute(String title, Rule rule) {
        this.title = title;
        this.rule = rule;
    }

    /// AWS's name of it.
    String title() {
        return title;
    }

    /// Where a definition keeps it.
    String argument() {
        return ARGUMENT_PREFIX + title;
    }

    /// Whether a definition keeps it as a number.
    boolean isKept() {
        return rule instanceof Rule.Ranged || rule instanceof Rule.Declared;
    }

    /// The definition with this number in it.
    Definition.Queue set(Definition.Queue queue, int number) {
        return switch (this) {
            case MAXIMUM_MESSAGE_SIZE -> queue.withMessageBytesMax(number);
            case MESSAGE_RETENTION_PERIOD -> queue.withRetention(Duration.ofSeconds(number));
            default -> {
                Map<String, String> arguments = new HashMap<>(queue.arguments());
                arguments.put(argument(), Integer.toString(number));
                yield queue.withArguments(arguments);
            }
        };
    }

    /// A definition with what SQS gives a queue that is made through it.
    static Definition.Queue usual(ChannelName name) {
        Definition.Queue queue = Definition.Queue.of(name);
        for (QueueAttribute attribute : values()) {
            if (attribute.rule instanceof Rule.Declared(int _, int _, int usual)) {
                queue = attribute.set(queue, usual);
            }
        }
        return queue;
    }

    /// The attribute that AWS calls `title`.
    static QueueAttribute named(String title) {
        QueueAttribute attribute = BY_TITLE.get(title);
        if (attribute == null) {
            throw SqsError.INVALID_ATTRIBUTE_NAME.with("Unknown Attribute " + title + ".");
        }
        return attribute;
    }

    /// Refuses a value that cannot be set.
    void check(String value) {
        switch (rule) {
            case Rule.Ranged(int least, int most, int _) -> number(value, least, most);
            case Rule.Declared(int least, int most, int _) -> number(value, least, most);
            case Rule.Policy _ -> {}
            case Rule.OneNumber(int least, int most, int usual) -> {
                if (number(value, least, most) != usual) {
                    throw onlyUsual(Integer.toString(usual), value);
                }
            }
            case Rule.OneText(String usual, boolean _) -> {
                if (!value.equals(usual)) {
                    throw onlyUsual(usual.isEmpty() ? "an empty value" : usual, value);
                }
            }
            case Rule.Never _ -> throw SqsError.unsupported("The queue attribute " + title);
            case Rule.ReadOnly _ ->
                    throw SqsError.INVALID_ATTRIBUTE_NAME.with(
                            "The attribute " + title + " cannot be set. Leave it out.");
        }
    }

    /// Whether `number` is what holds for a queue, whoever declared it.
    boolean is(int number, Definition.Queue queue) {
        return rule instanceof Rule.Declared
                ? Long.toString(number).equals(declared(queue))
                : number(queue) == number;
    }

    /// What a queue's definition says, or null if it says nothing.
    private @Nullable String declared(Definition.Queue queue) {
        if (this == MESSAGE_RETENTION_PERIOD) {
            Duration retention = queue.retention();
            return retention == null ? null : Long.toString(retention.toSeconds());
        }
        // Whatever other protocols may put, nobody can send more than this through SQS.
        long limit = queue.messageBytesMax();
        return Long.toString(limit == 0 ? Outgoing.BYTES_MAX : Math.min(limit, Outgoing.BYTES_MAX));
    }

    /// The number that holds for a queue, whoever declared it, of those kept among its arguments.
    int number(Definition.Queue queue) {
        if (!(rule instanceof Rule.Ranged(int least, int most, int usual))) {
            throw new IllegalStateException(title + " is not kept as a number.");
        }
        String kept = queue.arguments().get(argument());
        return kept == null ? usual : number(kept, least, most);
    }

    /// Its value for a queue, or null if the queue has none.
    @Nullable String value(View.QueueView view, Caller caller) {
        Definition.Queue queue = view.definition();
        return switch (rule) {
            case Rule.Ranged _ -> Integer.toString(number(queue));
            case Rule.Declared _ -> declared(queue);
            case Rule.Policy _ -> RedrivePolicy.of(queue).json(caller);
            case Rule.OneNumber(int _, int _, int usual) ->
                    this == KMS_DATA_KEY_REUSE_PERIOD_SECONDS ? null : Integer.toString(usual);
            case Rule.OneText(String usual, boolean shown) -> shown ? usual : null;
            case Rule.Never _ -> null;
            case Rule.ReadOnly _ -> observed(view, caller);
        };
    }

    private String observed(View.QueueView view, Caller caller) {
        return switch (this) {
            case QUEUE_ARN -> QueueAddress.arn(caller, view.definition().name());
            case CREATED_TIMESTAMP -> Long.toString(view.created().getEpochSecond());
            case LAST_MODIFIED_TIMESTAMP -> Long.toString(view.modified().getEpochSecond());
            case APPROXIMATE_NUMBER_OF_MESSAGES -> Long.toString(view.counts().ready());
            case APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE ->
                    Long.toString(view.counts().leased());
            case APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED -> Long.toString(view.counts().delayed());
            default -> throw new IllegalStateException(title + " is not read from a queue.");
        };
    }

    private int number(String value, int least, int most) {
        try {
            int number = Input.WHOLE.matcher(value).matches() ? Integer.parseInt(value) : -1;
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a number out of bounds.
        }
        throw SqsError.INVALID_ATTRIBUTE_VALUE.with(
                "Invalid value for the parameter "
                        + title
                        + ": "
                        + value
                        + ". It must be a whole number from "
                        + least
                        + " to "
                        + most
                        + ".");
    }

    private FaultException onlyUsual(String usual, String value) {
        return SqsError.UNSUPPORTED_OPERATION.with(
                "The queue attribute "
                        + title
                        + " is not supported yet with the value "
                        + value
                        + ". Leave it out, or send "
                        + usual
                        + ".");
    }
}
