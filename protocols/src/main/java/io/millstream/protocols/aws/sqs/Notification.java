package io.millstream.protocols.aws.sqs;

import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.protocols.aws.wire.Tree;
import io.millstream.protocols.aws.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Objects;

/// What a receiver sees of a message that a topic of SNS sent, unless its delivery is raw: JSON
/// around it. The message is stored as it was published, once for all queues, and the JSON is made
/// for whoever receives it. Headers say what the JSON needs; no sender can give such names.
public final class Notification {
    /// How all these headers begin.
    public static final String PREFIX = "AWS.SNS.";

    /// The header with the ARN of the topic.
    public static final String TOPIC = PREFIX + "TopicArn";

    /// The header with the subject, if there is one.
    public static final String SUBJECT = PREFIX + "Subject";

    /// The header with the version of signatures, unless it is 1.
    public static final String SIGNATURE_VERSION = PREFIX + "SignatureVersion";

    /// The header with the number of a message of a FIFO topic.
    public static final String SEQUENCE = PREFIX + "SequenceNumber";

    /// How headers begin that hold the text for endpoints of a protocol, where it is another one.
    public static final String TEXT = PREFIX + "Text.";

    /// The header that a subscription adds whose delivery is not raw. It is the same for all, so
    /// that their queues share one message in the log.
    public static final Header WRAPPED = Header.text(PREFIX + "Wrapped", "true");

    /// The header of a message that comes from the topic's archive.
    public static final Header REPLAYED = Header.text(PREFIX + "Replayed", "true");

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

    private Notification() {}

    static boolean isPart(Header header) {
        return header.name().startsWith(PREFIX);
    }

    /// The JSON, or null for a message that is received as it is.
    static @Nullable String of(Message message, String text) {
        if (!isWrapped(message)) {
            return null;
        }
        Tree.Fields json = begin("Notification", message, text);
        // A signature for each receiver would cost more than all the rest.
        addAttributes(json.with("SignatureVersion", signatureVersion(message)), message);
        return write(json);
    }

    /// Whether JSON stands around what a receiver gets.
    public static boolean isWrapped(Message message) {
        return message.header(TOPIC).isPresent() && message.header(WRAPPED.name()).isPresent();
    }

    /// What the JSON begins with.
    ///
    /// @param type what kind of message it is
    public static Tree.Fields begin(String type, Message message, String text) {
        return Tree.Fields.empty()
                .with("Type", type)
                .with("MessageId", message.id())
                .with("SequenceNumber", header(message, SEQUENCE))
                .with("TopicArn", header(message, TOPIC))
                .with("Subject", header(message, SUBJECT))
                .with("Message", text)
                .with("Timestamp", timestamp(message))
                .with("Replayed", header(message, REPLAYED.name()));
    }

    /// When it was published, as AWS writes it.
    public static String timestamp(Message message) {
        Instant time = Objects.requireNonNullElse(message.time(), Instant.EPOCH);
        return TIMESTAMP.format(time.atOffset(ZoneOffset.UTC));
    }

    /// The version of its signature.
    public static String signatureVersion(Message message) {
        return Objects.requireNonNullElse(header(message, SIGNATURE_VERSION), "1");
    }

    /// The text of a header, or null if there is none.
    public static @Nullable String header(Message message, String name) {
        return message.header(name).map(Header::text).orElse(null);
    }

    /// Adds what the publisher named.
    public static void addAttributes(Tree.Fields json, Message message) {
        Tree.Fields attributes = Tree.Fields.empty();
        for (Header header : message.headers()) {
            if (!SystemAttribute.isSystem(header)) {
                MessageAttribute attribute = MessageAttribute.of(header);
                String value =
                        attribute.isBinary()
                                ? Base64.getEncoder().encodeToString(attribute.value().toArray())
                                : attribute.value().utf8();
                attributes.with(
                        attribute.name(),
                        Tree.Fields.empty().with("Type", attribute.type()).with("Value", value));
            }
        }
        if (!attributes.members().isEmpty()) {
            json.with("MessageAttributes", attributes);
        }
    }

    /// The JSON's text.
    public static String write(Tree.Fields json) {
        byte[] bytes = Wire.JSON.answer(SqsService.DIALECT, "", "", json);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
