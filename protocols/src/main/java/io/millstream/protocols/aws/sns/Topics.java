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
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// The actions on topics. A topic is a fanout exchange that says by an argument that it is one of
/// SNS; its attributes and tags are further arguments.
final class Topics {
    static final String CONTENT_BASED = "ContentBasedDeduplication";

    private static final String MARK = "sns.topic";
    private static final String ATTRIBUTE = "sns.attribute.";
    private static final String TAG = "sns.tag.";
    private static final String FIFO = "FifoTopic";
    private static final String DISPLAY_NAME = "DisplayName";
    private static final int DISPLAY_NAME_CHARS_MAX = 100;
    private static final int TAGS_MAX = 50;
    private static final int TAG_KEY_CHARS_MAX = 128;
    private static final int TAG_VALUE_CHARS_MAX = 256;

    private final Store store;

    Topics(Store store) {
        this.store = store;
    }

    CompletionStage<Tree> create(Input input, Caller caller) {
        ChannelName name = TopicName.named(input);
        SnsService.demand(Verb.MANAGE, name, TopicName.arn(caller, name), input.action(), caller);
        Map<String, String> wanted = new HashMap<>();
        input.textMap("Attributes")
                .forEach((key, value) -> {
                    checkAttribute(name, key, value);
                    wanted.put(ATTRIBUTE + key, value);
                });
        if (TopicName.isFifo(name) != "true".equals(wanted.get(ATTRIBUTE + FIFO))) {
            throw SnsError.invalid(
                    "Topic Name",
                    "A FIFO topic's name ends with .fifo and its attribute FifoTopic is true; no"
                            + " other topic has either.");
        }
        wanted.putAll(tagged(input));
        wanted.put(MARK, "true");
        var topic = Definition.Exchange.of(name, ExchangeKind.FANOUT).withArguments(wanted);
        Tree.Fields answer = Tree.Fields.empty().with("TopicArn", TopicName.arn(caller, name));
        return store.commit(new Operation.Define(topic, Expect.Nothing.NOTHING))
                .thenCompose(receipt -> {
                    if (!isConflict(receipt)) {
                        SnsError.committed(receipt);
                        return CompletableFuture.completedStage(answer);
                    }
                    return find(name)
                            .thenApply(there -> {
                                Map<String, String> held = there.definition().arguments();
                                wanted.forEach((key, value) -> {
                                    if (!value.equals(held.getOrDefault(key, absent(key)))) {
                                        throw SnsError.invalid(
                                                key.startsWith(TAG) ? "Tags" : "Attributes",
                                                "Topic already exists with different "
                                                        + (key.startsWith(TAG)
                                                                ? "tags"
                                                                : "attributes"));
                                    }
                                });
                                return answer;
                            });
                });
    }

    private static String absent(String key) {
        return key.equals(ATTRIBUTE + CONTENT_BASED) || key.equals(ATTRIBUTE + FIFO) ? "false" : "";
    }

    private static void checkAttribute(ChannelName topic, String name, String value) {
        boolean valid =
                switch (name) {
                    case DISPLAY_NAME -> value.length() <= DISPLAY_NAME_CHARS_MAX;
                    case FIFO -> isFlag(value);
                    case CONTENT_BASED -> isFlag(value) && TopicName.isFifo(topic);
                    default ->
                            throw SnsError.invalid(
                                    "AttributeName",
                                    "The attribute "
                                            + name
                                            + " is not supported. There are DisplayName, FifoTopic"
                                            + " and ContentBasedDeduplication.");
                };
        if (!valid) {
            throw SnsError.invalid(
                    "Attributes", "The value " + value + " of " + name + " is not valid here.");
        }
    }

    static boolean isFlag(String value) {
        return value.equals("true") || value.equals("false");
    }

    static boolean isConflict(Receipt receipt) {
        return receipt instanceof Receipt.Refused refused
                && refused.refusal() instanceof Refusal.Conflict;
    }

    /// The topic, or a fault if there is none; an exchange of another protocol is none.
    CompletionStage<View.ExchangeView> find(ChannelName name) {
        return store.find(new Query.ExchangeNamed(name))
                .thenApply(page -> {
                    if (page.items().isEmpty() || !isTopic(page.items().getFirst())) {
                        throw SnsError.NOT_FOUND.with("Topic does not exist");
                    }
                    return page.items().getFirst();
                });
    }

    static boolean isTopic(View.ExchangeView view) {
        return view.definition().arguments().containsKey(MARK);
    }

    static boolean isContentBased(View.ExchangeView view) {
        return "true".equals(view.definition().arguments().get(ATTRIBUTE + CONTENT_BASED));
    }

    CompletionStage<Tree> delete(Input input, Caller caller) {
        ChannelName name = named(input, "TopicArn", Verb.MANAGE, caller);
        return store.find(new Query.ExchangeNamed(name))
                .thenCompose(page -> {
                    if (page.items().isEmpty() || !isTopic(page.items().getFirst())) {
                        return CompletableFuture.completedStage(Tree.NOTHING);
                    }
                    var expect = new Expect.Version(page.items().getFirst().version());
                    return store.commit(new Operation.RemoveExchange(name, false, expect))
                            .thenApply(receipt -> {
                                SnsError.committed(receipt);
                                return Tree.NOTHING;
                            });
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
        var query = new Query.Exchanges("/", "", PageToken.read(input), PageToken.ITEMS);
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
                            .with("NextToken", PageToken.write(page.next()));
                });
    }

