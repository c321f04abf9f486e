package io.millstream.protocols.aws.sns;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;

/// The errors of SNS.
enum SnsError {
    AUTHORIZATION_ERROR("AuthorizationError", 403),
    BATCH_ENTRY_IDS_NOT_DISTINCT("BatchEntryIdsNotDistinct", 400),
    BATCH_REQUEST_TOO_LONG("BatchRequestTooLong", 400),
    EMPTY_BATCH_REQUEST("EmptyBatchRequest", 400),
    INVALID_BATCH_ENTRY_ID("InvalidBatchEntryId", 400),
    INVALID_PARAMETER("InvalidParameter", 400),
    INVALID_STATE("InvalidState", 400),
    NOT_FOUND("NotFound", 404),
    PARAMETER_VALUE_INVALID("ParameterValueInvalid", 400),
    RESOURCE_NOT_FOUND("ResourceNotFound", 404),
    SUBSCRIPTION_LIMIT_EXCEEDED("SubscriptionLimitExceeded", 403),
    TAG_LIMIT_EXCEEDED("TagLimitExceeded", 400),
    TOO_MANY_ENTRIES("TooManyEntriesInBatchRequest", 400);

    private final String code;
    private final int status;

    SnsError(String code, int status) {
        this.code = code;
        this.status = status;
    }

    Fault fault(String message) {
        return new Fault("com.amazonaws.sns#" + code, code, status, status, true, message);
    }

    FaultException with(String message) {
        return fault(message).exception();
    }

    /// A parameter is wrong, in AWS's words and then why.
    static FaultException invalid(String parameter, String reason) {
        return INVALID_PARAMETER.with("Invalid parameter: " + parameter + " Reason: " + reason);
    }

    /// Why the backend refused.
    static Fault of(Refusal refusal) {
        return switch (refusal) {
            case Refusal.NoSuchExchange _ -> NOT_FOUND.fault("Topic does not exist");
            case Refusal.NoSuchChannel none ->
                    INVALID_PARAMETER.fault(
                            "Invalid parameter: Endpoint Reason: The queue is not there. "
                                    + none.text());
            case Refusal.Conflict _ ->
                    AwsError.UNAVAILABLE.fault(
                            "Others are changing this topic at the same time. Send the request"
                                    + " again.");
            case Refusal.IsFull full -> AwsError.UNAVAILABLE.fault(full.text());
            case Refusal.Busy busy -> AwsError.UNAVAILABLE.fault(busy.text());
            case Refusal.TooLarge large ->
                    INVALID_PARAMETER.fault("Invalid parameter: Message too long. " + large.text());
            case Refusal.Invalid invalid ->
                    INVALID_PARAMETER.fault("Invalid parameter: " + invalid.text());
            case Refusal.NotSupported _, Refusal.Duplicate _, Refusal.StaleFence _ ->
                    AwsError.INTERNAL.fault(refusal.text());
        };
    }

    /// The receipt's effects, or the refusal as a fault.
    static Receipt.Committed committed(Receipt receipt) {
        return switch (receipt) {
            case Receipt.Committed committed -> committed;
            case Receipt.Refused refused -> throw of(refused.refusal()).exception();
        };
    }
}
