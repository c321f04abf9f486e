/// Jobs over HTTP, as further endpoints of the API: they are submitted, awaited, looked at,
/// cancelled and sent back, schedules are made, queues are paused.
///
/// Each request is worked on by [io.millstream.jobs] on a thread of its own, which it may block.
/// Who asks is found out before, by [io.millstream.protocols.http]; what somebody may do is asked
/// here, for everything that is shown or done. Knows no connection and no thread of the network.
@NullMarked
package io.millstream.server.jobs;

import org.jspecify.annotations.NullMarked;
