/// The store of a server elsewhere, over its HTTP port:
/// [io.millstream.backends.remote.RemoteBackend] is all that a program sees of it, by an address
/// like `http://user:password@host:7171`.
///
/// One WebSocket carries everything, in the order in which it is asked ([io.millstream.wire.Ask]).
/// When it breaks, what was sent and not answered fails with
/// [io.millstream.api.ConnectionLostException], what was not sent waits, and consumers, watches and
/// readers go on over the next one.
@NullMarked
package io.millstream.backends.remote;

import org.jspecify.annotations.NullMarked;
