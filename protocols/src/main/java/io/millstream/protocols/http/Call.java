package io.millstream.protocols.http;

import io.millstream.api.Found;
import io.millstream.api.Query;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.web.Outlet;
import io.millstream.wire.Form;
import io.millstream.wire.Forms;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// One request and its answer, once it is known who asks. Used on the request's event loop.
///
/// Whatever happens, its sender gets one answer, and what is held for it is let go of once: by
/// [#over()], when the answer has left or its sender has.
final class Call implements Asker {
    private static final Logger LOG = LoggerFactory.getLogger(Call.class);

    /// JSON that is longer is read and written on another thread.
    static final int INLINE_BYTES = 64 << 10;

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final byte[] NOTHING = {};

    private final Premises premises;
    private final RoutingContext request;
    private final HttpServerResponse response;
    private final Context context;
    private Principal principal;
    private byte[] body = NOTHING;
    private @Nullable OpenSession session;
    private @Nullable Outlet outlet;
    private @Nullable Runnable stop;
    private @Nullable Runnable undo;
    private @Nullable Runnable end;
    private Runnable ending = () -> {};
    private long held;
    private boolean answered;
    private boolean gone;
    private boolean streams;

    Call(Premises premises, RoutingContext request, Principal principal) {
        this.premises = premises;
        this.request = request;
        this.response = request.response();
        this.context = request.vertx().getOrCreateContext();
        this.principal = principal;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    /// Its sender was asked again who it is.
    void meetsAgain(Principal who) {
        principal = who;
    }

    @Override
    public Context context() {
        return context;
    }

    /// The session that its path names; there is one wherever this is asked.
    OpenSession session() {
        if (session == null) {
            throw new IllegalStateException("This request names no session.");
        }
        return session;
    }

    /// Begins a request to the session that its path names.
    ///
    /// @throws ProblemException if there is none for its sender
    void beginInSession() {
        String id = String.valueOf(request.pathParam("id"));
        if (session != null && !session.isOf(principal)) {
            throw premises.sessions().gone();
        }
        if (session == null) {
            session = premises.sessions().begin(id, principal);
        }
    }

    void arrived(byte[] bytes) {
        body = bytes;
    }

    @Override
    public boolean isOver() {
        return gone || answered;
    }

    /// Reads its body and goes on with that.
    <T> void read(Form<T> form, Consumer<T> then) {
        byte[] json = body;
        body = NOTHING;
        if (json.length <= INLINE_BYTES) {
            then.accept(form.read(json, premises.bounds()));
        } else {
            later(() -> form.read(json, premises.bounds()), then);
        }
    }

    /// Does something on the thread for long JSON, and goes on with what it gives.
    private <T> void later(Callable<T> task, Consumer<T> then) {
        go(premises.scribe().executeBlocking(task, true), then);
    }

    @Override
    public <T> void when(CompletionStage<T> stage, Consumer<T> then) {
        go(Future.fromCompletionStage(stage, context), then);
    }

    private <T> void go(Future<T> future, Consumer<T> then) {
        future.onComplete(done -> {
            if (done.failed()) {
                fail(done.cause());
            } else {
                attempt(() -> then.accept(done.result()));
            }
        });
    }

    @Override
    public void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /// Goes on as a WebSocket, which is all the answer there is.
    void upgrade(Consumer<ServerWebSocket> then) {
        HttpServerRequest asked = request.request();
        if (!"websocket".equalsIgnoreCase(asked.getHeader(HttpHeaders.UPGRADE))) {
            throw Trouble.NO_SOCKET.with(
                    "This path is for WebSockets. Ask with Upgrade: websocket, as RFC 6455 has"
                            + " it.");
        }
        answered = true;
        asked.toWebSocket()
                .onSuccess(socket -> {
                    // No end of a request is told of what goes on as something else.
                    end();
                    then.accept(socket);
                })
                .onFailure(failure -> LOG.debug("A WebSocket was not opened", failure));
    }

    @Override
    public void onGone(Runnable stop) {
        this.stop = stop;
        if (gone) {
            callOff();
        }
    }

    @Override
    public void onUndelivered(Runnable undo) {
        this.undo = undo;
    }

    /// What happens when it is over, however it ends.
    void onOver(Runnable end) {
        this.end = end;
    }

    // Bytes of answers.

    @Override
    public boolean holdAnswer(long bytes) {
        if (!premises.answers().tryHold(bytes)) {
            return false;
        }
        held += bytes;
        return true;
    }

    @Override
    public void takeOver(long bytes) {
        held += bytes;
    }

    private void resize(long bytes) {
        premises.answers().hold(bytes);
        release();
        held = bytes;
    }

    private void release() {
        premises.answers().free(held);
        held = 0;
    }

    // Answers.

    /// Answers without a body.
    void answer(int status) {
        if (begin()) {
            head(status);
            response.end().onComplete(_ -> release());
        }
    }

    /// Answers with JSON that is written already.
    void answer(int status, byte[] json) {
        send(status, JSON, json);
    }

    /// Begins an answer that has no length, and is written piece by piece; what stops it when its
    /// reader leaves stays.
    ///
    /// @return where to write it to, or null if it is over
    @Nullable HttpServerResponse beginStream(String type) {
        if (!begin()) {
            return null;
        }
        head(200);
        response.putHeader(HttpHeaders.CONTENT_TYPE, type);
        if (request.request().method().equals(HttpMethod.HEAD)) {
            response.end();
            return null;
        }
        streams = true;
        response.setChunked(true);
        // Whoever waits for the first event knows that it is heard.
        response.writeHead();
        return response;
    }

    /// What went wrong after the answer had begun.
    void failed(Throwable failure) {
        LOG.error("A request to {} failed when it was answered", path(), failure);
    }

    /// All that it says, for whoever works on it elsewhere.
    Asked asked() {
        byte[] json = body;
        body = NOTHING;
        Map<String, List<String>> query = new HashMap<>();
        request.queryParams()
                .forEach(one ->
                        query.computeIfAbsent(one.getKey(), _ -> new ArrayList<>())
                                .add(one.getValue()));
        Map<String, String> headers = new HashMap<>();
        request.request()
                .headers()
                .forEach(one ->
                        headers.putIfAbsent(one.getKey().toLowerCase(Locale.ROOT), one.getValue()));
        return new Asked(principal, request.pathParams(), query, headers, json);
    }

    /// Answers with a value.
    ///
    /// @param estimate how many bytes of JSON it may become; if that is much, another thread writes
    ///   it
    <T> void answer(int status, Form<T> form, T value, long estimate) {
        if (estimate <= INLINE_BYTES) {
            send(status, JSON, form.write(value));
        } else {
            later(() -> form.write(value), json -> send(status, JSON, json));
        }
    }

    @Override
    public void taken(Taken taken, long bytes) {
        answer(200, Forms.TAKEN, taken, bytes);
    }

    @Override
    public <V extends View> void found(Query<V> query, Found<V> found, long bytes) {
        answer(200, Forms.found(query), found, bytes);
    }

    HttpServerResponse response() {
        return response;
    }

    private void fail(Throwable failure) {
        if (isOver()) {
            if (answered) {
                LOG.error("A request to {} failed when it was answered", path(), failure);
            }
            release();
            undo();
            return;
        }
        ProblemException told = ProblemException.of(failure, this::sessionIsGone);
        if (told.trouble() == Trouble.BUG) {
            LOG.error("A request to {} failed by a bug", path(), failure);
        }
        undo();
        release();
        if (told.trouble().passes()) {
            response.putHeader("Retry-After", "1");
        }
        send(told.trouble().status(), PROBLEM, Forms.PROBLEM.write(told.problem()));
    }

    /// Without the id of a session, which is a secret.
    private String path() {
        return HttpApi.pathOf(request.normalizedPath());
    }

    private @Nullable ProblemException sessionIsGone() {
        return session != null && session.isEnded() ? premises.sessions().gone() : null;
    }

    private boolean begin() {
        if (gone || answered || response.ended() || response.closed()) {
            release();
            undo();
            return false;
        }
        answered = true;
        return true;
    }

    private void head(int status) {
        response.setStatusCode(status)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
    }

    private void send(int status, String type, byte[] json) {
        if (!begin()) {
            return;
        }
        resize(json.length);
        head(status);
        response.putHeader(HttpHeaders.CONTENT_TYPE, type);
        if (request.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length));
            response.end().onComplete(_ -> release());
            return;
        }
        Outlet out = new Outlet(response, json);
        outlet = out;
        long timer =
                json.length <= INLINE_BYTES
                        ? -1
                        : request.vertx()
                                .setTimer(premises.limits().answerMillis(), _ -> response.reset());
        out.send()
                .onComplete(sent -> {
                    request.vertx().cancelTimer(timer);
                    release();
                    if (sent.failed()) {
                        undo();
                    }
                    undo = null;
                });
    }

    private void undo() {
        Runnable step = undo;
        undo = null;
        if (step != null) {
            step.run();
        }
    }

    private void callOff() {
        Runnable step = stop;
        stop = null;
        if (step != null) {
            step.run();
        }
    }

    /// What ends it before the connection says that it has ended.
    void onEnd(Runnable ending) {
        this.ending = ending;
    }

    /// Ends it.
    void end() {
        ending.run();
    }

    /// The answer has left, or its sender has.
    void over() {
        if (!answered || streams) {
            gone = true;
            callOff();
        }
        if (outlet != null) {
            outlet.abandon();
        }
        Runnable step = end;
        end = null;
        if (step != null) {
            step.run();
        }
        OpenSession used = session;
        if (used != null) {
            session = null;
            used.end();
        }
    }
}
