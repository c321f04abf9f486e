package io.millstream.protocols.aws.sqs;

import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.api.Session;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Dialect;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfEntries;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfItems;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/// All actions of SQS, for one event loop: used on that loop only.
public final class SqsService {
    /// How SQS is written on the wire.
    public static final Dialect DIALECT =
            new Dialect(
                    "AmazonSQS",
                    "2012-11-05",
                    "http://queue.amazonaws.com/doc/2012-11-05/",
                    Map.ofEntries(
                            Map.entry("Attribute", named("Attributes")),
                            Map.entry("MessageAttribute", named("MessageAttributes")),
                            Map.entry("MessageSystemAttribute", named("MessageSystemAttributes")),
                            Map.entry("Tag", new OfEntries("Tags", "Key", "Value")),
                            Map.entry("TagKey", new OfItems("TagKeys")),
                            Map.entry("AWSAccountId", new OfItems("AWSAccountIds")),
                            Map.entry("ActionName", new OfItems("Actions")),
                            Map.entry("AttributeName", new OfItems("AttributeNames")),
                            Map.entry("MessageAttributeName", new OfItems("MessageAttributeNames")),
                            Map.entry(
                                    "MessageSystemAttributeName",
                                    new OfItems("MessageSystemAttributeNames")),
                            Map.entry("SendMessageBatchRequestEntry", new OfItems("Entries")),
                            Map.entry("DeleteMessageBatchRequestEntry", new OfItems("Entries")),
                            Map.entry(
                                    "ChangeMessageVisibilityBatchRequestEntry",
                                    new OfItems("Entries"))),
                    false);

    /// What it needs of a backend.
    public static final Set<Feature> NEEDS =
            Set.of(
                    Feature.QUEUES,
                    Feature.ATOMIC_COMMIT,
                    Feature.ROWS,
                    Feature.BROWSE,
                    Feature.DELAY,
                    Feature.RETENTION,
                    Feature.DEAD_LETTER,
                    Feature.GROUPS,
                    Feature.DEDUPLICATION,
                    Feature.PURGE,
                    Feature.MOVE);

    private static final Map<String, Entrance> ENTRANCES = entrances();

    private final Tools tools;

    /// How a request of one action becomes an [Action].
    ///
    /// @param parameters all that it knows, honoured or refused by name
    /// @param reader reads and checks them
    private record Entrance(Set<String> parameters, BiFunction<Input, Tools, Action> reader) {}

    /// For one event loop.
    ///
    /// @param shared what all loops share
    /// @param loop runs tasks on the event loop
    /// @param random makes message ids
    public SqsService(Shared shared, Executor loop, RandomGenerator random) {
        Store store = new Store(shared.backend(), shared.session(), loop);
        tools =
                new Tools(
                        store,
                        new Declared(store),
                        new SentIds(store),
                        new ReceiptHandles(shared.secret()),
                        new PageTokens(shared.secret()),
                        new Digests(),
                        random,
                        shared.mover(),
                        shared.traffic());
    }

    /// What the services of all event loops share.
    ///
    /// @param backend where the messages are
    /// @param session under which messages are leased; timed leases outlive it
    /// @param secret by which receipt handles are known to be genuine
    /// @param mover moves messages out of dead-letter queues
    /// @param traffic counts what passes
    public record Shared(
            Backend backend, Session session, ReceiptSecret secret, Mover mover, Traffic traffic) {}

    /// The backend, for what other services do on this loop.
    public Store store() {
        return tools.store();
    }

    /// Where pages begin, for what other services list on this loop.
    public PageTokens tokens() {
        return tools.tokens();
    }

