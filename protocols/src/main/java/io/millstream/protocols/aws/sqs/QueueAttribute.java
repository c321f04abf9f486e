package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The attributes of a queue, as AWS names them, and what a client may set them to.
///
/// What the definition of a queue has a word for is kept there, the rest among its arguments.
enum QueueAttribute {
    VISIBILITY_TIMEOUT("VisibilityTimeout", new Rule.Whole(0, 43_200, 30)),
    RECEIVE_MESSAGE_WAIT_TIME_SECONDS("ReceiveMessageWaitTimeSeconds", new Rule.Whole(0, 20, 0)),
    DELAY_SECONDS("DelaySeconds", new Rule.Whole(0, 900, 0)),
    MAXIMUM_MESSAGE_SIZE("MaximumMessageSize", new Rule.Whole(1_024, 1_048_576, 1_048_576)),
    MESSAGE_RETENTION_PERIOD("MessageRetentionPeriod", new Rule.Whole(60, 1_209_600, 345_600)),
    REDRIVE_POLICY("RedrivePolicy", new Rule.Document()),
    REDRIVE_ALLOW_POLICY("RedriveAllowPolicy", new Rule.Document()),
    POLICY("Policy", new Rule.Document()),

    KMS_MASTER_KEY_ID("KmsMasterKeyId", new Rule.Document()),
    KMS_DATA_KEY_REUSE_PERIOD_SECONDS(
            "KmsDataKeyReusePeriodSeconds", new Rule.Whole(60, 86_400, 300)),
    SQS_MANAGED_SSE_ENABLED("SqsManagedSseEnabled", Rule.Choice.of("false", "true")),

    FIFO_QUEUE("FifoQueue", Rule.Choice.of("false", "true")),
    CONTENT_BASED_DEDUPLICATION("ContentBasedDeduplication", Rule.Choice.ofFifo("false", "true")),
    DEDUPLICATION_SCOPE("DeduplicationScope", Rule.Choice.ofFifo("queue", "messageGroup")),
    FIFO_THROUGHPUT_LIMIT(
            "FifoThroughputLimit", Rule.Choice.ofFifo("perQueue", "perMessageGroupId")),

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
        /// A whole number.
        record Whole(int least, int most, int usual) implements Rule {}

        /// One of two words, of which the first is the usual one.
        record Choice(List<String> words, boolean onlyFifo) implements Rule {
            static Choice of(String usual, String other) {
                return new Choice(List.of(usual, other), false);
            }

            static Choice ofFifo(String usual, String other) {
                return new Choice(List.of(usual, other), true);
            }
        }

        /// A text that is read by a class of its own; an empty one takes the attribute away.
        record Document() implements Rule {}

