/// Amazon SQS in the words of the seam: one file for each action, named as in AWS's manual.
///
/// An action reads its parameters into a record, says a few operations to the backend, and turns
/// receipts into an answer. What AWS and Millstream call things is translated here and nowhere
/// else: attributes of queues and messages, receipt handles, digests, errors. Knows the seam and
/// [io.millstream.protocols.aws.wire]; knows no socket, no HTTP and no wire format.
@NullMarked
package io.millstream.protocols.aws.sqs;

import org.jspecify.annotations.NullMarked;
