package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.TagText;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/// The actions on tags, which are kept among the arguments of a topic's exchange.
final class TopicTags {
    static final String ARGUMENT = "sns.tag.";

    private final Topics topics;

    TopicTags(Topics topics) {
        this.topics = topics;
    }

    /// The tags that a request names, as arguments.
    static Map<String, String> read(Input input) {
        Map<String, String> tags = new HashMap<>();
        input.textMap("Tags")
                .forEach((key, value) -> {
                    if (!TagText.isKey(key) || TagText.isOfAws(key) || !TagText.isValue(value)) {
                        throw SnsError.invalid(
                                "Tags",
                                "A key has 1 to 128 letters, digits, spaces and _.:/=+-@ and does"
                                        + " not begin with aws:, and a value has at most 256 of"
                                        + " them.");
                    }
                    tags.put(ARGUMENT + key, value);
                });
        return limited(tags);
    }

    private static Map<String, String> limited(Map<String, String> arguments) {
        if (arguments.keySet().stream().filter(key -> key.startsWith(ARGUMENT)).count()
                > TagText.TAGS_MAX) {
            throw SnsError.TAG_LIMIT_EXCEEDED.with(
                    "Could not complete request: tag quota of per resource exceeded. A topic has at"
                            + " most "
                            + TagText.TAGS_MAX
                            + " tags.");
        }
        return arguments;
    }

    CompletionStage<Tree> tag(Input input, Caller caller) {
        ChannelName name = Topics.named(input, "ResourceArn", Verb.MANAGE, caller);
        Map<String, String> tags = read(input);
        if (tags.isEmpty()) {
            throw input.missing("Tags");
        }
        return topics.changeResource(
                name,
                held -> {
                    held.putAll(tags);
                    limited(held);
                });
    }

    CompletionStage<Tree> untag(Input input, Caller caller) {
        ChannelName name = Topics.named(input, "ResourceArn", Verb.MANAGE, caller);
        List<String> keys = input.texts("TagKeys");
        if (keys.isEmpty()) {
            throw input.missing("TagKeys");
        }
        return topics.changeResource(
                name, held -> keys.forEach(key -> held.remove(ARGUMENT + key)));
    }

    CompletionStage<Tree> list(Input input, Caller caller) {
        return topics.findResource(Topics.seen(input, "ResourceArn", caller))
                .thenApply(view -> {
                    var table = new Tree.Table("member", "Key", "Value", new TreeMap<>());
                    view.definition()
                            .arguments()
                            .forEach((key, value) -> {
                                if (key.startsWith(ARGUMENT)) {
                                    table.rows()
                                            .put(
                                                    key.substring(ARGUMENT.length()),
                                                    new Tree.Text(value));
                                }
                            });
                    return Tree.Fields.empty()
                            .with("Tags", Tree.Fields.empty().with("member", table));
                });
    }
}
