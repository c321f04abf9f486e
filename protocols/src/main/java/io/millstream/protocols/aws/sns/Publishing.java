package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.MessageAttribute;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.JsonValues;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Publish and PublishBatch. A message is routed as it was published; what wraps it is made when it
/// is received, so that filters see the original and all queues share one body.
final class Publishing {
    static final Set<String> PARAMETERS =
            Set.of(
                    "TopicArn",
                    "TargetArn",
                    "Message",
                    "Subject",
                    "MessageStructure",
                    "MessageAttributes",
                    "MessageGroupId",
                    "MessageDeduplicationId");

    private static final Set<String> ENTRY =
            Set.of(
                    "Id",
                    "Message",
                    "Subject",
                    "MessageStructure",
                    "MessageAttributes",
                    "MessageGroupId",
                    "MessageDeduplicationId");
    private static final int BYTES_MAX = 262_144;
    private static final int ENTRIES_MAX = 10;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,80}");
    private static final Pattern SUBJECT = Pattern.compile("[!-~][ -~]{0,99}");
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,128}");
    private static final Pattern UNSPEAKABLE =
            Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]");

    private final Store store;
    private final Topics topics;
    private final RandomGenerator random;

    Publishing(Store store, Topics topics, RandomGenerator random) {
        this.store = store;
        this.topics = topics;
        this.random = random;
    }

    CompletionStage<Tree> publish(Input input, Caller caller) {
        String parameter = input.has("TopicArn") ? "TopicArn" : "TargetArn";
        if (input.has("TopicArn") && input.has("TargetArn")) {
            throw SnsError.invalid("TargetArn", "Give TopicArn or TargetArn, not both.");
        }
        ChannelName topic = Topics.named(input, parameter, Verb.WRITE, caller);
        return topics.find(topic)
                .thenCompose(view -> {
                    Message message = read(input, view, input.requiredText(parameter));
                    return store.commit(operation(topic, message))
                            .thenApply(receipt -> {
                                SnsError.committed(receipt);
                                return Tree.Fields.empty().with("MessageId", message.id());
                            });
                });
    }

    private static Operation operation(ChannelName topic, Message message) {
        // Refusing is what loses nothing: the publisher sends it again.
        return new Operation.Publish(topic, "", message, Operation.WhenFull.REFUSE);
    }

    private Message read(Input input, View.ExchangeView topic, String arn) {
        String text = text(input);
        String subject = input.text("Subject");
        if (subject != null && !SUBJECT.matcher(subject).matches()) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: Subject");
        }
        Message.Builder message =
                Message.builder(text)
                        .id(new UUID(random.nextLong(), random.nextLong()).toString())
                        .time(store.now());
        List<MessageAttribute> attributes = MessageAttribute.read(input);
        long bytes = text.getBytes(StandardCharsets.UTF_8).length;
        for (MessageAttribute attribute : attributes) {
            message.header(attribute.header());
            bytes += attribute.bytes();
        }
        if (bytes > BYTES_MAX) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: Message too long");
        }
        message.header(Header.text(Notification.TOPIC, arn));
        if (subject != null) {
            message.header(Header.text(Notification.SUBJECT, subject));
        }
        group(input, topic, text, message);
        return message.build();
    }

    private static String text(Input input) {
        String given = input.requiredText("Message");
        String structure = input.text("MessageStructure");
        if (structure != null && !structure.equals("json")) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: MessageStructure");
        }
        String text = structure == null ? given : ofStructure(given);
        if (UNSPEAKABLE.matcher(text).find()) {
            throw SnsError.invalid(
                    "Message", "It has a control character that no message of SQS may have.");
        }
        return text;
    }

    private static String ofStructure(String given) {
        try {
            Map<String, @Nullable Object> texts = JsonValues.object(given);
            if (!(texts.get("default") instanceof String standard)) {
                throw SnsError.invalid(
                        "Message Structure", "No default entry in JSON message body");
            }
            return texts.get("sqs") instanceof String own ? own : standard;
        } catch (IllegalArgumentException e) {
            throw SnsError.invalid(
                    "Message Structure", "JSON message body failed to parse. " + e.getMessage());
        }
    }

    private static void group(
            Input input, View.ExchangeView topic, String text, Message.Builder message) {
        String group = token(input, "MessageGroupId");
        String deduplication = token(input, "MessageDeduplicationId");
        if (!TopicName.isFifo(topic.definition().name())) {
            if (deduplication != null) {
                throw SnsError.invalid(
                        "MessageDeduplicationId",
                        "The request includes MessageDeduplicationId parameter that is not valid"
                                + " for this topic type");
            }
            message.group(group);
            return;
        }
        if (group == null) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: The MessageGroupId parameter is required for FIFO topics");
        }
        if (deduplication == null && !Topics.isContentBased(topic)) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: The topic should either have ContentBasedDeduplication"
                            + " enabled or MessageDeduplicationId provided explicitly");
        }
        message.group(group).deduplication(deduplication == null ? sha256(text) : deduplication);
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

    CompletionStage<Tree> publishBatch(Input input, Caller caller) {
        ChannelName topic = Topics.named(input, "TopicArn", Verb.WRITE, caller);
        List<Input> entries = input.structures("PublishBatchRequestEntries");
        checkIds(entries);
        return topics.find(topic)
                .thenCompose(view -> {
                    Map<String, Message> sound = new LinkedHashMap<>();
                    Tree.Items failed = Tree.Items.of("member");
                    for (Input entry : entries) {
                        String id = entry.requiredText("Id");
                        try {
                            entry.allow(ENTRY);
                            sound.put(id, read(entry, view, input.requiredText("TopicArn")));
                        } catch (FaultException e) {
                            failed.items().add(failure(id, e.fault()));
                        }
                    }
                    checkBytes(sound);
                    List<Commit> commits = new ArrayList<>();
                    sound.values().forEach(one -> commits.add(Commit.of(operation(topic, one))));
                    CompletionStage<List<Receipt>> receipts =
                            commits.isEmpty()
                                    ? CompletableFuture.completedStage(List.of())
                                    : store.commit(commits);
                    return receipts.thenApply(all -> told(sound, all.iterator(), failed));
                });
    }

    private static void checkIds(List<Input> entries) {
        if (entries.isEmpty()) {
            throw SnsError.EMPTY_BATCH_REQUEST.with("The batch request doesn't contain entries.");
        }
        if (entries.size() > ENTRIES_MAX) {
            throw SnsError.TOO_MANY_ENTRIES.with(
                    "The batch request contains more entries than permissible (10).");
        }
        Set<String> ids = new HashSet<>();
        for (Input entry : entries) {
            String id = entry.requiredText("Id");
            if (!ID.matcher(id).matches()) {
                throw SnsError.INVALID_BATCH_ENTRY_ID.with(
                        "The Id " + id + " is not 1 to 80 letters, digits, hyphens, underscores.");
            }
            if (!ids.add(id)) {
                throw SnsError.BATCH_ENTRY_IDS_NOT_DISTINCT.with("Id " + id + " repeated.");
            }
        }
    }

    private static void checkBytes(Map<String, Message> sound) {
        long bytes = 0;
        for (Message message : sound.values()) {
            bytes += message.body().length();
        }
        if (bytes > BYTES_MAX) {
            throw SnsError.BATCH_REQUEST_TOO_LONG.with(
                    "The messages of the batch are longer than " + BYTES_MAX + " bytes.");
        }
    }

    private static Tree told(
            Map<String, Message> sound, Iterator<Receipt> receipts, Tree.Items failed) {
        Tree.Items successful = Tree.Items.of("member");
        sound.forEach((id, message) -> {
            switch (receipts.next()) {
                case Receipt.Committed _ ->
                        successful
                                .items()
                                .add(
                                        Tree.Fields.empty()
                                                .with("Id", id)
                                                .with("MessageId", message.id()));
                case Receipt.Refused refused ->
                        failed.items().add(failure(id, SnsError.of(refused.refusal())));
            }
        });
        return Tree.Fields.empty()
                .with("Successful", Tree.Fields.empty().with("member", successful))
                .with("Failed", Tree.Fields.empty().with("member", failed));
    }

    private static Tree.Fields failure(String id, Fault fault) {
        return Tree.Fields.empty()
                .with("Id", id)
                .with("Code", fault.code())
                .with("Message", fault.message())
                .with("SenderFault", new Tree.Flag(fault.sender()));
    }
}
