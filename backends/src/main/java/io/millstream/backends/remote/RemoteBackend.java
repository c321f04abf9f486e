package io.millstream.backends.remote;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Feature;
import io.millstream.api.Found;
import io.millstream.api.MillstreamException;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;
import io.millstream.wire.Ask;
import io.millstream.wire.Bounds;
import io.millstream.wire.Forms;
import io.millstream.wire.MalformedException;
import io.millstream.wire.Told;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The store of a server elsewhere, which does what that store does. Commits of many callers go
/// together by themselves.
///
/// A lost connection is made again, for as long as it takes. Commits that were sent over it and not
/// answered are sent again, under ids of this backend's own, so that they are done once; other
/// things that were not answered fail with [io.millstream.api.ConnectionLostException]. What was
/// not sent waits [RemoteOptions#patience()]. Consumers, watches and readers go on over the next
/// connection: a watch tells its snapshot again, and leases that last as long as their session have
/// gone back.
public final class RemoteBackend implements Backend {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /// What a server answers that begins, stops or is too busy to look at a password, or a proxy
    /// before one that is not there.
    private static final Set<Integer> AWAY = Set.of(502, 503, 504);

    private final RemoteLine line;
    private final HttpClient http;
    private final Capabilities capabilities;

    private RemoteBackend(RemoteLine line, HttpClient http, Capabilities capabilities) {
        this.line = line;
        this.http = http;
        this.capabilities = capabilities;
    }

    /// Connects. Blocks until the server has answered.
    ///
    /// @throws MillstreamException if it cannot be reached, or does not let this user in
    public static RemoteBackend open(RemoteOptions options) {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT);
        if (options.tls() != null) {
            builder.sslContext(options.tls());
        }
        HttpClient http = builder.build();
        try {
            Capabilities there = capabilities(http, options);
            RemoteLine line = new RemoteLine(options, http);
            line.start();
            return new RemoteBackend(line, http, there);
        } catch (RuntimeException e) {
            http.shutdownNow();
            throw e;
        }
    }

    private static Capabilities capabilities(HttpClient http, RemoteOptions options) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(options.at("/capabilities")).timeout(CONNECT).GET();
        if (options.authorization() != null) {
            request.header("Authorization", options.authorization());
        }
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new MillstreamException(
                    ("No Millstream server answers at %s (%s). Start it with ./millstream serve,"
                                    + " or look at the address.")
                            .formatted(
                                    options,
                                    e.getMessage() == null
                                            ? e.getClass().getSimpleName()
                                            : e.getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MillstreamException("It was interrupted while it connected.", e);
        }
        if (AWAY.contains(answer.statusCode())) {
            throw new ConnectionLostException(
                    "The server at %s is not ready: it answers with status %d. Ask again soon."
                            .formatted(options, answer.statusCode()));
        }
        try {
            if (answer.statusCode() != 200) {
                throw new MillstreamException(
                        "The server at %s refuses: %s"
                                .formatted(
                                        options,
                                        Forms.PROBLEM.read(answer.body(), Bounds.ANSWER).detail()));
            }
            return ofRemote(Forms.CAPABILITIES.read(answer.body(), Bounds.ANSWER));
        } catch (MalformedException e) {
            throw new MillstreamException(
                    "What answers at %s with status %d is no Millstream server of this version: %s"
                            .formatted(options, answer.statusCode(), e.getMessage()),
                    e);
        }
    }

    private static Capabilities ofRemote(Capabilities there) {
        return new Capabilities(
                "remote " + there.backend(),
                there.features(),
                there.messageBytesMax(),
                there.commitBytesMax(),
                there.longest(),
                there.durability() == Capabilities.Durability.LOCAL_SYNC
                        ? Capabilities.Durability.REMOTE_SYNC
                        : there.durability());
    }

    /// What the server's store could do when this was opened.
    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Session session(SessionSpec spec) {
        return RemoteSession.open(line, spec, capabilities.has(Feature.COMMIT_IDS));
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        OneAnswer<Found<V>> look =
                new OneAnswer<>(
                        line.number(),
                        id -> new Ask.Find(id, query),
                        told -> told instanceof Told.Seen seen ? seen(seen) : null,
                        RemoteBackend::refused);
        try {
            line.ask(look);
        } catch (IllegalArgumentException unsayable) {
            // What cannot even be said is nobody's name.
            return CompletableFuture.completedStage(new Page<>(List.of(), null, Instant.now()));
        }
        return look.answer();
    }

    private static <V extends View> Found<V> refused(Refusal refusal) {
        return new Found.Refused<>(Instant.now(), refusal);
    }

    @SuppressWarnings("unchecked") // The server shows what the query asks for.
    private static <V extends View> Found<V> seen(Told.Seen seen) {
        return (Found<V>) seen.found();
    }

    @Override
    public void close() {
        line.close();
        http.shutdownNow();
    }
}
