package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Input;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Labels that people give a queue; they are kept among the arguments of its definition.
///
/// @param values by key
record QueueTags(Map<String, String> values) {
    private static final String ARGUMENT_PREFIX = "sqs.tag.";

    /// Reads the tags in a parameter.
    static QueueTags read(Input input, String parameter) {
        return new QueueTags(input.textMap(parameter));
    }

    /// Refuses tags that none can have.
    QueueTags checked(ChannelName queue) {
        values.forEach((key, value) -> {
            if (!TagText.isKey(key)) {
                throw AwsError.INVALID_PARAMETER.with(
                        "The tag key "
                                + key
                                + " is invalid: 1 to 128 letters, digits, spaces and _.:/=+-@.");
            }
            if (TagText.isOfAws(key)) {
                throw AwsError.INVALID_PARAMETER.with(
                        "The tag key " + key + " is invalid: keys beginning with aws: are AWS's.");
            }
            if (!TagText.isValue(value)) {
                throw AwsError.INVALID_PARAMETER.with(
                        "The value of the tag "
                                + key
                                + " is invalid: up to 256 letters, digits, spaces and _.:/=+-@.");
            }
        });
        checkCount(queue, values.size());
        return this;
    }

    private static void checkCount(ChannelName queue, int count) {
        if (count > TagText.TAGS_MAX) {
            throw AwsError.INVALID_PARAMETER.with(
                    "Too many tags added for queue "
                            + queue.name()
                            + ": it may have "
                            + TagText.TAGS_MAX
                            + ".");
        }
    }

    /// The tags of a queue, in the order of their keys.
    static Map<String, String> of(Definition.Queue queue) {
        Map<String, String> tags = new TreeMap<>();
        queue.arguments()
                .forEach((name, value) -> {
                    if (name.startsWith(ARGUMENT_PREFIX)) {
                        tags.put(name.substring(ARGUMENT_PREFIX.length()), value);
                    }
                });
        return tags;
    }

    /// The definition with these tags too; a fault if they become too many.
    Definition.Queue addTo(Definition.Queue queue) {
        Map<String, String> arguments = new HashMap<>(queue.arguments());
        values.forEach((key, value) -> arguments.put(ARGUMENT_PREFIX + key, value));
        Definition.Queue changed = queue.withArguments(arguments);
        checkCount(queue.name(), of(changed).size());
        return changed;
    }

    /// The definition without the tags of these keys.
    static Definition.Queue remove(Definition.Queue queue, Collection<String> keys) {
        Map<String, String> arguments = new HashMap<>(queue.arguments());
        keys.forEach(key -> arguments.remove(ARGUMENT_PREFIX + key));
        return queue.withArguments(arguments);
    }
}
