package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.wire.Forms;
import io.millstream.wire.Told;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A line as a program in another language has it: texts go in, texts come out.
final class LineClient implements WebSocket.Listener, AutoCloseable {
    private static final String CLOSED = "closed ";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private final boolean reads;
    private final WebSocket socket;

    private LineClient(HttpClient http, int port, String user, boolean reads) {
        this.reads = reads;
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (!user.isEmpty()) {
            builder.header("User", user);
        }
        this.socket =
                builder.buildAsync(
                                URI.create("ws://127.0.0.1:" + port + HttpApi.ROOT + "/socket"),
                                this)
                        .join();
    }

    static LineClient open(HttpClient http, int port, String user) {
        LineClient client = new LineClient(http, port, user, true);
        assertThat(client.told()).isInstanceOf(Told.Welcome.class);
        return client;
    }

    /// One that takes nothing of what it is told.
    static LineClient deaf(HttpClient http, int port) {
        return new LineClient(http, port, "", false);
    }

    @Override
    public void onOpen(WebSocket opened) {
        if (reads) {
            opened.request(Long.MAX_VALUE);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket over, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            heard.add(part.toString());
            part.setLength(0);
        }
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket over, int status, String reason) {
        heard.add(CLOSED + status + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket over, Throwable failure) {
        heard.add(CLOSED + failure.getMessage());
    }

    void say(String json) {
        socket.sendText(json, true).join();
    }

    /// What is told next, as it is.
    String hear() {
        try {
            String next = heard.poll(20, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("Nothing was told.");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    Told told() {
        return Forms.TOLD.read(hear().getBytes(StandardCharsets.UTF_8));
    }

    <T extends Told> T told(Class<T> type) {
        Told told = told();
        assertThat(told).isInstanceOf(type);
        return type.cast(told);
    }

    /// How it was closed.
    String closed() {
        String last = hear();
        assertThat(last).startsWith(CLOSED);
        return last.substring(CLOSED.length());
    }

    boolean hasHeardNothing() {
        return heard.isEmpty();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
