/// Messages on their way to HTTP endpoints that subscribe to topics: one queue of the backend for
/// each, whose consumer here posts what is in it.
///
/// How often and when a message is sent again is said by its policy, what then becomes of it by its
/// queue. Keeps nothing: after a restart the queues say what there is to do. Knows the seam and
/// HTTP, and nothing of the actions by which endpoints subscribe.
@NullMarked
package io.millstream.protocols.aws.push;

import org.jspecify.annotations.NullMarked;
