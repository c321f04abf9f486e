package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.AccessPolicy;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/// AddPermission and RemovePermission change a topic's policy, which is kept and told. Who may do
/// what is said by the grants of users.
final class Permissions {
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,80}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    /// What AWS lets a policy of a topic speak of.
    private static final Set<String> ACTIONS =
            Set.of(
                    "*",
                    "AddPermission",
                    "DeleteTopic",
                    "GetDataProtectionPolicy",
                    "GetTopicAttributes",
                    "ListSubscriptionsByTopic",
                    "ListTagsForResource",
                    "Publish",
                    "PutDataProtectionPolicy",
                    "RemovePermission",
                    "SetTopicAttributes",
                    "Subscribe");

    private final Topics topics;

    Permissions(Topics topics) {
        this.topics = topics;
    }

    CompletionStage<Tree> add(Input input, Caller caller) {
        ChannelName name = Topics.named(input, "TopicArn", Verb.MANAGE, caller);
        String label = label(input);
        List<String> accounts = input.texts("AWSAccountId");
        List<String> actions = input.texts("ActionName");
        if (accounts.isEmpty()) {
            throw input.missing("AWSAccountId");
        }
        if (actions.isEmpty()) {
            throw input.missing("ActionName");
        }
        for (String account : accounts) {
            if (!ACCOUNT.matcher(account).matches()) {
                throw SnsError.invalid("AWSAccountId", account + " is no account of 12 digits.");
            }
        }
        for (String action : actions) {
            if (!ACTIONS.contains(action)) {
                throw SnsError.invalid(
                        "ActionName", action + " is no action that a topic's policy speaks of.");
            }
        }
        String arn = TopicName.arn(caller, name);
        return topics.change(
                name,
                held -> {
                    AccessPolicy policy = policy(held);
                    if (policy.has(label)) {
                        throw SnsError.invalid("Label", "Statement already exists: " + label);
                    }
                    try {
                        return policy.with(label, accounts, actions, arn);
                    } catch (IllegalArgumentException e) {
                        throw SnsError.invalid("Policy", String.valueOf(e.getMessage()));
                    }
                });
    }

    CompletionStage<Tree> remove(Input input, Caller caller) {
        ChannelName name = Topics.named(input, "TopicArn", Verb.MANAGE, caller);
        String label = label(input);
        return topics.change(
                name,
                held -> {
                    AccessPolicy policy = policy(held);
                    if (!policy.has(label)) {
                        throw SnsError.invalid(
                                "Label", "The policy has no statement of the label " + label + ".");
                    }
                    return policy.without(label);
                });
    }

    private static AccessPolicy policy(Map<String, String> held) {
        return AccessPolicy.read(AccessPolicy.Kind.TOPIC, TopicAttribute.POLICY.held(held));
    }

    private static String label(Input input) {
        String label = input.requiredText("Label");
        if (!LABEL.matcher(label).matches()) {
            throw SnsError.invalid(
                    "Label", "It has 1 to 80 letters, digits, hyphens and underscores.");
        }
        return label;
    }
}
