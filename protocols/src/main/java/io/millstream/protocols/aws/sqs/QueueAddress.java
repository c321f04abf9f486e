package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/// Names a queue in the ways AWS does: by name, by address and by ARN.
///
/// There is one account. In an address only the path counts, `/000000000000/name`, so that a client
/// may reach this server by any host name or through any proxy.
public final class QueueAddress {
    /// The one account.
    public static final String ACCOUNT = "000000000000";

    private static final int NAME_CHARS_MAX = 80;
    private static final String FIFO_SUFFIX = ".fifo";
    private static final Pattern ARN =
            Pattern.compile("arn:[a-z0-9-]+:sqs:[a-z0-9-]+:(\\d{12}):([^:]+)");

    private QueueAddress() {}

    /// The queue that the parameter `QueueUrl` names, or else the path that a query was sent to.
    static ChannelName of(Input input) {
        String address =
                input.has("QueueUrl") || input.resource().length() <= 1
                        ? input.requiredText("QueueUrl")
                        : input.resource();
        int scheme = address.indexOf("://");
        int path = scheme < 0 ? 0 : address.indexOf('/', scheme + 3);
        String[] parts = path < 0 ? new String[0] : address.substring(path).split("/", -1);
        boolean plain = address.indexOf('?') < 0 && address.indexOf('#') < 0;
        if (!plain
                || parts.length != 3
                || !parts[0].isEmpty()
                || parts[1].isEmpty()
                || parts[2].isEmpty()) {
            throw SqsError.INVALID_ADDRESS.with(
                    "The address "
                            + address
                            + " is not valid for this endpoint. It should end in /"
                            + ACCOUNT
                            + "/ and the queue's name.");
        }
        if (!parts[1].equals(ACCOUNT) || !isName(parts[2])) {
            throw SqsError.QUEUE_DOES_NOT_EXIST.with(Refusals.NO_SUCH_QUEUE);
        }
        return ChannelName.of(parts[2]);
    }

    /// The queue that the parameter `QueueName` names; a name that no queue can have is refused.
    static ChannelName named(Input input) {
        String name = input.requiredText("QueueName");
        if (!isName(name)) {
            throw AwsError.INVALID_PARAMETER.with(
                    "Value "
                            + name
                            + " for parameter QueueName is invalid. Reason: Can only include"
                            + " alphanumeric characters, hyphens, or underscores, and .fifo at the"
                            + " end of a FIFO queue's name. 1 to 80 in length.");
        }
        return ChannelName.of(name);
    }

    /// The name in an ARN of a queue of this account, or null if it is something else.
    public static @Nullable ChannelName ofArn(String arn) {
        var match = ARN.matcher(arn);
        return match.matches() && match.group(1).equals(ACCOUNT) && isName(match.group(2))
                ? ChannelName.of(match.group(2))
                : null;
    }

    /// Whether SQS can name this queue at all.
    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            return false;
        }
        int end = name.length() - (name.endsWith(FIFO_SUFFIX) ? FIFO_SUFFIX.length() : 0);
        for (int i = 0; i < end; i++) {
            if (!Batch.isWordCharacter(name.charAt(i))) {
                return false;
            }
        }
        return end > 0;
    }

    /// Whether a queue is a FIFO queue, which its name says.
    public static boolean isFifo(ChannelName queue) {
        return queue.name().endsWith(FIFO_SUFFIX);
    }

    /// The address as this client reaches it.
    static String url(Caller caller, ChannelName queue) {
        return caller.origin() + '/' + ACCOUNT + '/' + queue.name();
    }

    /// The ARN in the region that this client believes to be in.
    public static String arn(Caller caller, ChannelName queue) {
        return "arn:aws:sqs:" + caller.region() + ':' + ACCOUNT + ':' + queue.name();
    }
}
