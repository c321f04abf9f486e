package io.millstream.bench.jobs;

import io.millstream.bench.Jvm;

import org.HdrHistogram.Histogram;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;

/// A process of [RemoteWorker], as the one that started it sees it.
final class WorkerProcess implements AutoCloseable {
    /// For each of them, however many there are.
    static final String OPTIONS = "-Xms256m -Xmx256m";

    private static final long START_SECONDS = 60;
    private static final long ANSWER_SECONDS = 10;
    private static final long STOP_SECONDS = 15;

    private final Process process;
    private final Writer input;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final BlockingQueue<String> starts = new LinkedBlockingQueue<>();
    private volatile long done;

    WorkerProcess(URI server, String queue, int workers, Path log) throws IOException {
        this.process =
                new ProcessBuilder(
                                Jvm.command(
                                        OPTIONS,
                                        "jobs-worker",
                                        "--address",
                                        server.toString(),
                                        "--queue",
                                        queue,
                                        "--workers",
                                        String.valueOf(workers)))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name("bench-hear").start(this::hear);
    }

    private void hear() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(RemoteWorker.DONE)) {
                    done = Long.parseLong(line.substring(RemoteWorker.DONE.length()));
                    ready.countDown();
                } else if (line.startsWith(RemoteWorker.STARTS)) {
                    starts.add(line.substring(RemoteWorker.STARTS.length()));
                }
            }
        } catch (IOException ended) {
            System.err.println("A worker process is heard no more: " + ended);
        }
    }

    /// Waits until its workers work.
    void awaitReady() throws IOException, InterruptedException {
        if (!ready.await(START_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("A worker process did not begin");
        }
    }

    long done() {
        return done;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /// As [Contender#starts].
    Histogram starts() throws IOException, InterruptedException {
        input.write("?\n");
        input.flush();
        String encoded = starts.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (encoded == null) {
            throw new IOException("A worker process does not answer");
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(Base64.getDecoder().decode(encoded));
            return Histogram.decodeFromCompressedByteBuffer(buffer, 0);
        } catch (DataFormatException damaged) {
            throw new IOException(damaged);
        }
    }

    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