    CompletionStage<Tree> attributes(Input input, Caller caller) {
        ChannelName name = seen(input, "TopicArn", caller);
        return find(name)
                .thenApply(view -> {
                    Map<String, String> shown = new TreeMap<>();
                    shown.put("TopicArn", TopicName.arn(caller, name));
                    shown.put("Owner", QueueAddress.ACCOUNT);
                    shown.put(DISPLAY_NAME, "");
                    shown.put("SubscriptionsConfirmed", Integer.toString(view.bindings()));
                    shown.put("SubscriptionsPending", "0");
                    shown.put("SubscriptionsDeleted", "0");
                    if (TopicName.isFifo(name)) {
                        shown.put(CONTENT_BASED, "false");
                    }
                    view.definition()
                            .arguments()
                            .forEach((key, value) -> {
                                if (key.startsWith(ATTRIBUTE)) {
                                    shown.put(key.substring(ATTRIBUTE.length()), value);
                                }
                            });
                    return attributes(shown);
                });
    }

    static Tree.Fields attributes(Map<String, String> shown) {
        var table = new Tree.Table("entry", "key", "value", new TreeMap<>());
        shown.forEach((key, value) -> table.rows().put(key, new Tree.Text(value)));
        return Tree.Fields.empty().with("Attributes", Tree.Fields.empty().with("entry", table));
    }

    CompletionStage<Tree> setAttribute(Input input, Caller caller) {
        ChannelName name = named(input, "TopicArn", Verb.MANAGE, caller);
        String attribute = input.requiredText("AttributeName");
        String text = input.text("AttributeValue");
        String value = text == null ? "" : text;
        checkAttribute(name, attribute, value);
        if (attribute.equals(FIFO)) {
            throw SnsError.invalid("AttributeName", "FifoTopic is said when a topic is created.");
        }
        return change(
                name,
                held -> {
                    held.put(ATTRIBUTE + attribute, value);
                    return held;
                });
    }

    private CompletionStage<Tree> change(
            ChannelName name, Function<Map<String, String>, Map<String, String>> change) {
        return find(name)
                .thenCompose(view -> {
                    var held = new HashMap<>(view.definition().arguments());
                    var changed = view.definition().withArguments(change.apply(held));
                    var expect = new Expect.Version(view.version());
                    return store.commit(new Operation.Define(changed, expect));
                })
                .thenCompose(receipt -> {
                    // Each conflict means that another change has succeeded, so this ends.
                    if (isConflict(receipt)) {
                        return change(name, change);
                    }
                    SnsError.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }

    private static Map<String, String> tagged(Input input) {
        Map<String, String> tags = new HashMap<>();
        input.textMap("Tags")
                .forEach((key, value) -> {
                    if (key.isEmpty()
                            || key.length() > TAG_KEY_CHARS_MAX
                            || value.length() > TAG_VALUE_CHARS_MAX) {
                        throw SnsError.invalid(
                                "Tags", "A key has 1 to 128 characters and a value at most 256.");
                    }
                    tags.put(TAG + key, value);
                });
        return limited(tags);
    }

    private static Map<String, String> limited(Map<String, String> arguments) {
        if (arguments.keySet().stream().filter(key -> key.startsWith(TAG)).count() > TAGS_MAX) {
            throw SnsError.invalid("Tags", "A topic has at most " + TAGS_MAX + " tags.");
        }
        return arguments;
    }

    CompletionStage<Tree> tag(Input input, Caller caller) {
        ChannelName name = named(input, "ResourceArn", Verb.MANAGE, caller);
        Map<String, String> tags = tagged(input);
        return change(
                        name,
                        held -> {
                            held.putAll(tags);
                            return limited(held);
                        })
                .thenApply(_ -> Tree.Fields.empty());
    }

    CompletionStage<Tree> untag(Input input, Caller caller) {
        ChannelName name = named(input, "ResourceArn", Verb.MANAGE, caller);
        List<String> keys = input.texts("TagKeys");
        return change(
                        name,
                        held -> {
                            keys.forEach(key -> held.remove(TAG + key));
                            return held;
                        })
                .thenApply(_ -> Tree.Fields.empty());
    }

    CompletionStage<Tree> tags(Input input, Caller caller) {
        return find(seen(input, "ResourceArn", caller))
                .thenApply(view -> {
                    var table = new Tree.Table("member", "Key", "Value", new TreeMap<>());
                    view.definition()
                            .arguments()
                            .forEach((key, value) -> {
                                if (key.startsWith(TAG)) {
                                    table.rows()
                                            .put(key.substring(TAG.length()), new Tree.Text(value));
                                }
                            });
                    return Tree.Fields.empty()
                            .with("Tags", Tree.Fields.empty().with("member", table));
                });
    }
}
