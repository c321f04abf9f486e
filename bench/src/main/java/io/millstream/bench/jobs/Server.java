package io.millstream.bench.jobs;

import io.millstream.bench.Jvm;
import io.millstream.bench.Processes;
import io.millstream.bench.Scratch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A server of ours in a process of its own, from the built jar of this tree, on a directory of its
/// own, which is removed afterwards.
final class Server implements AutoCloseable {
    private static final long START_SECONDS = 60;
    private static final long LOOK_NANOS = 50_000_000L;

    private final Path directory;
    private final Process process;
    private final int port;

    Server(Path data) throws IOException {
        this.directory = data.resolve("server");
        Scratch.delete(directory);
        this.port = Jvm.freePort();
        ProcessBuilder builder =
                new ProcessBuilder(
                        "./millstream",
                        "serve",
                        "--data=" + directory,
                        "--aws.port=off",
                        "--http.port=" + port);
        builder.environment().put("MILLSTREAM_JAVA_OPTS", Jvm.options());
        Path log = data.resolve("server.txt");
        this.process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        awaitListening(log);
    }

    private void awaitListening(Path log) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                Processes.end(process);
                throw new IOException("The server does not listen; see " + log);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private boolean isListening() {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() throws IOException {
        Processes.end(process);
        Scratch.delete(directory);
    }
}
