package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/// Where messages go that have been received too often; the seam's `deadLetter` and `maxAttempts`.
///
/// @param target the dead-letter queue, or null to have none
/// @param receiveCountMax how often a message is received before it goes there, 0 without a target
record RedrivePolicy(@Nullable ChannelName target, int receiveCountMax) {
    private static final String TITLE = "RedrivePolicy";
    private static final String TARGET = "deadLetterTargetArn";
    private static final String COUNT = "maxReceiveCount";
    private static final int RECEIVE_COUNT_LIMIT = 1_000;

    /// Reads the attribute's JSON text; an empty text is no policy.
    static RedrivePolicy read(String json) {
        if (json.isEmpty()) {
            return new RedrivePolicy(null, 0);
        }
        Input policy;
        String arn;
        Integer count;
        try {
            policy = Wire.json(TITLE, json.getBytes(StandardCharsets.UTF_8));
            policy.allow(Set.of(TARGET, COUNT));
            arn = policy.text(TARGET);
            count = policy.wholeOrText(COUNT);
        } catch (FaultException _) {
            throw invalid(
                    json,
                    "It must be a JSON object with "
                            + TARGET
                            + ", the ARN of a queue, and "
                            + COUNT
                            + ", a number, and nothing else.");
        }
        ChannelName target = arn == null ? null : QueueAddress.ofArn(arn);
        if (target == null) {
            throw invalid(json, "It must contain the ARN of a queue as " + TARGET + ".");
        }
        if (count == null || count < 1 || count > RECEIVE_COUNT_LIMIT) {
            throw invalid(json, "It must contain " + COUNT + ", a number from 1 to 1000.");
        }
        return new RedrivePolicy(target, count);
    }

    /// The policy of a queue, whoever declared it.
    static RedrivePolicy of(Definition.Queue queue) {
        ChannelName target = queue.deadLetter();
        return target == null
                ? new RedrivePolicy(null, 0)
                : new RedrivePolicy(target, queue.maxAttempts());
    }

    /// The attribute's JSON text, or null if there is no policy.
    @Nullable String json(Caller caller) {
        return target == null
                ? null
                : "{\"deadLetterTargetArn\":\""
                        + QueueAddress.arn(caller, target)
                        + "\",\"maxReceiveCount\":"
                        + receiveCountMax
                        + "}";
    }

    /// The fault that says what is wrong with the dead-letter queue.
    FaultException invalidTarget(String reason) {
        return invalid(String.valueOf(target), reason);
    }

    private static FaultException invalid(String value, String reason) {
        return AwsError.INVALID_PARAMETER.with(
                "Value " + value + " for parameter RedrivePolicy is invalid. Reason: " + reason);
    }
}
