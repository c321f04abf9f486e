package io.millstream.wire;

import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TEXTS;

import io.millstream.api.SessionSpec;

import java.util.Map;

/// What a session is.
final class SessionForm {
    static final Kind<SessionSpec> KIND =
            Kind.object(
                    "a session, such as {\"name\":\"worker 3\"}",
                    (out, spec) ->
                            out.put("name", TEXT, spec.name())
                                    .or("labels", TEXTS, spec.labels(), Map.of()),
                    in -> new SessionSpec(in.get("name", TEXT), in.or("labels", TEXTS, Map.of())));

    private SessionForm() {}
}