        /// Nothing: the server sets it.
        record ReadOnly() implements Rule {}
    }

    /// For how long SQS looks for duplicates.
    static final Duration DEDUPLICATION_WINDOW = Duration.ofMinutes(5);

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

    /// The attribute that AWS calls `title`.
    static QueueAttribute named(String title) {
        QueueAttribute attribute = BY_TITLE.get(title);
        if (attribute == null) {
            throw SqsError.INVALID_ATTRIBUTE_NAME.with("Unknown Attribute " + title + ".");
        }
        return attribute;
    }

    /// A definition with what SQS gives a queue that is made through it.
    static Definition.Queue usual(ChannelName name) {
        boolean fifo = QueueAddress.isFifo(name);
        Definition.Queue queue =
                Definition.Queue.builder(name)
                        .groups(fifo ? Groups.ORDERED : Groups.FAIR)
                        .deduplication(fifo ? window(Deduplication.Scope.QUEUE) : null)
                        .build();
        for (QueueAttribute attribute : List.of(MAXIMUM_MESSAGE_SIZE, MESSAGE_RETENTION_PERIOD)) {
            if (attribute.rule instanceof Rule.Whole(int _, int _, int usual)) {
                queue = attribute.set(queue, Integer.toString(usual));
            }
        }
        return queue;
    }

    private static Deduplication window(Deduplication.Scope scope) {
        return new Deduplication(DEDUPLICATION_WINDOW, scope);
    }

    /// Refuses a value that cannot be set.
    void check(String value, ChannelName queue) {
        switch (rule) {
            case Rule.Whole(int least, int most, int _) -> number(value, least, most);
            case Rule.Choice(List<String> words, boolean onlyFifo) -> {
                if (onlyFifo && !QueueAddress.isFifo(queue)) {
                    throw SqsError.INVALID_ATTRIBUTE_NAME.with(
                            "You can specify the "
                                    + title
                                    + " only when FifoQueue is set to true.");
                }
                if (!words.contains(value)) {
                    throw invalid(value, "It must be " + String.join(" or ", words) + ".");
                }
            }
            case Rule.Document _ -> {
                switch (this) {
                    case POLICY -> readPolicy(value);
                    case REDRIVE_ALLOW_POLICY -> RedriveAllowPolicy.read(value);
                    case KMS_MASTER_KEY_ID -> KmsKey.check(value);
                    default -> {}
                }
            }
            case Rule.ReadOnly _ ->
                    throw SqsError.INVALID_ATTRIBUTE_NAME.with(
                            "The attribute " + title + " cannot be set. Leave it out.");
        }
    }

    /// The policy in a text; a fault if it is none.
    private static AccessPolicy readPolicy(String text) {
        try {
            return AccessPolicy.read(AccessPolicy.Kind.QUEUE, text);
        } catch (IllegalArgumentException e) {
            throw invalidPolicy(e.getMessage());
        }
    }

    /// The policy of a queue.
    static AccessPolicy policy(Definition.Queue queue) {
        return readPolicy(Objects.requireNonNullElse(POLICY.held(queue), ""));
    }

    /// The fault that says that a policy is none; it may be too long to be told.
    static FaultException invalidPolicy(@Nullable String reason) {
        return SqsError.INVALID_ATTRIBUTE_VALUE.with(
                "Invalid value for the parameter Policy. " + reason);
    }

    /// A value, which has been checked, as it is kept.
    String kept(String value) {
        return this == REDRIVE_ALLOW_POLICY
                ? JsonValues.kept(value, RedriveAllowPolicy.CHARS_MAX)
                : value;
    }

    /// The definition with this value in it, which has been checked.
    Definition.Queue set(Definition.Queue queue, String value) {
        return switch (this) {
            case MAXIMUM_MESSAGE_SIZE -> queue.withMessageBytesMax(Long.parseLong(value));
            case MESSAGE_RETENTION_PERIOD ->
                    queue.withRetention(Duration.ofSeconds(Long.parseLong(value)));
            case DEDUPLICATION_SCOPE -> {
                Deduplication.Scope scope =
                        value.equals("queue")
                                ? Deduplication.Scope.QUEUE
                                : Deduplication.Scope.GROUP;
                // Declaring it anew would forget what was sent.
                Deduplication known = queue.deduplication();
                yield known != null && known.scope() == scope
                        ? queue
                        : queue.with().deduplication(window(scope)).build();
            }
            case REDRIVE_POLICY -> {
                RedrivePolicy policy = RedrivePolicy.read(value);
                yield queue.withDeadLetter(policy.receiveCountMax(), policy.target());
            }
            // The name says it.
            case FIFO_QUEUE -> queue;
            default -> {
                Map<String, String> arguments = new HashMap<>(queue.arguments());
                if (value.isEmpty()) {
                    arguments.remove(argument());
                } else {
                    arguments.put(argument(), value);
                }
                yield queue.withArguments(arguments);
            }
        };
    }

    private String argument() {
        return ARGUMENT_PREFIX + title;
    }

    /// The value that holds for a queue, whoever declared it, or null if it has none.
    @Nullable String held(Definition.Queue queue) {
        boolean fifo = QueueAddress.isFifo(queue.name());
        if (this == MESSAGE_RETENTION_PERIOD) {
            Duration retention = queue.retention();
            return retention == null ? null : Long.toString(retention.toSeconds());
        }
        if (this == MAXIMUM_MESSAGE_SIZE) {
            // Whatever other protocols may put, nobody can send more than this through SQS.
            long limit = queue.messageBytesMax();
            long bytes = limit == 0 ? Outgoing.BYTES_MAX : Math.min(limit, Outgoing.BYTES_MAX);
            return Long.toString(bytes);
        }
        if (this == FIFO_QUEUE) {
            return fifo ? "true" : "false";
        }
        if (this == DEDUPLICATION_SCOPE && fifo) {
            Deduplication known = queue.deduplication();
            return known != null && known.scope() == Deduplication.Scope.GROUP
                    ? "messageGroup"
                    : "queue";
        }
        String kept = queue.arguments().get(argument());
        return switch (rule) {
            case Rule.Whole(int least, int most, int usual) ->
                    Integer.toString(kept == null ? usual : number(kept, least, most));
            case Rule.Choice(List<String> words, boolean onlyFifo) -> {
                String usual = onlyFifo && !fifo ? null : words.getFirst();
                yield kept == null ? usual : kept;
            }
            case Rule.Document _, Rule.ReadOnly _ -> kept;
        };
    }

    /// Whether `value`, which has been checked, is what holds for a queue, whoever declared it.
    boolean is(String value, Definition.Queue queue) {
        if (this == REDRIVE_POLICY) {
            return RedrivePolicy.read(value).equals(RedrivePolicy.of(queue));
        }
        String held = held(queue);
        return switch (rule) {
            case Rule.Whole _ -> held != null && Integer.parseInt(held) == Integer.parseInt(value);
            case Rule.Choice _, Rule.ReadOnly _ -> value.equals(held);
            case Rule.Document _ -> value.equals(Objects.requireNonNullElse(held, ""));
        };
    }

    /// The number that holds for a queue, whoever declared it, of those that every queue has.
    int number(Definition.Queue queue) {
        return Integer.parseInt(Objects.requireNonNull(held(queue)));
    }

    /// Its value as an answer shows it, or null if the queue has none.
    @Nullable String value(View.QueueView view, Caller caller) {
        Definition.Queue queue = view.definition();
        return switch (this) {
            case QUEUE_ARN -> QueueAddress.arn(caller, queue.name());
            case CREATED_TIMESTAMP -> Long.toString(view.created().getEpochSecond());
            case LAST_MODIFIED_TIMESTAMP -> Long.toString(view.modified().getEpochSecond());
            case APPROXIMATE_NUMBER_OF_MESSAGES -> Long.toString(view.counts().ready());
            case APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE ->
                    Long.toString(view.counts().leased());
            case APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED -> Long.toString(view.counts().delayed());
            case REDRIVE_POLICY -> RedrivePolicy.of(queue).json(caller);
            case FIFO_QUEUE -> QueueAddress.isFifo(queue.name()) ? "true" : null;
            case KMS_DATA_KEY_REUSE_PERIOD_SECONDS ->
                    KMS_MASTER_KEY_ID.held(queue) == null ? null : held(queue);
            default -> held(queue);
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
        throw invalid(value, "It must be a whole number from " + least + " to " + most + ".");
    }

    /// The fault that says that `value` is none that this attribute can have.
    FaultException invalid(String value, String reason) {
        return SqsError.INVALID_ATTRIBUTE_VALUE.with(
                "Invalid value for the parameter " + title + ": " + value + ". " + reason);
    }
}
