package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.push.Confirmation;
import io.millstream.protocols.aws.push.Endpoint;
import io.millstream.protocols.aws.push.PushLimits;
import io.millstream.protocols.aws.push.PushTarget;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// Subscribe and ConfirmSubscription. A queue of this server is subscribed at once; an endpoint has
/// to say first that it wants that, by a token that it is sent.
///
/// Whatever changes a subscription of an endpoint defines its topic anew, as it was. So its queue,
/// whose definition follows from both, is never made from what does not hold any more.
final class Subscribing {
    /// How long an endpoint has to confirm.
    static final Duration PATIENCE = Duration.ofDays(2);

    private final Store store;
    private final Topics topics;
    private final Roster roster;
    private final RandomGenerator random;
    private final Replays replays;

    Subscribing(
            Store store, Topics topics, Roster roster, RandomGenerator random, Replays replays) {
        this.store = store;
        this.topics = topics;
        this.roster = roster;
        this.random = random;
        this.replays = replays;
    }

    CompletionStage<Tree> subscribe(Input input, Caller caller) {
        ChannelName topic = Topics.named(input, "TopicArn", Verb.MANAGE, caller);
        String protocol = input.requiredText("Protocol");
        Map<String, String> attributes = input.textMap("Attributes");
        boolean full = "true".equals(flag(input, "ReturnSubscriptionArn"));
        Subscription plain =
                switch (protocol) {
                    case Subscription.SQS ->
                            Subscription.ofQueue(
                                    topic, queue(input, topic, caller), secretId(), caller);
                    case "http", "https" ->
                            Subscription.ofEndpoint(
                                    topic, protocol, endpoint(input, topic), secretId(), caller);
                    default -> throw protocolFault(protocol);
                };
        Subscription wanted = plain.with(plain.attributes().with(attributes));
        return checkDeadLetter(wanted, input, caller)
                .thenCompose(_ -> subscribe(wanted, System.nanoTime()))
                .thenApply(there ->
                        Tree.Fields.empty()
                                .with(
                                        "SubscriptionArn",
                                        full || there.state() == Subscription.State.CONFIRMED
                                                ? there.arn(caller)
                                                : "pending confirmation"));
    }

    private static RuntimeException protocolFault(String protocol) {
        return switch (protocol) {
            case "email", "email-json", "sms", "application", "lambda", "firehose" ->
                    SnsError.invalid(
                            "Protocol",
                            "This server delivers to sqs, http and https, and not to "
                                    + protocol
                                    + '.');
            default ->
                    SnsError.INVALID_PARAMETER.with(
                            "Invalid parameter: Amazon SNS does not support this protocol string: "
                                    + protocol);
        };
    }

    /// A parameter that is true or false, or null if it is not there.
    static @Nullable String flag(Input input, String parameter) {
        String value = input.text(parameter);
        if (value != null && !value.equals("true") && !value.equals("false")) {
            throw SnsError.invalid(parameter, "It is true or false.");
        }
        return value;
    }

    /// For subscriptions. The other generator's numbers are told to everybody, and tell more.
    private static String secretId() {
        return UUID.randomUUID().toString();
    }

