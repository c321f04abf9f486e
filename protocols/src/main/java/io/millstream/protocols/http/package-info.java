/// The seam over HTTP, for workers in any language: sessions, commits, takes and looks as JSON,
/// under `/api/v1`.
///
/// It says the forms of [io.millstream.wire] and no others. Who asks is found out by the door that
/// it is mounted in ([io.millstream.protocols.http.Entrance]); what somebody may do is decided
/// here, by [io.millstream.protocols.access]. Knows no engine and no other protocol.
///
/// Requests are handled on their event loop, which nothing here blocks; JSON that is long is read
/// and written on a thread of its own, one after the other. What is held for a request is counted:
/// its body until it is answered, its answer until its client has it.
@NullMarked
package io.millstream.protocols.http;

import org.jspecify.annotations.NullMarked;
