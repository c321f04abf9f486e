/// AWS's services over HTTP: the door through which their clients come in.
///
/// [io.millstream.protocols.aws.AwsDoor] listens; each of its event loops reads requests, bounded
/// in size and time, finds out which protocol they speak, has the service do them and writes the
/// answer. Knows HTTP and nothing of queues.
@NullMarked
package io.millstream.protocols.aws;

import org.jspecify.annotations.NullMarked;
