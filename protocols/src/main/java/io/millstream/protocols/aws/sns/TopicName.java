package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names a topic and its subscriptions in the ways AWS does.
final class TopicName {
    private static final String NAME = "[A-Za-z0-9_-]{1,256}(?:\\.fifo)?";
    private static final int NAME_CHARS_MAX = 255;
    private static final Pattern NAMED = Pattern.compile(NAME);
    private static final Pattern ARN =
            Pattern.compile("arn:[a-z0-9-]+:sns:[a-z0-9-]+:([0-9]{12}):([^:]+)(?::([^:]+))?");

    private TopicName() {}

    /// A subscription as its ARN names it.
    ///
    /// @param topic of which topic
    /// @param id which of them
    record SubscriptionName(ChannelName topic, String id) {}

    static ChannelName named(Input input) {
        String name = input.requiredText("Name");
        if (!isName(name)) {
            throw SnsError.INVALID_PARAMETER.with("Invalid parameter: Topic Name");
        }
        return ChannelName.of(name);
    }

    private static boolean isName(String name) {
        return name.length() <= NAME_CHARS_MAX && NAMED.matcher(name).matches();
    }

    /// The topic whose ARN stands in a parameter.
    static ChannelName of(Input input, String parameter) {
        Matcher arn = match(input, parameter);
        if (arn.group(3) != null) {
            throw SnsError.invalid(parameter, "It is the ARN of a subscription, not of a topic.");
        }
        return ChannelName.of(arn.group(2));
    }

    /// The subscription whose ARN stands in the parameter `SubscriptionArn`.
    static SubscriptionName subscription(Input input) {
        Matcher arn = match(input, "SubscriptionArn");
        if (arn.group(3) == null) {
            throw SnsError.invalid(
                    "SubscriptionArn", "It is the ARN of a topic, not of a subscription.");
        }
        return new SubscriptionName(ChannelName.of(arn.group(2)), arn.group(3));
    }

    private static Matcher match(Input input, String parameter) {
        String text = input.requiredText(parameter);
        Matcher arn = ARN.matcher(text);
        if (!arn.matches() || !arn.group(1).equals(QueueAddress.ACCOUNT) || !isName(arn.group(2))) {
            throw SnsError.invalid(
                    parameter,
                    text
                            + " is no ARN such as arn:aws:sns:eu-west-1:"
                            + QueueAddress.ACCOUNT
                            + ":name.");
        }
        return arn;
    }

    static boolean isFifo(ChannelName topic) {
        return topic.name().endsWith(".fifo");
    }

    /// The ARN in the region that this client believes to be in.
    static String arn(Caller caller, ChannelName topic) {
        return "arn:aws:sns:" + caller.region() + ':' + QueueAddress.ACCOUNT + ':' + topic.name();
    }
}
