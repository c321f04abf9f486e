package io.millstream.protocols.aws.sns;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Target;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// The actions on subscriptions. One is a binding from the topic's exchange to the queue; topic and
/// queue tell it from others, and its ARN's last part is among its arguments.
final class Subscriptions {
    private static final String ID = "sns.id";
    private static final String SQS = "sqs";

    private final Store store;
    private final Topics topics;
    private final RandomGenerator random;

    Subscriptions(Store store, Topics topics, RandomGenerator random) {
        this.store = store;
        this.topics = topics;
        this.random = random;
    }

    CompletionStage<Tree> subscribe(Input input, Caller caller) {
        ChannelName topic = Topics.named(input, "TopicArn", Verb.MANAGE, caller);
        String protocol = input.requiredText("Protocol");
        if (!protocol.equals(SQS)) {
            throw SnsError.invalid(
                    "Protocol",
                    "Subscriptions of the protocol " + protocol + " are not supported. Use sqs.");
        }
        ChannelName queue = queue(input, topic);
        SnsService.demand(
                Verb.MANAGE, queue, QueueAddress.arn(caller, queue), input.action(), caller);
        var attributes = new SubscriptionAttributes(input.textMap("Attributes")).checked();
        String id = new UUID(random.nextLong(), random.nextLong()).toString();
        var name = new BindingName(topic, new Target.Channel(queue), "", SQS);
        var binding = attributes.applied(Definition.Binding.of(name).withArguments(Map.of(ID, id)));
        return topics.find(topic)
                .thenCompose(
                        _ -> store.commit(new Operation.Define(binding, Expect.Nothing.NOTHING)))
                .thenCompose(receipt -> {
                    if (!Topics.isConflict(receipt)) {
                        SnsError.committed(receipt);
                        return CompletableFuture.completedStage(binding);
                    }
                    return same(binding, attributes);
                })
                .thenApply(
                        there -> Tree.Fields.empty().with("SubscriptionArn", arn(caller, there)));
    }

