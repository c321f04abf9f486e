package io.millstream.protocols.aws.sqs;

import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;

/// The errors of SQS: the shape's name in JSON, the code in the query protocol, and the status
/// there.
///
/// In JSON the status of all of them is 400.
enum SqsError {
    BATCH_ENTRY_IDS_NOT_DISTINCT("BatchEntryIdsNotDistinct", Spelling.LONG, 400),
    BATCH_REQUEST_TOO_LONG("BatchRequestTooLong", Spelling.LONG, 400),
    EMPTY_BATCH_REQUEST("EmptyBatchRequest", Spelling.LONG, 400),
    INVALID_ADDRESS("InvalidAddress", Spelling.SHORT, 404),
    INVALID_ATTRIBUTE_NAME("InvalidAttributeName", Spelling.SHORT, 400),
    INVALID_ATTRIBUTE_VALUE("InvalidAttributeValue", Spelling.SHORT, 400),
    INVALID_BATCH_ENTRY_ID("InvalidBatchEntryId", Spelling.LONG, 400),
    INVALID_MESSAGE_CONTENTS("InvalidMessageContents", Spelling.SHORT, 400),
    MESSAGE_NOT_INFLIGHT("MessageNotInflight", Spelling.LONG, 400),
    OVER_LIMIT("OverLimit", Spelling.SHORT, 403),
    QUEUE_DOES_NOT_EXIST("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400),
    QUEUE_NAME_EXISTS("QueueNameExists", "QueueAlreadyExists", 400),
    RECEIPT_HANDLE_IS_INVALID("ReceiptHandleIsInvalid", Spelling.SHORT, 404),
    REQUEST_THROTTLED("RequestThrottled", Spelling.SHORT, 403),
    RESOURCE_NOT_FOUND("ResourceNotFoundException", Spelling.SHORT, 404),
    TOO_MANY_ENTRIES_IN_BATCH_REQUEST("TooManyEntriesInBatchRequest", Spelling.LONG, 400),
    UNSUPPORTED_OPERATION("UnsupportedOperation", Spelling.LONG, 400);

    /// How a code of the query protocol is made of the shape's name.
    private enum Spelling {
        LONG,
        SHORT
    }

    private static final int JSON_STATUS = 400;

    private final String type;
    private final String code;
    private final int queryStatus;

    SqsError(String shape, Spelling spelling, int queryStatus) {
        this(
                shape,
                (spelling == Spelling.LONG ? "AWS.SimpleQueueService." : "") + shape,
                queryStatus);
    }

    SqsError(String shape, String code, int queryStatus) {
        this.type = "com.amazonaws.sqs#" + shape;
        this.code = code;
        this.queryStatus = queryStatus;
    }

    /// This error with a text.
    Fault fault(String message) {
        return new Fault(type, code, JSON_STATUS, queryStatus, true, message);
    }

    /// This error with a text, to be thrown.
    FaultException with(String message) {
        return fault(message).exception();
    }
}
