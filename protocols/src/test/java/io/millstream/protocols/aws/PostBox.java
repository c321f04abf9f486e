package io.millstream.protocols.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

/// An endpoint on this machine that remembers what is posted to it and answers as it is told.
final class PostBox implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long PATIENCE_SECONDS = 20;

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> answers = new LinkedBlockingQueue<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile String held = "none";

    /// What was posted.
    record Posted(String path, Map<String, String> headers, String body) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        String type() {
            return headers.getOrDefault("x-amz-sns-message-type", "");
        }
    }

    private PostBox(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    static PostBox open() {
        try {
            return new PostBox(HttpServer.create(address(), 0), "http");
        } catch (IOException e) {
            throw new AssertionError("No port", e);
        }
    }

    static PostBox open(SSLContext context) {
        try {
            HttpsServer server = HttpsServer.create(address(), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            return new PostBox(server, "https");
        } catch (IOException e) {
            throw new AssertionError("No port", e);
        }
    }

    private static InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    String url(String path) {
        return scheme + "://localhost:" + server.getAddress().getPort() + path;
    }

    /// Answers the next requests so, one each; the others with 200.
    void answer(Integer... statuses) {
        answers.addAll(List.of(statuses));
    }

    /// Answers nobody until it is closed.
    void hold() {
        hold("/");
    }

    /// Answers none of those whose path begins so.
    void hold(String path) {
        held = path;
    }

    /// Answers those who wait for it, and all others from now on.
    void release() {
        released.countDown();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        // Before anybody knows of it, and says how the next ones are to be answered.
        Integer status = answers.poll();
        posted.add(new Posted(exchange.getRequestURI().toString(), headers, body));
        if (exchange.getRequestURI().getPath().startsWith(held)) {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        exchange.getResponseHeaders().add("Location", url("/elsewhere"));
        exchange.sendResponseHeaders(status == null ? 200 : status, -1);
        exchange.close();
    }

    /// The next that was posted.
    Posted next() {
        try {
            Posted next = posted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("Nothing was posted to " + url("/"));
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    /// How many were posted that nobody has looked at.
    int waiting() {
        return posted.size();
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
        threads.close();
    }
}