    /// Does what the request asks for. Faults come as failures of the stage, which completes on the
    /// event loop.
    public CompletionStage<Tree> run(Input input, Caller caller) {
        try {
            Permission.demand(input, caller);
            return entrance(input).apply(input, tools).run(tools, caller);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /// Whether there is an action of this name; others are not worth a meter.
    public static boolean knows(String action) {
        return ENTRANCES.containsKey(action);
    }

    private static BiFunction<Input, Tools, Action> entrance(Input input) {
        Entrance entrance = ENTRANCES.get(input.action());
        if (entrance != null) {
            input.allow(entrance.parameters());
            return entrance.reader();
        }
        throw AwsError.INVALID_ACTION.with(
                "The action " + input.action() + " is not valid for this endpoint.");
    }

    private static Map<String, Entrance> entrances() {
        Map<String, Entrance> all = new HashMap<>();
        all.put("CreateQueue", of(CreateQueue::read, "QueueName", "Attributes", "tags", "Tags"));
        all.put("GetQueueUrl", of(GetQueueUrl::read, "QueueName", "QueueOwnerAWSAccountId"));
        all.put("ListQueues", of(ListQueues::read, "QueueNamePrefix", "NextToken", "MaxResults"));
        all.put("DeleteQueue", of(DeleteQueue::read, "QueueUrl"));
        all.put("PurgeQueue", of(PurgeQueue::read, "QueueUrl"));
        all.put("GetQueueAttributes", of(GetQueueAttributes::read, "QueueUrl", "AttributeNames"));
        all.put("SetQueueAttributes", of(SetQueueAttributes::read, "QueueUrl", "Attributes"));
        Set<String> send = new HashSet<>(Outgoing.PARAMETERS);
        send.add("QueueUrl");
        all.put("SendMessage", of(SendMessage::read, send.toArray(String[]::new)));
        all.put("SendMessageBatch", of(SendMessageBatch::read, "QueueUrl", "Entries"));
        all.put(
                "ReceiveMessage",
                of(
                        ReceiveMessage::read,
                        "QueueUrl",
                        "AttributeNames",
                        "MessageSystemAttributeNames",
                        "MessageAttributeNames",
                        "MaxNumberOfMessages",
                        "VisibilityTimeout",
                        "WaitTimeSeconds",
                        "ReceiveRequestAttemptId"));
        all.put("DeleteMessage", of(DeleteMessage::read, "QueueUrl", "ReceiptHandle"));
        all.put("DeleteMessageBatch", of(DeleteMessageBatch::read, "QueueUrl", "Entries"));
        all.put(
                "ChangeMessageVisibility",
                of(
                        ChangeMessageVisibility::read,
                        "QueueUrl",
                        "ReceiptHandle",
                        "VisibilityTimeout"));
        all.put(
                "ChangeMessageVisibilityBatch",
                of(ChangeMessageVisibilityBatch::read, "QueueUrl", "Entries"));
        addManagement(all);
        return Map.copyOf(all);
    }

    private static void addManagement(Map<String, Entrance> all) {
        all.put("TagQueue", of(TagQueue::read, "QueueUrl", "Tags"));
        all.put("UntagQueue", of(UntagQueue::read, "QueueUrl", "TagKeys"));
        all.put("ListQueueTags", of(ListQueueTags::read, "QueueUrl"));
        all.put(
                "AddPermission",
                of(AddPermission::read, "QueueUrl", "Label", "AWSAccountIds", "Actions"));
        all.put("RemovePermission", of(RemovePermission::read, "QueueUrl", "Label"));
        all.put(
                "ListDeadLetterSourceQueues",
                of(ListDeadLetterSourceQueues::read, "QueueUrl", "NextToken", "MaxResults"));
        all.put(
                "StartMessageMoveTask",
                of(
                        StartMessageMoveTask::read,
                        "SourceArn",
                        "DestinationArn",
                        "MaxNumberOfMessagesPerSecond"));
        all.put("ListMessageMoveTasks", of(ListMessageMoveTasks::read, "SourceArn", "MaxResults"));
        all.put("CancelMessageMoveTask", of(CancelMessageMoveTask::read, "TaskHandle"));
    }

    private static Entrance of(BiFunction<Input, Tools, Action> reader, String... parameters) {
        return new Entrance(Set.of(parameters), reader);
    }

    private static OfEntries named(String member) {
        return new OfEntries(member, "Name", "Value");
    }
}
