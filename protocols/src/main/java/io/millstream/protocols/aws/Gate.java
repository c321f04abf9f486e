package io.millstream.protocols.aws;

import io.millstream.protocols.access.Directory.KeyHolder;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.aws.sign.Claim;
import io.millstream.protocols.aws.sign.Head;
import io.millstream.protocols.web.Guard;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Finds out who sent one request, by its signature. Without users it looks at nothing.
final class Gate {
    private final Guard guard;
    private @Nullable Claim claim;
    private Principal principal = Principal.ANYONE;

    Gate(Guard guard) {
        this.guard = guard;
    }

    /// Whether everybody may come in.
    boolean isOpen() {
        return guard.access().isOpen();
    }

    /// Refuses, by a fault, what could not be believed whatever its body is.
    void meet(HttpServerRequest request) {
        if (isOpen()) {
            return;
        }
        if (Link.isVisitedBy(request)) {
            principal = Principal.NOBODY;
        } else {
            Claim said = Claim.of(head(request));
            holder(said);
            said.checkTime(now());
            claim = said;
        }
    }

    /// Believes the request or refuses it, by a fault. Its body is there, and nobody has read it.
    ///
    /// @param service which it must have been signed for
    void admit(HttpServerRequest request, String service, byte[] body) {
        if (claim == null) {
            // The first user may have come while the body was on its way.
            meet(request);
        }
        Claim said = claim;
        if (said != null) {
            // Again, because it may have lost its key while the body was on its way.
            KeyHolder holder = holder(said);
            said.checkSignature(holder.key().secret(), service, body);
            principal = new Principal.Known(holder.user());
        }
    }

    /// Who it is.
    Principal principal() {
        return principal;
    }

    /// The region that the client believes to be in, if its signature was looked at.
    @Nullable String region() {
        return claim == null ? null : claim.region();
    }

    Instant now() {
        return guard.clock().instant();
    }

    private KeyHolder holder(Claim said) {
        return guard.access().directory().keyHolder(said.keyId()).orElseThrow(Claim::unknownKey);
    }

    private static Head head(HttpServerRequest request) {
        Map<String, List<String>> headers = new HashMap<>();
        for (Map.Entry<String, String> header : request.headers()) {
            headers.computeIfAbsent(header.getKey(), name -> new ArrayList<>())
                    .add(header.getValue());
        }
        return new Head(
                request.method().name(),
                Objects.requireNonNullElse(request.path(), ""),
                Objects.requireNonNullElse(request.query(), ""),
                headers);
    }
}
