package io.millstream.protocols.aws.sns;

import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.protocols.aws.sqs.MessageAttribute;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.sqs.SqsText;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// A message as a publisher gives it, checked.
///
/// @param texts what each protocol gets; queues get the one of `sqs`
/// @param subject in one line, or null
/// @param attributes what the publisher named
/// @param group its message group, or null
/// @param deduplication by what duplicates are known, or null on a standard topic
/// @param bytes what it counts against the limit
record Draft(
        Map<String, String> texts,
        @Nullable String subject,
        List<MessageAttribute> attributes,
        @Nullable String group,
        @Nullable String deduplication,
        long bytes) {
    /// The most bytes of a message, and of all messages of a batch.
    static final int BYTES_MAX = 262_144;

    /// The parameters of a message, known or refused.
    static final Set<String> PARAMETERS =
            Set.of(
                    "Message",
                    "Subject",
                    "MessageStructure",
                    "MessageAttributes",
                    "MessageGroupId",
                    "MessageDeduplicationId");

    private static final String SQS = "sqs";
    private static final String DEFAULT = "default";
    private static final int ATTRIBUTES_MAX = 1_000;
    private static final Pattern SUBJECT = Pattern.compile("[!-~][ -~]{0,99}");
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,128}");

    /// Reads and checks what is published to a topic.
    ///
    /// @param fifo whether it is a FIFO topic
    /// @param contentBased whether the body says what a duplicate is, where nothing else does
    static Draft read(Input input, boolean fifo, boolean contentBased) {
        String given = input.text("Message");
        if (given == null || given.isEmpty()) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: Empty message");
        }
        long bytes = given.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > BYTES_MAX) {
            throw tooLong();
        }
        Map<String, String> texts = texts(given, input.text("MessageStructure"));
        String subject = input.text("Subject");
        if (subject != null && !SUBJECT.matcher(subject).matches()) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: Subject");
        }
        List<MessageAttribute> attributes = attributes(input);
        for (MessageAttribute attribute : attributes) {
            bytes += attribute.bytes();
        }
        if (bytes > BYTES_MAX) {
            throw tooLong();
        }
        String group = token(input, "MessageGroupId");
        String deduplication = token(input, "MessageDeduplicationId");
        if (!fifo) {
            if (deduplication != null) {
                throw SnsError.invalid(
                        "MessageDeduplicationId",
                        "The request includes MessageDeduplicationId parameter that is not valid"
                                + " for this topic type");
            }
            return new Draft(texts, subject, attributes, group, null, bytes);
        }
        if (group == null) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: The MessageGroupId parameter is required for FIFO topics");
        }
        if (deduplication == null && !contentBased) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: The topic should either have ContentBasedDeduplication"
                            + " enabled or MessageDeduplicationId provided explicitly");
        }
        return new Draft(
                texts,
                subject,
                attributes,
                group,
                deduplication == null ? sha256(given) : deduplication,
                bytes);
    }

    private static FaultException tooLong() {
        return SnsError.INVALID_PARAMETER.with("Invalid parameter: Message too long");
    }

    /// The errors of attributes are those of SQS, under SNS's name.
    private static List<MessageAttribute> attributes(Input input) {
        try {
            return MessageAttribute.read(input, ATTRIBUTES_MAX);
        } catch (FaultException e) {
            String message = e.fault().message();
            if (e.fault().code().equals(AwsError.INVALID_PARAMETER.fault("").code())) {
                throw SnsError.PARAMETER_VALUE_INVALID.with(message);
            }
            throw e;
        }
    }

    private static Map<String, String> texts(String given, @Nullable String structure) {
        if (structure != null && !structure.equals("json")) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: MessageStructure");
        }
        Map<String, String> texts = structure == null ? Map.of(DEFAULT, given) : ofStructure(given);
        for (String text : texts.values()) {
            if (SqsText.firstInvalid(text) >= 0) {
                throw SnsError.invalid(
                        "Message",
                        "It has a control character, or half of one, that no message of SQS may"
                                + " have.");
            }
        }
        return texts;
    }

    private static Map<String, String> ofStructure(String given) {
        Map<String, @Nullable Object> all;
        try {
            all = JsonValues.object(given);
        } catch (IllegalArgumentException e) {
            throw SnsError.invalid(
                    "Message Structure", "JSON message body failed to parse. " + e.getMessage());
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (String name : List.of(DEFAULT, SQS, "http", "https")) {
            if (all.get(name) instanceof String text) {
                texts.put(name, text);
            } else if (all.containsKey(name)) {
                throw SnsError.invalid("Message Structure", "The entry " + name + " is no text.");
            }
        }
        if (!texts.containsKey(DEFAULT)) {
            throw SnsError.invalid("Message Structure", "No default entry in JSON message body");
        }
        return texts;
    }

    private static @Nullable String token(Input input, String name) {
        String token = input.text(name);
        if (token != null && !TOKEN.matcher(token).matches()) {
            throw SnsError.invalid(
                    name, "It has 1 to 128 letters, digits and punctuation characters.");
        }
        return token;
    }

    private static String sha256(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SNS needs.", e);
        }
    }

    /// The message that all subscriptions share.
    ///
    /// @param id the one that its publisher is told
    /// @param arn of the topic
    /// @param signature the topic's version of signatures
    /// @param sequence its place in a FIFO topic, or null
    Message message(
            String id, String arn, Instant now, String signature, @Nullable String sequence) {
        String usual = texts.getOrDefault(DEFAULT, "");
        String body = texts.getOrDefault(SQS, usual);
        Message.Builder message =
                Message.builder(body).id(id).time(now).group(group).deduplication(deduplication);
        attributes.forEach(attribute -> message.header(attribute.header()));
        message.header(Notification.TOPIC, arn);
        if (subject != null) {
            message.header(Notification.SUBJECT, subject);
        }
        if (!signature.equals("1")) {
            message.header(Notification.SIGNATURE_VERSION, signature);
        }
        if (sequence != null) {
            message.header(Notification.SEQUENCE, sequence);
        }
        for (String protocol : List.of("http", "https")) {
            String own = texts.getOrDefault(protocol, usual);
            if (!own.equals(body)) {
                message.header(Header.text(Notification.TEXT + protocol, own));
            }
        }
        return message.build();
    }
}
