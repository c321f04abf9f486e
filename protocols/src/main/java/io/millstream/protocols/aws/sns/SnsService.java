package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.PageTokens;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Dialect;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfEntries;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfItems;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// The actions of SNS, for one event loop: used on that loop only.
public final class SnsService {
    /// How SNS is written on the wire.
    public static final Dialect DIALECT =
            new Dialect(
                    "AmazonSNS",
                    "2010-03-31",
                    "http://sns.amazonaws.com/doc/2010-03-31/",
                    Map.of(
                            "Attributes", new OfEntries("Attributes", "key", "value"),
                            "MessageAttributes",
                                    new OfEntries("MessageAttributes", "Name", "Value"),
                            "Tags", new OfEntries("Tags", "Key", "Value"),
                            "TagKeys", new OfItems("TagKeys"),
                            "AWSAccountId", new OfItems("AWSAccountId"),
                            "ActionName", new OfItems("ActionName"),
                            "PublishBatchRequestEntries",
                                    new OfItems("PublishBatchRequestEntries")),
                    true);

    /// What it needs of a backend, besides what SQS needs.
    public static final Set<Feature> NEEDS =
            Set.of(Feature.ROUTING, Feature.TOPICS, Feature.ROWS, Feature.ATOMIC_COMMIT);

    private static final Map<String, Set<String>> PARAMETERS =
            Map.ofEntries(
                    knows("CreateTopic", "Name", "Attributes", "Tags", "DataProtectionPolicy"),
                    knows("DeleteTopic", "TopicArn"),
                    knows("ListTopics", "NextToken"),
                    knows("GetTopicAttributes", "TopicArn"),
                    knows("SetTopicAttributes", "TopicArn", "AttributeName", "AttributeValue"),
                    knows("AddPermission", "TopicArn", "Label", "AWSAccountId", "ActionName"),
                    knows("RemovePermission", "TopicArn", "Label"),
                    knows("TagResource", "ResourceArn", "Tags"),
                    knows("UntagResource", "ResourceArn", "TagKeys"),
                    knows("ListTagsForResource", "ResourceArn"),
                    knows(
                            "Subscribe",
                            "TopicArn",
                            "Protocol",
                            "Endpoint",
                            "Attributes",
                            "ReturnSubscriptionArn"),
                    knows("ConfirmSubscription", "TopicArn", "Token", "AuthenticateOnUnsubscribe"),
                    knows("Unsubscribe", "SubscriptionArn", "Token"),
                    knows("ListSubscriptions", "NextToken"),
                    knows("ListSubscriptionsByTopic", "TopicArn", "NextToken"),
                    knows("GetSubscriptionAttributes", "SubscriptionArn"),
                    knows(
                            "SetSubscriptionAttributes",
                            "SubscriptionArn",
                            "AttributeName",
                            "AttributeValue"),
                    Map.entry("Publish", published()),
                    knows("PublishBatch", "TopicArn", "PublishBatchRequestEntries"));

    private final Map<String, Action> actions = new HashMap<>();

    /// A request's work.
    interface Action {
        CompletionStage<Tree> run(Input input, Caller caller);
    }

    /// What the services of all event loops share.
    ///
    /// @param replayer sends archives again
    /// @param sequences number the messages of FIFO topics
    public record Shared(Replayer replayer, Sequences sequences) {}

    /// For one event loop.
    ///
    /// @param store the backend of this loop
    /// @param tokens reads and writes where pages begin
    /// @param shared what all loops share
    /// @param random makes ids
    public SnsService(Store store, PageTokens tokens, Shared shared, RandomGenerator random) {
        Roster roster = new Roster(store);
        Replays replays = new Replays(store, shared.replayer(), random);
        Topics topics = new Topics(store, tokens, random, replays, shared.sequences());
        actions.put("CreateTopic", topics::create);
        actions.put("DeleteTopic", topics::delete);
        actions.put("ListTopics", topics::list);
        actions.put("GetTopicAttributes", topics::attributes);
        actions.put("SetTopicAttributes", topics::setAttribute);
        Permissions permissions = new Permissions(topics);
        actions.put("AddPermission", permissions::add);
        actions.put("RemovePermission", permissions::remove);
        TopicTags tags = new TopicTags(topics);
        actions.put("TagResource", tags::tag);
        actions.put("UntagResource", tags::untag);
        actions.put("ListTagsForResource", tags::list);
        Subscribing subscribing = new Subscribing(store, topics, roster, random, replays);
        actions.put("Subscribe", subscribing::subscribe);
        actions.put("ConfirmSubscription", subscribing::confirm);
        Subscriptions subscriptions =
                new Subscriptions(store, topics, roster, subscribing, replays);
        actions.put("Unsubscribe", subscriptions::unsubscribe);
        SubscriptionList list = new SubscriptionList(store, tokens, topics);
        actions.put("ListSubscriptions", list::all);
        actions.put("ListSubscriptionsByTopic", list::ofTopic);
        actions.put("GetSubscriptionAttributes", subscriptions::attributes);
        actions.put("SetSubscriptionAttributes", subscriptions::setAttribute);
        Publishing publishing = new Publishing(store, topics, shared.sequences(), random);
        actions.put("Publish", publishing::publish);
        actions.put("PublishBatch", publishing::publishBatch);
    }

    private static Map.Entry<String, Set<String>> knows(String action, String... parameters) {
        return Map.entry(action, Set.of(parameters));
    }

    private static Set<String> published() {
        Set<String> parameters = new HashSet<>(Draft.PARAMETERS);
        parameters.addAll(Set.of("TopicArn", "TargetArn", "PhoneNumber"));
        return Set.copyOf(parameters);
    }

    /// Whether there is an action of this name; others are not worth a meter.
    public static boolean knows(String action) {
        return PARAMETERS.containsKey(action);
    }

    /// Does what the request asks for. Faults come as failures of the stage, which completes on the
    /// event loop.
    public CompletionStage<Tree> run(Input input, Caller caller) {
        Action action = actions.get(input.action());
        try {
            if (action == null) {
                throw AwsError.INVALID_ACTION.with(
                        "The action "
                                + input.action()
                                + " is not valid for this endpoint. docs/sns.md lists those of SNS"
                                + " that are there.");
            }
            input.allow(PARAMETERS.getOrDefault(input.action(), Set.of()));
            return action.run(input, caller);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /// Refuses, by a fault, a caller that may not do this.
    ///
    /// @param verb what, or null for anything at all
    static void demand(
            @Nullable Verb verb, ChannelName name, String arn, String action, Caller caller) {
        boolean may =
                verb == null
                        ? caller.principal().mayAnything(name)
                        : caller.principal().may(verb, name);
        if (!may) {
            throw SnsError.AUTHORIZATION_ERROR.with(
                    "User: "
                            + caller.principal().name()
                            + " is not authorized to perform: SNS:"
                            + action
                            + " on resource: "
                            + arn
                            + " because no grant of this user allows to "
                            + (verb == null ? "do anything with" : verb.word())
                            + " it.");
        }
    }
}