    private static ChannelName queue(Input input, ChannelName topic) {
        String endpoint = input.requiredText("Endpoint");
        ChannelName queue = QueueAddress.ofArn(endpoint);
        if (queue == null) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: SQS endpoint ARN");
        }
        if (QueueAddress.isFifo(queue) && !TopicName.isFifo(topic)) {
            throw SnsError.invalid(
                    "Endpoint", "FIFO SQS Queues can not be subscribed to standard SNS topics");
        }
        if (!QueueAddress.isFifo(queue) && TopicName.isFifo(topic)) {
            throw SnsError.invalid(
                    "Endpoint",
                    "This server delivers FIFO topics to FIFO queues only, which keep their"
                            + " promises.");
        }
        return queue;
    }

    /// The subscription that is there already, if it is what is asked for.
    private CompletionStage<Definition.Binding> same(
            Definition.Binding wanted, SubscriptionAttributes attributes) {
        var query = new Query.Bindings("/", wanted.name(), wanted.id().target(), null, 100);
        return store.find(query)
                .thenApply(page -> {
                    for (View.BindingView view : page.items()) {
                        if (view.definition().id().equals(wanted.id())) {
                            var held = SubscriptionAttributes.of(view.definition());
                            if (!held.shown().equals(attributes.shown())) {
                                throw SnsError.invalid(
                                        "Attributes",
                                        "Subscription already exists with different attributes");
                            }
                            return view.definition();
                        }
                    }
                    throw noSubscription();
                });
    }

    private static FaultException noSubscription() {
        return SnsError.NOT_FOUND.with("Subscription does not exist");
    }

    private static String arn(Caller caller, Definition.Binding binding) {
        return TopicName.arn(caller, binding.name()) + ':' + binding.arguments().get(ID);
    }

    /// Subscriptions of queues are confirmed when they are made, so no token was ever given.
    CompletionStage<Tree> confirm(Input input, Caller caller) {
        ChannelName topic = Topics.named(input, "TopicArn", Verb.MANAGE, caller);
        input.requiredText("Token");
        return topics.find(topic)
                .thenApply(_ -> {
                    throw SnsError.INVALID_PARAMETER.with("Invalid token");
                });
    }

    CompletionStage<Tree> unsubscribe(Input input, Caller caller) {
        return subscription(input, Verb.MANAGE, caller)
                .thenCompose(view ->
                        store.commit(
                                new Operation.Unbind(
                                        view.definition().id(),
                                        new Expect.Version(view.version()))))
                .thenCompose(receipt -> {
                    if (Topics.isConflict(receipt)) {
                        return unsubscribe(input, caller);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }

    /// The subscription that the request names, for a caller that may do this with its topic.
    private CompletionStage<View.BindingView> subscription(
            Input input, @Nullable Verb verb, Caller caller) {
        var name = TopicName.subscription(input);
        SnsService.demand(
                verb, name.topic(), TopicName.arn(caller, name.topic()), input.action(), caller);
        return topics.find(name.topic()).thenCompose(_ -> search(name, null));
    }

    private CompletionStage<View.BindingView> search(
            TopicName.SubscriptionName name, @Nullable String after) {
        var query = new Query.Bindings("/", name.topic(), null, after, Query.PAGE_ITEMS_MAX);
        return store.find(query)
                .thenCompose(page -> {
                    for (View.BindingView view : page.items()) {
                        if (name.id().equals(view.definition().arguments().get(ID))) {
                            return CompletableFuture.completedStage(view);
                        }
                    }
                    if (page.next() == null) {
                        throw noSubscription();
                    }
                    return search(name, page.next());
                });
    }

    CompletionStage<Tree> list(Input input, Caller caller) {
        return list(input, null, caller);
    }

    CompletionStage<Tree> listByTopic(Input input, Caller caller) {
        ChannelName topic = Topics.seen(input, "TopicArn", caller);
        return topics.find(topic).thenCompose(_ -> list(input, topic, caller));
    }

    private CompletionStage<Tree> list(Input input, @Nullable ChannelName topic, Caller caller) {
        String after = PageToken.read(input);
        if (after != null && BindingName.ofToken(after).isEmpty()) {
            throw PageToken.invalid();
        }
        return store.find(new Query.Bindings("/", topic, null, after, PageToken.ITEMS))
                .thenApply(page -> told(page, caller));
    }

    private static Tree told(Page<View.BindingView> page, Caller caller) {
        Tree.Items subscriptions = Tree.Items.of("member");
        for (View.BindingView view : page.items()) {
            Definition.Binding binding = view.definition();
            if (binding.arguments().containsKey(ID)
                    && caller.principal().mayAnything(binding.name())) {
                subscriptions.items().add(fields(binding, caller));
            }
        }
        return Tree.Fields.empty()
                .with("Subscriptions", Tree.Fields.empty().with("member", subscriptions))
                .with("NextToken", PageToken.write(page.next()));
    }

    private static Tree.Fields fields(Definition.Binding binding, Caller caller) {
        return Tree.Fields.empty()
                .with("SubscriptionArn", arn(caller, binding))
                .with("TopicArn", TopicName.arn(caller, binding.name()))
                .with("Owner", QueueAddress.ACCOUNT)
                .with("Protocol", SQS)
                .with("Endpoint", QueueAddress.arn(caller, binding.id().target().name()));
    }

    CompletionStage<Tree> attributes(Input input, Caller caller) {
        return subscription(input, null, caller)
                .thenApply(view -> {
                    Definition.Binding binding = view.definition();
                    Map<String, String> shown =
                            new HashMap<>(SubscriptionAttributes.of(binding).shown());
                    fields(binding, caller)
                            .members()
                            .forEach((name, value) -> {
                                if (value instanceof Tree.Text(String text)) {
                                    shown.put(name, text);
                                }
                            });
                    shown.put("PendingConfirmation", "false");
                    shown.put("ConfirmationWasAuthenticated", "true");
                    return Topics.attributes(shown);
                });
    }

    CompletionStage<Tree> setAttribute(Input input, Caller caller) {
        String name = input.requiredText("AttributeName");
        String text = input.text("AttributeValue");
        return subscription(input, Verb.MANAGE, caller)
                .thenCompose(view -> {
                    Definition.Binding binding = view.definition();
                    var changed =
                            SubscriptionAttributes.of(binding).with(name, text == null ? "" : text);
                    return store.commit(
                            new Operation.Define(
                                    changed.applied(binding), new Expect.Version(view.version())));
                })
                .thenCompose(receipt -> {
                    if (Topics.isConflict(receipt)) {
                        return setAttribute(input, caller);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }
}
