/// Amazon SNS in the words of the seam: a topic is a fanout exchange, a subscription a binding.
///
/// Knows the seam, [io.millstream.protocols.aws.wire] and of [io.millstream.protocols.aws.sqs] how
/// queues and attributes of messages are written; knows no socket and no HTTP.
@NullMarked
package io.millstream.protocols.aws.sns;

import org.jspecify.annotations.NullMarked;
