package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.api.Commit;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Session;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.room.Room;
import io.millstream.wire.Bounds;
import io.vertx.core.WorkerExecutor;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What all requests share.
///
/// @param backend where everything is
/// @param own a session of the API's own, by which it gives back what it could not deliver
/// @param limits what is borne
/// @param bounds how much of a body is read
/// @param access whether everybody may come in
/// @param entrance who finds out who asks
/// @param sessions those that are open
/// @param seal what keeps tokens unreadable
/// @param scribe reads and writes long JSON, one after the other
/// @param requests how many are under way
/// @param bodyBytes how many bytes of bodies are held
/// @param answers the bytes of answers that are held
/// @param lines those that are open; safe for threads
/// @param works threads that work on requests to extensions; safe for threads
record Premises(
        Backend backend,
        Session own,
        ApiLimits limits,
        Bounds bounds,
        Access access,
        Entrance entrance,
        Sessions sessions,
        Seal seal,
        WorkerExecutor scribe,
        AtomicInteger requests,
        AtomicLong bodyBytes,
        Room answers,
        Set<Line> lines,
        Set<Thread> works) {

    /// Gives messages back to their places, each by itself; one that cannot be comes back when its
    /// lease ends. They count as delivered once more, and no attempt was used.
    void giveBack(List<Lease> leases) {
        if (leases.isEmpty()) {
            return;
        }
        Outcome again = Outcome.returned();
        try {
            own.commit(
                    leases.stream()
                            .map(lease -> Commit.of(new Operation.Settle(lease.handle(), again)))
                            .toList());
        } catch (RuntimeException stopped) {
            // The door has closed, or the store has: then their leases end by themselves.
        }
    }
}