    /// For messages.
    private String id() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private static ChannelName queue(Input input, ChannelName topic, Caller caller) {
        ChannelName queue = QueueAddress.ofArn(input.requiredText("Endpoint"));
        if (queue == null) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: SQS endpoint ARN");
        }
        if (QueueAddress.isFifo(queue) && !TopicName.isFifo(topic)) {
            throw SnsError.invalid(
                    "Endpoint", "FIFO SQS Queues can not be subscribed to standard SNS topics");
        }
        SnsService.demand(
                Verb.MANAGE, queue, QueueAddress.arn(caller, queue), input.action(), caller);
        return queue;
    }

    private static String endpoint(Input input, ChannelName topic) {
        String address = input.requiredText("Endpoint");
        if (TopicName.isFifo(topic)) {
            throw SnsError.invalid(
                    "Protocol", "FIFO topics deliver to queues (sqs) only, which keep the order.");
        }
        try {
            Endpoint.read(input.requiredText("Protocol"), address);
            return address;
        } catch (IllegalArgumentException e) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: " + e.getMessage());
        }
    }

    /// Completes if the dead-letter queue is there, or none is named.
    CompletionStage<?> checkDeadLetter(Subscription wanted, Input input, Caller caller) {
        ChannelName target = wanted.attributes().deadLetter();
        if (target == null) {
            return CompletableFuture.completedStage(null);
        }
        SnsService.demand(
                Verb.WRITE, target, QueueAddress.arn(caller, target), input.action(), caller);
        return store.find(new Query.QueueNamed(target))
                .thenAccept(page -> {
                    if (page.items().isEmpty()) {
                        throw SnsError.invalid(
                                "RedrivePolicy", "deadLetterTargetArn: The queue is not there.");
                    }
                });
    }

    private CompletionStage<Subscription> subscribe(Subscription wanted, long began) {
        return topics.find(wanted.topic())
                .thenCompose(topic ->
                        there(wanted)
                                .thenCompose(known -> {
                                    if (known == null
                                            || known.state() == Subscription.State.DELETED) {
                                        return begin(topic, wanted, known);
                                    }
                                    if (!known.attributes()
                                            .shown()
                                            .equals(wanted.attributes().shown())) {
                                        throw SnsError.invalid(
                                                "Attributes",
                                                "Subscription already exists with different"
                                                        + " attributes");
                                    }
                                    return known.state() == Subscription.State.PENDING
                                            ? begin(topic, known, known)
                                            : CompletableFuture.completedStage(known);
                                }))
                .thenCompose(done -> {
                    if (done == null && Topics.mayTryAgain(began)) {
                        return subscribe(wanted, began);
                    }
                    if (done == null) {
                        Refusal meanwhile = new Refusal.Conflict(wanted.topic().name(), 0);
                        throw SnsError.of(meanwhile).exception();
                    }
                    return CompletableFuture.completedStage(done);
                });
    }

    /// The subscription of the same endpoint, or null if there is none.
    private CompletionStage<@Nullable Subscription> there(Subscription wanted) {
        ChannelName topic = wanted.topic();
        var query =
                new Query.Bindings(
                        topic.host(),
                        topic,
                        wanted.binding().id().target(),
                        null,
                        Query.PAGE_ITEMS_MAX);
        return store.find(query)
                .thenApply(page -> {
                    for (View.BindingView view : page.items()) {
                        var one = new Subscription(view.definition(), view.version());
                        if (one.isSame(wanted)) {
                            return one;
                        }
                    }
                    return null;
                });
    }

    /// Makes it, or asks its endpoint once more.
    ///
    /// @return what is there now, or null if something has changed meanwhile
    private CompletionStage<@Nullable Subscription> begin(
            View.ExchangeView topic, Subscription wanted, @Nullable Subscription known) {
        Expect expect =
                known == null ? Expect.Nothing.NOTHING : new Expect.Version(known.version());
        if (!wanted.isPushed()) {
            return beginQueue(topic, wanted, expect);
        }
        return checkCount(known)
                .thenCompose(_ -> {
                    String token = Tokens.make();
                    Subscription waiting =
                            wanted.waiting(
                                    Subscription.State.PENDING, token, store.now().plus(PATIENCE));
                    String policy =
                            TopicAttribute.DELIVERY_POLICY.held(topic.definition().arguments());
                    PushTarget target = waiting.target(policy);
                    Message asks =
                            Confirmation.SUBSCRIPTION.message(
                                    target, id(), token, signature(topic), store.now());
                    return commit(
                            List.of(
                                    asItIs(topic),
                                    new Operation.Define(
                                            target.definition(), Expect.Anything.ANYTHING),
                                    new Operation.Define(waiting.binding(), expect),
                                    new Operation.Put(target.queue(), asks)),
                            waiting);
                });
    }

    private static String signature(View.ExchangeView topic) {
        return TopicAttribute.SIGNATURE_VERSION.held(topic.definition().arguments());
    }

    private CompletionStage<@Nullable Subscription> beginQueue(
            View.ExchangeView topic, Subscription wanted, Expect expect) {
        List<Operation> operations = new ArrayList<>();
        ReplayPolicy policy = wanted.attributes().replay();
        if (policy == null) {
            operations.add(new Operation.Define(wanted.binding(), expect));
            return commit(operations, wanted);
        }
        checkArchive(topic);
        Subscription replaying = wanted.replaying(true);
        operations.add(new Operation.Define(replaying.binding(), expect));
        operations.addAll(replays.begin(replaying, policy));
        return commit(operations, replaying);
    }

    /// Refuses to replay what has not been kept.
    static void checkArchive(View.ExchangeView topic) {
        if (Archive.days(topic.definition().arguments()) == 0) {
            throw SnsError.invalid(
                    "ReplayPolicy", "The topic has no ArchivePolicy, so nothing was kept.");
        }
    }

    /// Refuses what is done if the topic is not as it was seen.
    static Operation asItIs(View.ExchangeView topic) {
        return new Operation.Define(topic.definition(), new Expect.Version(topic.version()));
    }

    private CompletionStage<@Nullable Subscription> commit(
            List<Operation> operations, Subscription done) {
        return store.commit(operations.toArray(Operation[]::new))
                .thenApply(receipt -> {
                    if (Topics.isConflict(receipt)) {
                        return null;
                    }
                    SnsError.committed(receipt);
                    replays.wake(done);
                    return done;
                });
    }

    private CompletionStage<?> checkCount(@Nullable Subscription known) {
        if (known != null) {
            return CompletableFuture.completedStage(null);
        }
        return countEndpoints(null, 0)
                .thenAccept(endpoints -> {
                    if (endpoints >= PushLimits.ENDPOINTS_MAX) {
                        throw SnsError.SUBSCRIPTION_LIMIT_EXCEEDED.with(
                                "This server delivers to "
                                        + PushLimits.ENDPOINTS_MAX
                                        + " HTTP endpoints at most. Unsubscribe some.");
                    }
                });
    }

    /// How many there are in the pages behind this place and before it.
    private CompletionStage<Long> countEndpoints(@Nullable String after, long before) {
        return store.find(new Query.Queues(PushTarget.HOST, "", after, Query.PAGE_ITEMS_MAX))
                .thenCompose(page -> {
                    long sum =
                            before
                                    + page.items().stream()
                                            .filter(view -> PushTarget.is(view.definition()))
                                            .count();
                    return page.next() == null
                            ? CompletableFuture.completedStage(sum)
                            : countEndpoints(page.next(), sum);
                });
    }

    /// The token says that the endpoint wants it, so nobody need be known to be allowed to.
    CompletionStage<Tree> confirm(Input input, Caller caller) {
        ChannelName topic = TopicName.of(input, "TopicArn");
        String digest = Tokens.digest(Tokens.required(input));
        boolean closed = "true".equals(flag(input, "AuthenticateOnUnsubscribe"));
        if (closed && !caller.isSigned()) {
            throw SnsError.AUTHORIZATION_ERROR.with(
                    "AuthenticateOnUnsubscribe needs a request that is signed.");
        }
        return confirm(topic, digest, closed, caller, System.nanoTime());
    }

    private CompletionStage<Tree> confirm(
            ChannelName topic, String digest, boolean closed, Caller caller, long began) {
        return topics.find(topic)
                .thenCompose(view ->
                        roster.of(topic)
                                .thenCompose(all -> {
                                    Subscription one =
                                            all.stream()
                                                    .filter(each ->
                                                            each.isToken(digest, store.now()))
                                                    .findFirst()
                                                    .orElseThrow(Tokens::wrong);
                                    return one.state() == Subscription.State.CONFIRMED
                                            ? CompletableFuture.completedStage(one)
                                            : confirm(view, one, closed, caller);
                                }))
                .thenCompose(done -> {
                    if (done == null && Topics.mayTryAgain(began)) {
                        return confirm(topic, digest, closed, caller, began);
                    }
                    if (done == null) {
                        throw Tokens.wrong();
                    }
                    return CompletableFuture.completedStage(
                            Tree.Fields.empty().with("SubscriptionArn", done.arn(caller)));
                });
    }

    private CompletionStage<@Nullable Subscription> confirm(
            View.ExchangeView topic, Subscription one, boolean closed, Caller caller) {
        Subscription confirmed = one.confirmed(caller.isSigned(), closed);
        String policy = TopicAttribute.DELIVERY_POLICY.held(topic.definition().arguments());
        return commit(
                List.of(
                        asItIs(topic),
                        new Operation.Define(
                                confirmed.binding(), new Expect.Version(one.version())),
                        new Operation.Define(
                                confirmed.target(policy).definition(), Expect.Anything.ANYTHING)),
                confirmed);
    }

    /// What ends a subscription of an endpoint, which may still want it back: what was on its way
    /// there goes, and it is asked.
    List<Operation> ending(View.ExchangeView topic, Subscription one) {
        String token = Tokens.make();
        Subscription ended =
                one.waiting(Subscription.State.DELETED, token, store.now().plus(PATIENCE));
        PushTarget target =
                ended.target(TopicAttribute.DELIVERY_POLICY.held(topic.definition().arguments()));
        return List.of(
                asItIs(topic),
                new Operation.Define(ended.binding(), new Expect.Version(one.version())),
                new Operation.Edit.Purge(one.channel()),
                new Operation.Define(target.definition(), Expect.Anything.ANYTHING),
                new Operation.Put(
                        one.channel(),
                        Confirmation.UNSUBSCRIPTION.message(
                                target, id(), token, signature(topic), store.now())));
    }
}
