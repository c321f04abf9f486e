package io.millstream.protocols.aws.sns;

import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The actions on subscriptions that are there.
final class Subscriptions {
    private final Store store;
    private final Topics topics;
    private final Roster roster;
    private final Subscribing subscribing;
    private final Replays replays;

    Subscriptions(
            Store store, Topics topics, Roster roster, Subscribing subscribing, Replays replays) {
        this.store = store;
        this.topics = topics;
        this.roster = roster;
        this.subscribing = subscribing;
        this.replays = replays;
    }

    private static FaultException noSubscription() {
        return SnsError.NOT_FOUND.with("Subscription does not exist");
    }

    /// A subscription and its topic as they were seen.
    private record Found(View.ExchangeView topic, Subscription subscription) {
        String policy() {
            return TopicAttribute.DELIVERY_POLICY.held(topic.definition().arguments());
        }
    }

    /// The subscription that the request names.
    private CompletionStage<Found> find(TopicName.SubscriptionName name) {
        return topics.find(name.topic())
                .thenCompose(topic ->
                        roster.of(name.topic())
                                .thenApply(all ->
                                        all.stream()
                                                .filter(one -> one.id().equals(name.id()))
                                                .filter(one ->
                                                        one.state() != Subscription.State.DELETED)
                                                .findFirst()
                                                .map(one -> new Found(topic, one))
                                                .orElseThrow(Subscriptions::noSubscription)));
    }

    private static TopicName.SubscriptionName named(
            Input input, @Nullable Verb verb, Caller caller) {
        var name = TopicName.subscription(input);
        SnsService.demand(
                verb, name.topic(), TopicName.arn(caller, name.topic()), input.action(), caller);
        return name;
    }

    /// Whoever may manage its topic ends a subscription, and an endpoint its own by the token in
    /// the address that it was sent, unless it has asked for more.
    CompletionStage<Tree> unsubscribe(Input input, Caller caller) {
        String token = Tokens.said(input);
        var name =
                token == null ? named(input, Verb.MANAGE, caller) : TopicName.subscription(input);
        return unsubscribe(name, token, caller, System.nanoTime());
    }

    private CompletionStage<Tree> unsubscribe(
            TopicName.SubscriptionName name, @Nullable String token, Caller caller, long began) {
        return find(name)
                .thenCompose(found -> {
                    Subscription one = found.subscription();
                    if (one.isClosed() && !caller.isSigned()) {
                        throw SnsError.AUTHORIZATION_ERROR.with(
                                "The endpoint has confirmed with AuthenticateOnUnsubscribe, so"
                                        + " the request has to be signed.");
                    }
                    if (token != null && !one.isEndedBy(token)) {
                        throw SnsError.AUTHORIZATION_ERROR.with(
                                "The Token is not the one of the UnsubscribeURL that the endpoint"
                                        + " was sent.");
                    }
                    return store.commit(ending(found).toArray(Operation[]::new))
                            .thenApply(receipt -> {
                                replays.wake(found.subscription());
                                return receipt;
                            });
                })
                .thenCompose(receipt -> {
                    if (Topics.isConflict(receipt) && Topics.mayTryAgain(began)) {
                        return unsubscribe(name, token, caller, began);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }

    private List<Operation> ending(Found found) {
        Subscription one = found.subscription();
        if (!one.isPushed()) {
            List<Operation> operations = new ArrayList<>(replays.end(one));
            operations.add(
                    new Operation.Unbind(one.binding().id(), new Expect.Version(one.version())));
            return operations;
        }
        if (one.state() == Subscription.State.PENDING) {
            return List.of(
                    Subscribing.asItIs(found.topic()),
                    new Operation.Remove(one.channel(), Expect.Anything.ANYTHING));
        }
        return subscribing.ending(found.topic(), one);
    }

    CompletionStage<Tree> attributes(Input input, Caller caller) {
        return find(named(input, null, caller))
                .thenCompose(found -> {
                    Map<String, String> shown = found.subscription().shown(caller, found.policy());
                    return replays.status(found.subscription())
                            .thenApply(status -> {
                                if (status != null) {
                                    shown.put("ReplayStatus", status);
                                }
                                return Topics.attributes(shown);
                            });
                });
    }

    CompletionStage<Tree> setAttribute(Input input, Caller caller) {
        var name = named(input, Verb.MANAGE, caller);
        String attribute = input.requiredText("AttributeName");
        String text = input.text("AttributeValue");
        Map<String, String> change = Map.of(attribute, text == null ? "" : text);
        return setAttribute(name, change, input, caller, System.nanoTime());
    }

    private CompletionStage<Tree> setAttribute(
            TopicName.SubscriptionName name,
            Map<String, String> change,
            Input input,
            Caller caller,
            long began) {
        return find(name)
                .thenCompose(found -> {
                    Subscription before = found.subscription();
                    Subscription after = before.with(before.attributes().with(change));
                    if (change.containsKey(SubscriptionAttributes.REPLAY)
                            && after.attributes().replay() != null) {
                        Subscribing.checkArchive(found.topic());
                        after = after.replaying(true);
                    }
                    return setAttribute(found, after, change, input, caller);
                })
                .thenCompose(receipt -> {
                    if (Topics.isConflict(receipt) && Topics.mayTryAgain(began)) {
                        return setAttribute(name, change, input, caller, began);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }

    private CompletionStage<Receipt> setAttribute(
            Found found,
            Subscription after,
            Map<String, String> change,
            Input input,
            Caller caller) {
        return subscribing
                .checkDeadLetter(after, input, caller)
                .thenCompose(_ -> changing(found, after, change))
                .thenCompose(operations -> store.commit(operations.toArray(Operation[]::new)))
                .thenApply(receipt -> {
                    if (!Topics.isConflict(receipt)) {
                        SnsError.committed(receipt);
                        replays.wake(after);
                    }
                    return receipt;
                });
    }

    private CompletionStage<List<Operation>> changing(
            Found found, Subscription after, Map<String, String> change) {
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.Define(after.binding(), new Expect.Version(after.version())));
        if (after.isPushed()) {
            operations.add(Subscribing.asItIs(found.topic()));
            operations.add(
                    new Operation.Define(
                            after.target(found.policy()).definition(), Expect.Anything.ANYTHING));
        } else if (change.containsKey(SubscriptionAttributes.REPLAY)) {
            return replays.change(after)
                    .thenApply(replaying -> {
                        operations.addAll(replaying);
                        return operations;
                    });
        } else if (after.isReplaying()) {
            operations.addAll(Replays.bindings(after));
        }
        return CompletableFuture.completedStage(operations);
    }
}
