package io.millstream.server.http;

import io.millstream.protocols.access.Passwords;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.http.Entrance;
import io.millstream.protocols.web.Guard;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Asks who somebody is, by name and password (Basic authentication, RFC 7617), and lets pass who
/// may. Without users it asks nothing.
final class Doorman implements Entrance, AutoCloseable {
    private static final String SCHEME = "basic ";

    private final Guard guard;
    private final Passwords passwords;
    private final Problems problems;
    private final Predicate<HttpServerRequest> isLocal;

    /// @param isLocal whether a request comes from this machine
    Doorman(Guard guard, Problems problems, Predicate<HttpServerRequest> isLocal) {
        this.guard = guard;
        this.isLocal = isLocal;
        this.passwords = new Passwords(guard.access());
        this.problems = problems;
    }

    /// What somebody says of who it is.
    private record Credentials(String name, String password) {
        static Optional<Credentials> of(@Nullable String authorization) {
            if (authorization == null
                    || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                return Optional.empty();
            }
            try {
                byte[] bytes =
                        Base64.getDecoder()
                                .decode(authorization.substring(SCHEME.length()).strip());
                String text = new String(bytes, StandardCharsets.UTF_8);
                int colon = text.indexOf(':');
                return colon < 0
                        ? Optional.empty()
                        : Optional.of(
                                new Credentials(
                                        text.substring(0, colon), text.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    /// The handler, for those only who may pass.
    ///
    /// @param what it takes, in words
    Handler<RoutingContext> only(
            String what, Predicate<Principal> may, BiConsumer<RoutingContext, Principal> handler) {
        return request ->
                meet(
                        request,
                        who -> {
                            resume(request.request());
                            if (who instanceof Principal.Anyone || may.test(who)) {
                                handler.accept(request, who);
                            } else {
                                problems.answer(
                                        request,
                                        403,
                                        "The user " + who.name() + " may not: it takes " + what);
                            }
                        });
    }

    @Override
    public void meet(RoutingContext request, Consumer<Principal> then) {
        if (guard.access().isOpen()) {
            then.accept(Principal.ANYONE);
            return;
        }
        Optional<Credentials> said =
                Credentials.of(request.request().getHeader(HttpHeaders.AUTHORIZATION));
        if (said.isEmpty()) {
            unknown(request, "This takes the name and the password of a user.");
        } else if (!isPrivate(request.request())) {
            problems.answer(
                    request,
                    403,
                    "Passwords are not taken over plain HTTP from other machines, and whoever"
                            + " listens has this one now: change it. Start the server with"
                            + " --tls.certificate and --tls.key, or ask from its own machine.");
        } else {
            check(request, said.get(), then);
        }
    }

    @Override
    public Principal now(Principal who) {
        return guard.access().now(who);
    }

    private void check(RoutingContext request, Credentials credentials, Consumer<Principal> then) {
        // The body, if one is coming, waits for the answer.
        if (!request.request().isEnded()) {
            request.request().pause();
        }
        Future.fromCompletionStage(
                        passwords.check(credentials.name(), credentials.password()),
                        request.vertx().getOrCreateContext())
                .onSuccess(user -> {
                    if (user.isEmpty()) {
                        resume(request.request());
                        unknown(request, "There is no user of this name and password.");
                    } else {
                        then.accept(new Principal.Known(user.get()));
                    }
                })
                .onFailure(busy -> {
                    resume(request.request());
                    problems.answer(request, 503, String.valueOf(busy.getMessage()));
                });
    }

    /// Whoever is asked again, once its body is there, has nothing more to send.
    private static void resume(HttpServerRequest request) {
        if (!request.isEnded()) {
            request.resume();
        }
    }

    private void unknown(RoutingContext request, String detail) {
        request.response()
                .putHeader("WWW-Authenticate", "Basic realm=\"Millstream\", charset=\"UTF-8\"");
        problems.answer(request, 401, detail);
    }

    /// Whether nobody else hears what is said.
    private boolean isPrivate(HttpServerRequest request) {
        return guard.tls().isPresent() || guard.plainPasswords() || isLocal(request);
    }

    /// Whether it comes from this machine.
    boolean isLocal(HttpServerRequest request) {
        return isLocal.test(request);
    }

    /// Whether the other end of the connection is on this machine.
    static boolean isFromLoopback(HttpServerRequest request) {
        String address = request.remoteAddress().hostAddress();
        return address != null && InetAddress.ofLiteral(address).isLoopbackAddress();
    }

    @Override
    public void close() {
        passwords.close();
    }
}
