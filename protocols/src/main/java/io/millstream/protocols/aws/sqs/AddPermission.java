package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Adds a statement to a queue's policy, which is kept and told. Who may do what is said by the
/// grants of users.
record AddPermission(
        ChannelName queue, String label, List<String> accounts, List<String> actions, Input input)
        implements Action {
    private static final int ACTIONS_MAX = 7;
    private static final int ACCOUNT_DIGITS = 12;

    /// What AWS lets a policy of this action speak of.
    private static final Set<String> ACTIONS =
            Set.of(
                    "*",
                    "ChangeMessageVisibility",
                    "DeleteMessage",
                    "GetQueueAttributes",
                    "GetQueueUrl",
                    "ListDeadLetterSourceQueues",
                    "PurgeQueue",
                    "ReceiveMessage",
                    "SendMessage");

    static AddPermission read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        String label = label(input);
        List<String> accounts = input.texts("AWSAccountIds");
        List<String> actions = input.texts("Actions");
        if (accounts.isEmpty()) {
            throw input.missing("AWSAccountIds");
        }
        if (actions.isEmpty()) {
            throw input.missing("Actions");
        }
        if (actions.size() > ACTIONS_MAX) {
            throw SqsError.OVER_LIMIT.with(
                    actions.size()
                            + " Actions were found, maximum allowed is "
                            + ACTIONS_MAX
                            + ".");
        }
        for (String account : accounts) {
            if (account.length() != ACCOUNT_DIGITS
                    || !account.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw input.invalid("PrincipalId", accounts.toString(), "Unable to verify.");
            }
        }
        for (String action : actions) {
            if (!ACTIONS.contains(action)) {
                throw input.invalid(
                        "ActionName",
                        "SQS:" + action,
                        "Please refer to the appropriate WSDL for a list of valid actions.");
            }
        }
        return new AddPermission(queue, label, accounts, actions, input);
    }

    /// The parameter `Label`.
    static String label(Input input) {
        String label = input.requiredText("Label");
        if (!Batch.isId(label)) {
            throw AwsError.INVALID_PARAMETER.with(
                    "Value "
                            + label
                            + " for parameter Label is invalid. Reason: Can only include"
                            + " alphanumeric characters, hyphens, or underscores. 1 to 80 in"
                            + " length.");
        }
        return label;
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        String arn = QueueAddress.arn(caller, queue);
        return Redefining.run(tools.store(), queue, definition -> added(definition, arn))
                .thenApply(done -> Tree.NOTHING);
    }

    private Definition.Queue added(Definition.Queue definition, String arn) {
        AccessPolicy policy = QueueAttribute.policy(definition);
        if (policy.has(label)) {
            throw input.invalid("Label", label, "Already exists.");
        }
        try {
            String text = policy.with(label, accounts, actions, arn);
            return QueueAttribute.POLICY.set(definition, text);
        } catch (IllegalArgumentException e) {
            throw QueueAttribute.invalidPolicy(e.getMessage());
        }
    }
}
