package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.api.Session;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.room.Room;
import io.millstream.wire.Bounds;
import io.vertx.core.WorkerExecutor;

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
        Room answers) {}
