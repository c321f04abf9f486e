package io.millstream.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A response's body as a stream that a thread may block on: at most one chunk is on its way, so a
/// client that reads slowly costs no memory, and one that does not read at all ends it.
final class BackupStream extends OutputStream {
    private static final int CHUNK_BYTES = 256 << 10;
    private static final long STALL_SECONDS_MAX = 30;

    private final HttpServerResponse response;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int filled;

    BackupStream(HttpServerResponse response) {
        this.response = response;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int more = Math.min(length - done, chunk.length - filled);
            System.arraycopy(bytes, offset + done, chunk, filled, more);
            filled += more;
            done += more;
            if (filled == chunk.length) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (filled == 0) {
            return;
        }
        Buffer buffer = Buffer.buffer(Arrays.copyOf(chunk, filled));
        filled = 0;
        try {
            response.write(buffer)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STALL_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException gone) {
            throw new IOException("the client has left", gone.getCause());
        } catch (TimeoutException stalled) {
            throw new IOException(
                    "the client has read nothing for " + STALL_SECONDS_MAX + " s", stalled);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("its thread was interrupted", interrupted);
        }
    }
}
