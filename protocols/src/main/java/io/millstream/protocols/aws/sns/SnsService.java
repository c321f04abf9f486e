package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.SqsService;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Dialect;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfEntries;
import io.millstream.protocols.aws.wire.Dialect.Plural.OfItems;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
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
                            "PublishBatchRequestEntries",
                                    new OfItems("PublishBatchRequestEntries")),
                    true);

    private static final Map<String, Set<String>> PARAMETERS =
            Map.ofEntries(
                    Map.entry("CreateTopic", Set.of("Name", "Attributes", "Tags")),
                    Map.entry("DeleteTopic", Set.of("TopicArn")),
                    Map.entry("ListTopics", Set.of("NextToken")),
                    Map.entry("GetTopicAttributes", Set.of("TopicArn")),
                    Map.entry(
                            "SetTopicAttributes",
                            Set.of("TopicArn", "AttributeName", "AttributeValue")),
                    Map.entry("TagResource", Set.of("ResourceArn", "Tags")),
                    Map.entry("UntagResource", Set.of("ResourceArn", "TagKeys")),
                    Map.entry("ListTagsForResource", Set.of("ResourceArn")),
                    Map.entry(
                            "Subscribe",
                            Set.of(
                                    "TopicArn",
                                    "Protocol",
                                    "Endpoint",
                                    "Attributes",
                                    "ReturnSubscriptionArn")),
                    Map.entry(
                            "ConfirmSubscription",
                            Set.of("TopicArn", "Token", "AuthenticateOnUnsubscribe")),
                    Map.entry("Unsubscribe", Set.of("SubscriptionArn")),
                    Map.entry("ListSubscriptions", Set.of("NextToken")),
                    Map.entry("ListSubscriptionsByTopic", Set.of("TopicArn", "NextToken")),
                    Map.entry("GetSubscriptionAttributes", Set.of("SubscriptionArn")),
                    Map.entry(
                            "SetSubscriptionAttributes",
                            Set.of("SubscriptionArn", "AttributeName", "AttributeValue")),
                    Map.entry("Publish", Publishing.PARAMETERS),
                    Map.entry("PublishBatch", Set.of("TopicArn", "PublishBatchRequestEntries")));

    private final Map<String, Action> actions = new HashMap<>();

    /// A request's work.
    interface Action {
        CompletionStage<Tree> run(Input input, Caller caller);
    }

    /// For one event loop.
    ///
    /// @param sqs has the backend of this loop
    /// @param random makes ids
    public SnsService(SqsService sqs, RandomGenerator random) {
        Topics topics = new Topics(sqs.store());
        actions.put("CreateTopic", topics::create);
        actions.put("DeleteTopic", topics::delete);
        actions.put("ListTopics", topics::list);
        actions.put("GetTopicAttributes", topics::attributes);
        actions.put("SetTopicAttributes", topics::setAttribute);
        actions.put("TagResource", topics::tag);
        actions.put("UntagResource", topics::untag);
        actions.put("ListTagsForResource", topics::tags);
        Subscriptions subscriptions = new Subscriptions(sqs.store(), topics, random);
        actions.put("Subscribe", subscriptions::subscribe);
        actions.put("ConfirmSubscription", subscriptions::confirm);
        actions.put("Unsubscribe", subscriptions::unsubscribe);
        actions.put("ListSubscriptions", subscriptions::list);
        actions.put("ListSubscriptionsByTopic", subscriptions::listByTopic);
        actions.put("GetSubscriptionAttributes", subscriptions::attributes);
        actions.put("SetSubscriptionAttributes", subscriptions::setAttribute);
        Publishing publishing = new Publishing(sqs.store(), topics, random);
        actions.put("Publish", publishing::publish);
        actions.put("PublishBatch", publishing::publishBatch);
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
