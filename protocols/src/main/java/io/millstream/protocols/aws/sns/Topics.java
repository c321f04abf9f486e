package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.push.DeliveryPolicy;
import io.millstream.protocols.aws.sqs.AccessPolicy;
import io.millstream.protocols.aws.sqs.PageTokens;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The actions on topics. A topic is a fanout exchange that says by an argument that it is one of
/// SNS; its attributes and tags are further arguments.
final class Topics {
    private static final String MARK = "sns.topic";
    private static final String LIFE = "sns.life";
    private static final long TRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final Store store;
    private final PageTokens tokens;
    private final Roster roster;
    private final RandomGenerator random;
    private final Replays replays;
    private final Sequences sequences;

    Topics(
            Store store,
            PageTokens tokens,
            RandomGenerator random,
            Replays replays,
            Sequences sequences) {
        this.store = store;
        this.tokens = tokens;
        this.roster = new Roster(store);
        this.random = random;
        this.replays = replays;
        this.sequences = sequences;
    }

    CompletionStage<Tree> create(Input input, Caller caller) {
        ChannelName name = TopicName.named(input);
        SnsService.demand(Verb.MANAGE, name, TopicName.arn(caller, name), input.action(), caller);
        if (input.has("DataProtectionPolicy")) {
            throw SnsError.invalid(
                    "DataProtectionPolicy", "This server has no data protection policies.");
        }
        Map<String, String> wanted = new HashMap<>();
        input.textMap("Attributes")
                .forEach((key, value) -> {
                    TopicAttribute attribute = TopicAttribute.named(key);
                    attribute.check(name, value);
                    wanted.put(attribute.argument(), attribute.kept(value));
                });
        if (TopicName.isFifo(name) != "true".equals(TopicAttribute.FIFO_TOPIC.held(wanted))) {
            throw SnsError.invalid(
                    "Topic Name",
                    "A FIFO topic's name ends with .fifo and its attribute FifoTopic is true; no"
                            + " other topic has either.");
        }
        wanted.putAll(TopicTags.read(input));
        wanted.put(MARK, "true");
        wanted.put(LIFE, Long.toHexString(random.nextLong()));
        Tree answer = Tree.Fields.empty().with("TopicArn", TopicName.arn(caller, name));
        return create(name, wanted, answer, System.nanoTime());
    }

