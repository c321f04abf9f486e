package io.millstream.protocols.aws.sqs;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Fault;

/// Says in SQS's words why the backend refused.
final class Refusals {
    static final String NO_SUCH_QUEUE = "The specified queue does not exist.";

    private Refusals() {}

    static Fault fault(Refusal refusal) {
        return switch (refusal) {
            case Refusal.NoSuchChannel _ -> SqsError.QUEUE_DOES_NOT_EXIST.fault(NO_SUCH_QUEUE);
            case Refusal.StaleFence _ ->
                    SqsError.MESSAGE_NOT_INFLIGHT.fault(
                            "The message is not in flight by this receipt handle: its visibility"
                                    + " timeout has ended, or it was deleted. Receive it again.");
            case Refusal.IsFull full -> AwsError.UNAVAILABLE.fault(full.text());
            case Refusal.Busy busy -> AwsError.UNAVAILABLE.fault(busy.text());
            case Refusal.Conflict _ ->
                    AwsError.UNAVAILABLE.fault(
                            "Others are changing the attributes of this queue all the time. Send"
                                    + " the request again.");
            case Refusal.TooLarge tooLarge -> tooLong(tooLarge.bytesMax());
            case Refusal.NotSupported lacking ->
                    SqsError.UNSUPPORTED_OPERATION.fault(lacking.text());
            case Refusal.Invalid invalid -> AwsError.INVALID_PARAMETER.fault(invalid.text());
            case Refusal.Duplicate duplicate -> AwsError.INTERNAL.fault(duplicate.text());
            case Refusal.NoSuchExchange none -> AwsError.INTERNAL.fault(none.text());
        };
    }

    /// What AWS says of a message that is too large.
    static Fault tooLong(long bytesMax) {
        return AwsError.INVALID_PARAMETER.fault(
                "One or more parameters are invalid. Reason: Message must be shorter than "
                        + bytesMax
                        + " bytes.");
    }

    /// The receipt's effects, or the refusal as a fault.
    static Receipt.Committed committed(Receipt receipt) {
        return switch (receipt) {
            case Receipt.Committed committed -> committed;
            case Receipt.Refused refused -> throw fault(refused.refusal()).exception();
        };
    }
}
