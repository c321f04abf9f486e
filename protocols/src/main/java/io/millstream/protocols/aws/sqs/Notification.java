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
    private static final String PREFIX = "AWS.SNS.";

    /// The header with the ARN of the topic.
    public static final String TOPIC = PREFIX + "TopicArn";

    /// The header with the subject, if there is one.
    public static final String SUBJECT = PREFIX + "Subject";

    /// The header that a subscription adds whose delivery is not raw. It is the same for all, so
    /// that their queues share one message in the log.
    public static final Header WRAPPED = Header.text(PREFIX + "Wrapped", "true");

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

    private Notification() {}

    static boolean isPart(Header header) {
        return header.name().startsWith(PREFIX);
    }

    /// The JSON, or null for a message that is received as it is.
    static @Nullable String of(Message message, String text) {
        String topic = message.header(TOPIC).map(Header::text).orElse(null);
        if (topic == null || message.header(WRAPPED.name()).isEmpty()) {
            return null;
        }
        Instant time = Objects.requireNonNullElse(message.time(), Instant.EPOCH);
        Tree.Fields json =
                Tree.Fields.empty()
                        .with("Type", "Notification")
                        .with("MessageId", message.id())
                        .with("TopicArn", topic)
                        .with("Subject", message.header(SUBJECT).map(Header::text).orElse(null))
                        .with("Message", text)
                        .with("Timestamp", TIMESTAMP.format(time.atOffset(ZoneOffset.UTC)))
                        .with("SignatureVersion", "1");
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
        byte[] bytes = Wire.JSON.answer(SqsService.DIALECT, "", "", json);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
