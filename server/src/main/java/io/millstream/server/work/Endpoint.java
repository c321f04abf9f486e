package io.millstream.server.work;

import io.millstream.server.config.ConfigException;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapSetter;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Where messages are posted to. It follows no redirect: what is sent goes to who was named, and to
/// nobody else.
final class Endpoint implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private static final TextMapSetter<HttpRequest.Builder> HEADERS =
            (request, name, value) -> {
                if (request != null) {
                    request.setHeader(name, value);
                }
            };

    private final HttpClient client;
    private final HttpRequest prototype;
    private final Duration timeout;
    private final @Nullable Signer signer;
    private final InstantSource clock;

    /// @param address with `http:` or `https:`
    /// @param headers of each request, `Name: value`
    /// @param timeout how long an answer may take, whole
    /// @param agent how requests name this program
    record Plan(URI address, List<String> headers, Duration timeout, String agent) {}

    /// @throws ConfigException if no request can have such headers
    Endpoint(Plan plan, @Nullable Signer signer, InstantSource clock) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(plan.address)
                        .header("User-Agent", plan.agent)
                        .header("Content-Type", "application/json");
        plan.headers.forEach(header -> add(request, header));
        this.prototype = request.build();
        this.timeout = plan.timeout;
        this.signer = signer;
        this.clock = clock;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(
                                CONNECT.compareTo(plan.timeout) < 0 ? CONNECT : plan.timeout)
                        .build();
    }

    private static void add(HttpRequest.Builder request, String header) {
        int colon = header.indexOf(':');
        try {
            if (colon > 0) {
                request.setHeader(
                        header.substring(0, colon).strip(), header.substring(colon + 1).strip());
                return;
            }
        } catch (IllegalArgumentException _) {
            // Said below, without the value, which may be a secret.
        }
        throw new ConfigException(
                "A header is such as 'X-Tenant: blue', and none that HTTP needs for itself; not "
                        + (colon > 0
                                ? "the one that begins with "
                                        + Answers.line(header.substring(0, colon), 20)
                                        + "."
                                : "one without a colon."));
    }

    URI address() {
        return prototype.uri();
    }

    /// Fails with a [java.util.concurrent.TimeoutException] if there is no whole answer in time,
    /// and with an [java.io.IOException] if there is none at all. Cancelling it ends the request.
    CompletableFuture<Reply> post(byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(prototype, (_, _) -> true)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        // A batch is of no trace.
        W3CTraceContextPropagator.getInstance().inject(Context.current(), request, HEADERS);
        if (signer != null) {
            request.setHeader(Signer.HEADER, signer.sign(clock.instant().getEpochSecond(), body));
        }
        var call = client.sendAsync(request.build(), _ -> Reply.reader());
        CompletableFuture<Reply> reply = call.thenApply(Reply::of);
        var _ =
                reply.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                call.cancel(true);
                            }
                        });
        return reply;
    }

    /// Ends what is under way.
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
