package io.millstream.backends.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millstream.wire.Bounds;
import io.millstream.wire.Forms;
import io.millstream.wire.MalformedException;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// One connection: a WebSocket (RFC 6455) with messages in binary frames.
final class RemoteConnection implements WebSocket.Listener {
    private static final int PIECE_BYTES = 256 << 10;
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final RemoteLine line;
    private final long silenceNanos;
    private ByteArrayOutputStream message = new ByteArrayOutputStream();
    private volatile @Nullable WebSocket socket;
    private volatile long heardNanos = System.nanoTime();
    private volatile long bytesMax;
    private volatile boolean aborted;

    RemoteConnection(RemoteLine line, Duration silence) {
        this.line = line;
        this.silenceNanos = silence.toNanos();
    }

    CompletionStage<WebSocket> open(HttpClient http, RemoteOptions options) {
        WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(CONNECT);
        if (options.authorization() != null) {
            builder.header("Authorization", options.authorization());
        }
        return builder.buildAsync(options.socket(), this);
    }

    /// Whether the server has said that it is open.
    boolean isWelcome() {
        return bytesMax > 0;
    }

    /// How many bytes a message may have.
    long bytesMax() {
        return bytesMax;
    }

    boolean isSilent() {
        return System.nanoTime() - heardNanos > silenceNanos;
    }

    void ping() {
        WebSocket over = socket;
        if (over != null && isWelcome()) {
            // A connection that broke while something was sent may tell nobody but the next sender.
            var _ =
                    over.sendPing(ByteBuffer.allocate(0))
                            .whenComplete((_, failure) -> {
                                if (failure != null) {
                                    line.broken(this, String.valueOf(failure.getMessage()));
                                }
                            });
        }
    }

    /// Sends a message; one is sent after the other.
    CompletableFuture<WebSocket> send(byte[] json) {
        WebSocket over = socket;
        if (over == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("It is not open."));
        }
        return send(over, json, 0);
    }

    private static CompletableFuture<WebSocket> send(WebSocket over, byte[] json, int at) {
        int length = Math.min(PIECE_BYTES, json.length - at);
        boolean last = at + length == json.length;
        CompletableFuture<WebSocket> sent =
                over.sendBinary(ByteBuffer.wrap(json, at, length), last);
        return last ? sent : sent.thenCompose(_ -> send(over, json, at + length));
    }

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        if (aborted) {
            opened.abort();
        }
        opened.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket over, ByteBuffer data, boolean last) {
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        return received(over, piece, last);
    }

    /// The server's first word, before it knows that this client speaks in binary messages.
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket over, CharSequence data, boolean last) {
        return received(over, data.toString().getBytes(UTF_8), last);
    }

    private @Nullable CompletionStage<?> received(WebSocket over, byte[] piece, boolean last) {
        message.writeBytes(piece);
        if (last) {
            byte[] json = message.toByteArray();
            message = new ByteArrayOutputStream();
            read(json);
        }
        return heard(over);
    }

    private @Nullable CompletionStage<?> heard(WebSocket over) {
        heardNanos = System.nanoTime();
        over.request(1);
        return null;
    }

    private void read(byte[] json) {
        if (aborted) {
            return;
        }
        Told told;
        try {
            told = Forms.TOLD.read(json, Bounds.ANSWER);
        } catch (MalformedException other) {
            line.broken(
                    this,
                    "It says something that this version does not know: " + other.getMessage());
            return;
        }
        if (told instanceof Told.Welcome welcome) {
            bytesMax = Math.max(1, welcome.bytesMax());
        }
        line.told(this, told);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket over, ByteBuffer data) {
        return heard(over);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket over, ByteBuffer data) {
        return heard(over);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket over, int status, String reason) {
        line.broken(this, "It hung up, status %d, %s".formatted(status, reason));
        return null;
    }

    @Override
    public void onError(WebSocket over, Throwable failure) {
        line.broken(this, String.valueOf(failure.getMessage()));
    }

    /// Ends it without a word.
    void abort() {
        aborted = true;
        WebSocket over = socket;
        if (over != null) {
            over.abort();
        }
    }

    /// Says farewell and ends it.
    void close() {
        WebSocket over = socket;
        aborted = true;
        if (over != null) {
            var _ =
                    over.sendClose(WebSocket.NORMAL_CLOSURE, "")
                            .whenComplete((_, _) -> over.abort());
        }
    }
}
