package io.millstream.api;

import java.util.concurrent.CompletionStage;

/// Where messages are kept and who may have them next: the one seam between storage and everything
/// above.
///
/// Methods may be called from any thread and do not block, except [#close()]. Stages complete on a
/// thread of the backend, in the order in which the answers became durable: continuations must not
/// block it. A stage fails only with [StoppedException], of a backend that has ended, or where it
/// is elsewhere with [ConnectionLostException], after which it may be asked again; everything else
/// that a caller can handle is a value.
public interface Backend extends AutoCloseable {

    /// What this backend can do, read from the live store.
    Capabilities capabilities();

    /// Opens a session: one client's connection, worker or program.
    Session session(SessionSpec spec);

    /// Looks and changes nothing. The answer leaves only when all that it shows is durable. A look
    /// at what this backend does not support is refused.
    <V extends View> CompletionStage<Found<V>> find(Query<V> query);

    /// Finishes what is in flight, stores a checkpoint and closes every session. Blocks until done,
    /// seconds at most. Doing it again does nothing.
    @Override
    void close();
}