    private CompletionStage<Tree> create(
            ChannelName name, Map<String, String> wanted, Tree answer, long began) {
        var topic = with(Definition.Exchange.of(name, ExchangeKind.FANOUT), wanted);
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.Define(topic, Expect.Nothing.NOTHING));
        operations.addAll(Archive.change(name, Map.of(), wanted));
        return store.commit(operations.toArray(Operation[]::new))
                .thenCompose(receipt -> {
                    if (!isConflict(receipt)) {
                        SnsError.committed(receipt);
                        return CompletableFuture.completedStage(answer);
                    }
                    return store.find(new Query.ExchangeNamed(name))
                            .thenCompose(page -> {
                                // It may have been removed between our define and our look.
                                if (page.items().isEmpty() && mayTryAgain(began)) {
                                    return create(name, wanted, answer, began);
                                }
                                page.items().forEach(there -> compare(there, wanted));
                                return CompletableFuture.completedStage(answer);
                            });
                });
    }

    private static Definition.Exchange with(
            Definition.Exchange topic, Map<String, String> arguments) {
        return new Definition.Exchange(
                topic.name(),
                topic.kind(),
                topic.alternate(),
                topic.delayed(),
                topic.hashHeader(),
                arguments);
    }

    private static void compare(View.ExchangeView there, Map<String, String> wanted) {
        if (!isTopic(there)) {
            throw SnsError.invalid(
                    "Topic Name", "Another protocol has declared an exchange of this name.");
        }
        Map<String, String> held = there.definition().arguments();
        wanted.forEach((key, value) -> {
            if (key.startsWith(TopicTags.ARGUMENT) && !value.equals(held.get(key))) {
                throw SnsError.invalid("Tags", "Topic already exists with different tags");
            }
        });
        for (TopicAttribute attribute : TopicAttribute.values()) {
            if (wanted.containsKey(attribute.argument())
                    && !attribute.held(wanted).equals(attribute.held(held))) {
                throw SnsError.invalid(
                        "Attributes", "Topic already exists with different attributes");
            }
        }
    }

    static boolean isConflict(Receipt receipt) {
        return receipt instanceof Receipt.Refused refused
                && refused.refusal() instanceof Refusal.Conflict;
    }

    static boolean mayTryAgain(long beganNanos) {
        return System.nanoTime() - beganNanos < TRY_NANOS_MAX;
    }

    /// The topic, or a fault if there is none; an exchange of another protocol is none.
    CompletionStage<View.ExchangeView> find(ChannelName name) {
        return find(name, () -> SnsError.NOT_FOUND.with("Topic does not exist"));
    }

    /// The topic, or the fault of actions on any resource.
    CompletionStage<View.ExchangeView> findResource(ChannelName name) {
        return find(name, () -> SnsError.RESOURCE_NOT_FOUND.with("Resource does not exist"));
    }

    private CompletionStage<View.ExchangeView> find(
            ChannelName name, Supplier<FaultException> absent) {
        return store.find(new Query.ExchangeNamed(name))
                .thenApply(page -> {
                    if (page.items().isEmpty() || !isTopic(page.items().getFirst())) {
                        throw absent.get();
                    }
                    return page.items().getFirst();
                });
    }

    /// What tells this topic from an earlier one of its name.
    static String life(View.ExchangeView view) {
        return view.definition().arguments().getOrDefault(LIFE, "");
    }

    static boolean isTopic(View.ExchangeView view) {
        return view.definition().arguments().containsKey(MARK);
    }

    /// Removes the topic with its subscriptions, and what is on its way to their endpoints.
    CompletionStage<Tree> delete(Input input, Caller caller) {
        ChannelName name = named(input, "TopicArn", Verb.MANAGE, caller);
        return delete(name, System.nanoTime());
    }

    private CompletionStage<Tree> delete(ChannelName name, long began) {
        return store.find(new Query.ExchangeNamed(name))
                .thenCompose(page -> {
                    if (page.items().isEmpty() || !isTopic(page.items().getFirst())) {
                        return CompletableFuture.completedStage(Tree.NOTHING);
                    }
                    View.ExchangeView view = page.items().getFirst();
                    if (Archive.days(view.definition().arguments()) > 0) {
                        throw SnsError.INVALID_STATE.with(
                                "The topic has an ArchivePolicy. Set it to {} first, which deletes"
                                        + " the archive.");
                    }
                    return roster.of(name).thenCompose(all -> delete(view, all, began));
                });
    }

    private CompletionStage<Tree> delete(
            View.ExchangeView view, List<Subscription> all, long began) {
        ChannelName name = view.definition().name();
        List<Operation> operations = new ArrayList<>();
        operations.add(
                new Operation.RemoveExchange(name, false, new Expect.Version(view.version())));
        all.stream()
                .filter(Subscription::isPushed)
                .map(one -> new Operation.Remove(one.channel(), Expect.Anything.ANYTHING))
                .forEach(operations::add);
        if (TopicName.isFifo(name)) {
            operations.add(Sequences.end(name));
        }
        return store.commit(operations.toArray(Operation[]::new))
                .thenCompose(receipt -> {
                    boolean meanwhile =
                            receipt instanceof Receipt.Refused refused
                                    && (refused.refusal() instanceof Refusal.Conflict
                                            || refused.refusal() instanceof Refusal.NoSuchChannel);
                    if (meanwhile && mayTryAgain(began)) {
                        return delete(name, began);
                    }
                    SnsError.committed(receipt);
                    sequences.forget(name);
                    all.forEach(replays::wake);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }

    /// The topic that a parameter names, for a caller that may do this with it.
    static ChannelName named(Input input, String parameter, Verb verb, Caller caller) {
        ChannelName name = TopicName.of(input, parameter);
        SnsService.demand(verb, name, TopicName.arn(caller, name), input.action(), caller);
        return name;
    }

    /// The topic that a parameter names, for a caller that may do anything with it.
    static ChannelName seen(Input input, String parameter, Caller caller) {
        ChannelName name = TopicName.of(input, parameter);
        SnsService.demand(null, name, TopicName.arn(caller, name), input.action(), caller);
        return name;
    }

    CompletionStage<Tree> list(Input input, Caller caller) {
        ListPage asked = ListPage.read(input, tokens, "ListTopics");
        var query =
                new Query.Exchanges(ChannelName.DEFAULT_HOST, "", asked.after(), ListPage.ITEMS);
        return store.find(query)
                .thenApply(page -> {
                    Tree.Items topics = Tree.Items.of("member");
                    for (View.ExchangeView view : page.items()) {
                        ChannelName name = view.definition().name();
                        if (isTopic(view) && caller.principal().mayAnything(name)) {
                            topics.items()
                                    .add(
                                            Tree.Fields.empty()
                                                    .with("TopicArn", TopicName.arn(caller, name)));
                        }
                    }
                    return Tree.Fields.empty()
                            .with("Topics", Tree.Fields.empty().with("member", topics))
                            .with("NextToken", asked.token(page.next()));
                });
    }

    CompletionStage<Tree> attributes(Input input, Caller caller) {
        ChannelName name = seen(input, "TopicArn", caller);
        return find(name)
                .thenCompose(view ->
                        roster.of(name)
                                .thenCompose(all -> {
                                    Map<String, String> shown = shown(view, all, caller);
                                    return withArchive(view, shown).thenApply(Topics::attributes);
                                }));
    }

    private static Map<String, String> shown(
            View.ExchangeView view, List<Subscription> all, Caller caller) {
        ChannelName name = view.definition().name();
        Map<String, String> held = view.definition().arguments();
        Map<String, String> shown = new TreeMap<>();
        shown.put("TopicArn", TopicName.arn(caller, name));
        shown.put("Owner", QueueAddress.ACCOUNT);
        shown.put("SubscriptionsConfirmed", count(all, Subscription.State.CONFIRMED));
        shown.put("SubscriptionsPending", count(all, Subscription.State.PENDING));
        shown.put("SubscriptionsDeleted", count(all, Subscription.State.DELETED));
        shown.put(
                "EffectiveDeliveryPolicy",
                DeliveryPolicy.effectiveOfTopic(TopicAttribute.DELIVERY_POLICY.held(held)));
        for (TopicAttribute attribute : TopicAttribute.values()) {
            if (attribute.isShown(name, held)) {
                shown.put(attribute.title(), attribute.held(held));
            }
        }
        if (TopicAttribute.POLICY.held(held).isEmpty()) {
            shown.put(
                    TopicAttribute.POLICY.title(), AccessPolicy.usual(TopicName.arn(caller, name)));
        }
        return shown;
    }

    private static String count(List<Subscription> all, Subscription.State state) {
        return Long.toString(all.stream().filter(one -> one.state() == state).count());
    }

    private CompletionStage<Map<String, String>> withArchive(
            View.ExchangeView view, Map<String, String> shown) {
        int days = Archive.days(view.definition().arguments());
        if (days == 0) {
            return CompletableFuture.completedStage(shown);
        }
        ChannelName archive = Archive.channel(view.definition().name());
        return store.find(new Query.TopicNamed(archive))
                .thenApply(page -> {
                    for (View.TopicView topic : page.items()) {
                        Instant oldest = page.asOf().minus(Duration.ofDays(days));
                        Instant begin = topic.created().isAfter(oldest) ? topic.created() : oldest;
                        shown.put(
                                "BeginningArchiveTime",
                                DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                                        begin.truncatedTo(ChronoUnit.MILLIS)
                                                .atOffset(ZoneOffset.UTC)));
                    }
                    return shown;
                });
    }

    static Tree.Fields attributes(Map<String, String> shown) {
        var table = new Tree.Table("entry", "key", "value", new TreeMap<>());
        shown.forEach((key, value) -> table.rows().put(key, new Tree.Text(value)));
        return Tree.Fields.empty().with("Attributes", Tree.Fields.empty().with("entry", table));
    }

    CompletionStage<Tree> setAttribute(Input input, Caller caller) {
        ChannelName name = named(input, "TopicArn", Verb.MANAGE, caller);
        TopicAttribute attribute = TopicAttribute.named(input.requiredText("AttributeName"));
        String text = input.text("AttributeValue");
        String value = text == null ? "" : text;
        attribute.check(name, value);
        if (attribute == TopicAttribute.FIFO_TOPIC) {
            throw SnsError.invalid("AttributeName", "FifoTopic is said when a topic is created.");
        }
        return redefine(
                () -> find(name),
                held -> held.put(attribute.argument(), attribute.kept(value)),
                Tree.NOTHING,
                System.nanoTime());
    }

    /// Changes the policy of a topic.
    CompletionStage<Tree> change(ChannelName name, Function<Map<String, String>, String> policy) {
        return redefine(
                () -> find(name),
                held -> held.put(TopicAttribute.POLICY.argument(), policy.apply(held)),
                Tree.NOTHING,
                System.nanoTime());
    }

    /// Changes the arguments of a topic as a resource.
    CompletionStage<Tree> changeResource(ChannelName name, Consumer<Map<String, String>> change) {
        return redefine(() -> findResource(name), change, Tree.Fields.empty(), System.nanoTime());
    }

    private CompletionStage<Tree> redefine(
            Supplier<CompletionStage<View.ExchangeView>> look,
            Consumer<Map<String, String>> change,
            Tree answer,
            long began) {
        return look.get()
                .thenCompose(view -> {
                    Map<String, String> before = view.definition().arguments();
                    Map<String, String> after = new HashMap<>(before);
                    change.accept(after);
                    var expect = new Expect.Version(view.version());
                    Definition.Exchange changed = with(view.definition(), after);
                    List<Operation> operations = new ArrayList<>();
                    operations.add(new Operation.Define(changed, expect));
                    operations.addAll(Archive.change(changed.name(), before, after));
                    String policy = TopicAttribute.DELIVERY_POLICY.held(after);
                    CompletionStage<List<Operation>> pushed =
                            policy.equals(TopicAttribute.DELIVERY_POLICY.held(before))
                                    ? CompletableFuture.completedStage(List.of())
                                    : roster.of(changed.name())
                                            .thenApply(all -> redefined(all, policy));
                    return pushed.thenCompose(more -> {
                        operations.addAll(more);
                        return store.commit(operations.toArray(Operation[]::new));
                    });
                })
                .thenCompose(receipt -> {
                    if (isConflict(receipt) && mayTryAgain(began)) {
                        return redefine(look, change, answer, began);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(answer);
                });
    }

    /// The queues of a topic's endpoints with another policy of the topic. Every change of a
    /// subscription to an endpoint defines the topic anew, so that these are those there are.
    private static List<Operation> redefined(List<Subscription> all, String policy) {
        List<Operation> operations = new ArrayList<>();
        for (Subscription one : all) {
            if (one.isPushed()) {
                operations.add(
                        new Operation.Define(
                                one.target(policy).definition(), Expect.Anything.ANYTHING));
            }
        }
        return operations;
    }
}
