package io.millstream.wire;

import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;

import java.time.Duration;

/// A session that a server has opened for somebody elsewhere.
///
/// @param session its id, a secret of who opened it
/// @param silence how long it lasts without a request
public record Opened(String session, Duration silence) {

    static final Kind<Opened> KIND =
            Kind.object(
                    "an opened session",
                    (out, opened) ->
                            out.put("session", TEXT, opened.session())
                                    .put("silence_ms", MILLIS, opened.silence()),
                    in -> new Opened(in.get("session", TEXT), in.get("silence_ms", MILLIS)));
}
