package io.millstream.backends.remote;

import io.millstream.api.Backend;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.http.Entrance;
import io.millstream.protocols.http.HttpApi;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import java.net.URI;
import java.util.function.Consumer;

/// The HTTP API of a backend on a port of its own, which lets everybody in.
final class ServerForTests implements Entrance, AutoCloseable {
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2));
    private final HttpApi api;
    private final HttpServer server;

    ServerForTests(Backend backend, ApiLimits limits, int port) {
        this.api = new HttpApi(vertx, backend, limits, Access.OPEN, this);
        Router router = Router.router(vertx);
        api.addTo(router);
        this.server =
                vertx.createHttpServer(HttpApi.withLines(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(port, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    @Override
    public void meet(RoutingContext request, Consumer<Principal> then) {
        then.accept(Principal.ANYONE);
    }

    @Override
    public Principal now(Principal who) {
        return who;
    }

    int port() {
        return server.actualPort();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port());
    }

    HttpApi api() {
        return api;
    }

    @Override
    public void close() {
        api.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
