package io.millstream.server.command;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What another machine sends, as long as it goes on sending: the JDK's HTTP client limits how long
/// an answer may take to begin, and waits for the rest of it for ever.
///
/// Each read has a thread of its own, which is interrupted if it takes too long. For one thread.
final class LivelyStream extends InputStream {
    private final InputStream in;
    private final Duration silenceMax;
    private final ExecutorService reading = Executors.newVirtualThreadPerTaskExecutor();

    /// Nothing came for too long.
    static final class SilentException extends IOException {
        private static final long serialVersionUID = 1L;

        SilentException(Duration silence) {
            super("Nothing came for " + silence);
        }
    }

    /// @param in is closed with this one, and its reads end when they are interrupted
    LivelyStream(InputStream in, Duration silenceMax) {
        this.in = in;
        this.silenceMax = silenceMax;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        Future<Integer> read = reading.submit(() -> in.read(target, from, length));
        try {
            return read.get(silenceMax.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException silent) {
            read.cancel(true);
            throw new SilentException(silenceMax);
        } catch (InterruptedException interrupted) {
            read.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("It was interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException(String.valueOf(failed.getCause()), failed);
        }
    }

    @Override
    public void close() throws IOException {
        try (in) {
            reading.shutdownNow();
        }
    }
}
