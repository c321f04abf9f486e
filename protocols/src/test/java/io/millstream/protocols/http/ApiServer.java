package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.SessionSpec;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.User;
import io.millstream.wire.Form;
import io.millstream.wire.Forms;
import io.millstream.wire.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The API on a port of its own, whose door believes everybody who it is: the header `User` names
/// somebody with grants, or nobody in particular.
final class ApiServer implements Entrance, AutoCloseable {
    private static final String USER = "User";

    private final Vertx vertx = Vertx.vertx();
    private final Backend backend;
    private final HttpApi api;
    private final HttpServer server;
    private final Map<String, Principal> users = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    ApiServer(Backend backend, ApiLimits limits) {
        this.backend = backend;
        this.api = new HttpApi(vertx, backend, limits, Access.OPEN, this);
        Router router = Router.router(vertx);
        api.addTo(router);
        this.server =
                vertx.createHttpServer(HttpApi.withLines(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    /// Who is nobody's user is anyone. The answer comes later, as that of a password does.
    @Override
    public void meet(RoutingContext request, Consumer<Principal> then) {
        String name = request.request().getHeader(USER);
        if (name == null) {
            then.accept(Principal.ANYONE);
            return;
        }
        if (!request.request().isEnded()) {
            request.request().pause();
        }
        Principal who = users.getOrDefault(name, Principal.NOBODY);
        request.vertx().getOrCreateContext().runOnContext(_ -> then.accept(who));
    }

    /// Users change when they are set again.
    @Override
    public Principal now(Principal who) {
        return who instanceof Principal.Known known
                ? users.getOrDefault(known.name(), Principal.NOBODY)
                : who;
    }

    void user(String name, String... grants) {
        users.put(
                name,
                new Principal.Known(
                        User.named(name)
                                .withGrants(Arrays.stream(grants).map(Grant::parse).toList())));
    }

    void remove(String name) {
        users.remove(name);
    }

    HttpApi api() {
        return api;
    }

    Backend backend() {
        return backend;
    }

    int port() {
        return server.actualPort();
    }

    // What is done to the backend without the API.

    void commit(Operation... operations) {
        try (var session = backend.session(SessionSpec.of("test"))) {
            Receipt receipt =
                    session.commit(io.millstream.api.Commit.of(operations))
                            .toCompletableFuture()
                            .join();
            if (receipt instanceof Receipt.Refused refused) {
                throw new AssertionError(refused.refusal().text());
            }
        }
    }

    void put(String queue, String text) {
        commit(new Operation.Put(io.millstream.api.ChannelName.of(queue), Message.of(text)));
    }

    /// How many messages wait in a queue.
    long ready(String queue) {
        var look = new io.millstream.api.Query.QueueNamed(io.millstream.api.ChannelName.of(queue));
        return backend.find(look)
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts()
                .ready();
    }

    // What is asked of the API.

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port() + HttpApi.ROOT + path))
                .timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError("No answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    HttpRequest.Builder posting(String path, String json) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json));
    }

    HttpResponse<String> post(String path, String json) {
        return send(posting(path, json));
    }

    HttpResponse<String> postAs(String user, String path, String json) {
        return send(posting(path, json).header(USER, user));
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    HttpResponse<String> deleteAs(String user, String path) {
        return send(request(path).DELETE().header(USER, user));
    }

    /// Opens a session and gives its path.
    String open() {
        return path(post("/sessions", "{\"name\":\"test\"}"));
    }

    String openAs(String user) {
        return path(postAs(user, "/sessions", "{\"name\":\"test\"}"));
    }

    private static String path(HttpResponse<String> opened) {
        if (opened.statusCode() != 201) {
            throw new AssertionError(opened.body());
        }
        return "/sessions/" + read(Forms.OPENED, opened).session();
    }

    static <T> T read(Form<T> form, HttpResponse<String> answer) {
        return form.read(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    static Problem problem(HttpResponse<String> answer) {
        String type = answer.headers().firstValue("Content-Type").orElse("none");
        if (!type.equals("application/problem+json")) {
            throw new AssertionError("No problem, but " + answer + ": " + answer.body());
        }
        return read(Forms.PROBLEM, answer);
    }

    /// A request as bytes, on a connection that is left to the test.
    Socket raw(String method, String path, Map<String, String> headers, byte[] body)
            throws IOException {
        Socket socket = new Socket();
        // So that what nobody reads stays with the server.
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
        Map<String, String> all = new HashMap<>(headers);
        all.putIfAbsent("Host", "localhost");
        if (!all.containsKey("Transfer-Encoding")) {
            all.putIfAbsent("Content-Length", Integer.toString(body.length));
        }
        StringBuilder head =
                new StringBuilder(method + " " + HttpApi.ROOT + path + " HTTP/1.1\r\n");
        all.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        return socket;
    }

    Socket rawPost(String path, String json) throws IOException {
        return raw(
                "POST",
                path,
                Map.of("Content-Type", "application/json"),
                json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        client.close();
        api.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        backend.close();
    }
}
