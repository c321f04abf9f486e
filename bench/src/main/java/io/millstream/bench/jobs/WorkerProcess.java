package io.millstream.bench.jobs;

import io.millstream.bench.Jvm;
import io.millstream.bench.Processes;

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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;

/// A process of [RemoteWorker], as the one that started it sees it.
final class WorkerProcess implements AutoCloseable {
    /// For each of them, however many there are.
    static final String OPTIONS = "-Xms256m -Xmx256m";

    private static final long ANSWER_SECONDS = 60;

    private final Process process;
    private final Writer input;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile long done;

    /// @param workers how many jobs it does at once
    /// @param log gets what it has to complain of
    WorkerProcess(URI server, int workers, Path log) throws IOException {
        this.process =
                new ProcessBuilder(
                                Jvm.command(
                                        OPTIONS,
                                        "jobs-worker",
                                        "--address",
                                        server.toString(),
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
                } else {
                    answers.add(line);
                }
            }
        } catch (IOException ended) {
            System.err.println("A worker process is heard no more: " + ended);
        }
    }

    /// Tells it to work; [#await] waits until it does.
    void work(String queue) throws IOException {
        say(RemoteWorker.WORK + queue);
    }

    /// Tells it to stop working; [#await] waits until it has.
    void rest() throws IOException {
        say(RemoteWorker.REST);
    }

    /// As [Contender#starts].
    Histogram starts() throws IOException {
        say("starts");
        String encoded = await().substring(RemoteWorker.STARTS.length());
        try {
            ByteBuffer buffer = ByteBuffer.wrap(Base64.getDecoder().decode(encoded));
            return Histogram.decodeFromCompressedByteBuffer(buffer, 0);
        } catch (DataFormatException damaged) {
            throw new IOException(damaged);
        }
    }

    private void say(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    /// Waits for the answer to what it was told.
    String await() throws IOException {
        try {
            String answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new IOException("A worker process does not answer");
            }
            return answer;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    long done() {
        return done;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() throws IOException {
        input.close();
        Processes.awaitEnd(process);
    }
}
