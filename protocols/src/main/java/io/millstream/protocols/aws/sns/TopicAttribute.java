package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.push.DeliveryPolicy;
import io.millstream.protocols.aws.sqs.AccessPolicy;
import io.millstream.protocols.aws.sqs.SqsText;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/// The attributes of a topic that a client may set, as AWS names them. They are kept as they are
/// given, but for spaces in JSON, among the arguments of the topic's exchange.
enum TopicAttribute {
    DISPLAY_NAME("DisplayName", ""),
    POLICY("Policy", ""),
    DELIVERY_POLICY("DeliveryPolicy", ""),
    SIGNATURE_VERSION("SignatureVersion", "1"),
    TRACING_CONFIG("TracingConfig", "PassThrough"),
    KMS_MASTER_KEY_ID("KmsMasterKeyId", ""),
    FIFO_TOPIC("FifoTopic", "false"),
    CONTENT_BASED_DEDUPLICATION("ContentBasedDeduplication", "false"),
    FIFO_THROUGHPUT_SCOPE("FifoThroughputScope", "Topic"),
    ARCHIVE_POLICY("ArchivePolicy", "");

    private static final String ARGUMENT = "sns.attribute.";
    private static final int DISPLAY_NAME_CHARS_MAX = 100;
    private static final int KEY_CHARS_MAX = 2048;
    private static final int DOCUMENT_CHARS_MAX = 8_192;
    private static final Map<String, TopicAttribute> BY_TITLE = new HashMap<>();

    static {
        for (TopicAttribute attribute : values()) {
            BY_TITLE.put(attribute.title, attribute);
        }
    }

    private final String title;
    private final String usual;

    TopicAttribute(String title, String usual) {
        this.title = title;
        this.usual = usual;
    }

    /// AWS's name of it.
    String title() {
        return title;
    }

    /// Under which name it is kept.
    String argument() {
        return ARGUMENT + title;
    }

    /// The attribute that AWS calls `title`; a fault if nobody can set one of this name.
    static TopicAttribute named(String title) {
        TopicAttribute attribute = BY_TITLE.get(title);
        if (attribute == null) {
            throw SnsError.invalid(
                    "AttributeName",
                    "There is no attribute "
                            + title
                            + " that can be set. docs/sns.md lists those of topics.");
        }
        return attribute;
    }

    /// Its value for a topic with these arguments; its usual one if none was given.
    String held(Map<String, String> arguments) {
        return arguments.getOrDefault(argument(), usual);
    }

    /// Whether its value is shown for a topic with these arguments.
    boolean isShown(ChannelName topic, Map<String, String> arguments) {
        return switch (this) {
            case DISPLAY_NAME, POLICY -> true;
            case DELIVERY_POLICY, KMS_MASTER_KEY_ID, ARCHIVE_POLICY -> !held(arguments).isEmpty();
            case SIGNATURE_VERSION, TRACING_CONFIG -> arguments.containsKey(argument());
            case FIFO_TOPIC, CONTENT_BASED_DEDUPLICATION, FIFO_THROUGHPUT_SCOPE ->
                    TopicName.isFifo(topic);
        };
    }

    /// Whether only FIFO topics have it.
    private boolean isOfFifo() {
        return switch (this) {
            case CONTENT_BASED_DEDUPLICATION, FIFO_THROUGHPUT_SCOPE, ARCHIVE_POLICY -> true;
            case DISPLAY_NAME,
                    POLICY,
                    DELIVERY_POLICY,
                    SIGNATURE_VERSION,
                    TRACING_CONFIG,
                    KMS_MASTER_KEY_ID,
                    FIFO_TOPIC ->
                    false;
        };
    }

    /// A value as it is kept; a document without the spaces between its parts.
    ///
    /// @throws IllegalArgumentException if it is too long for one
    String kept(String value) {
        return this == DELIVERY_POLICY || this == ARCHIVE_POLICY
                ? JsonValues.kept(value, DOCUMENT_CHARS_MAX)
                : value;
    }

    /// Refuses a value that it cannot have.
    void check(ChannelName topic, String value) {
        if (isOfFifo() && !TopicName.isFifo(topic)) {
            throw SnsError.invalid("Attributes", "Only FIFO topics have " + title + ".");
        }
        if (SqsText.firstInvalid(value) >= 0) {
            throw SnsError.invalid(
                    "Attributes", "Invalid value for " + title + ": It has a control character.");
        }
        String wrong =
                switch (this) {
                    case DISPLAY_NAME ->
                            value.length() <= DISPLAY_NAME_CHARS_MAX
                                    ? null
                                    : "It has at most " + DISPLAY_NAME_CHARS_MAX + " characters.";
                    case KMS_MASTER_KEY_ID ->
                            value.length() <= KEY_CHARS_MAX
                                    ? null
                                    : "It has at most " + KEY_CHARS_MAX + " characters.";
                    case SIGNATURE_VERSION -> choice(value, "1", "2");
                    case TRACING_CONFIG -> choice(value, "PassThrough", "Active");
                    case FIFO_TOPIC, CONTENT_BASED_DEDUPLICATION -> choice(value, "true", "false");
                    case FIFO_THROUGHPUT_SCOPE -> choice(value, "Topic", "MessageGroup");
                    case POLICY -> reason(() -> AccessPolicy.read(AccessPolicy.Kind.TOPIC, value));
                    case DELIVERY_POLICY -> reason(() -> DeliveryPolicy.ofTopic(kept(value)));
                    case ARCHIVE_POLICY -> reason(() -> Archive.days(kept(value)));
                };
        if (wrong != null) {
            throw SnsError.invalid("Attributes", "Invalid value for " + title + ": " + wrong);
        }
    }

    private static @Nullable String choice(String value, String one, String other) {
        return value.equals(one) || value.equals(other)
                ? null
                : "It is " + one + " or " + other + ".";
    }

    private static @Nullable String reason(Runnable check) {
        try {
            check.run();
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }
}
