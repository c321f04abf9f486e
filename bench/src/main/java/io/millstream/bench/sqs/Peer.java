package io.millstream.bench.sqs;

import io.millstream.bench.Jvm;
import io.millstream.bench.Processes;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A server in a process of its own, with the same options for its virtual machine as all others.
final class Peer implements AutoCloseable {
    private static final long START_SECONDS = 60;
    private static final long POLL_NANOS = 50_000_000L;
    private static final String SYNCS = "millstream_log_sync_seconds_count";

    private final String name;
    private final Process process;
    private final int port;
    private final int statusPort;

    private Peer(String name, List<String> command, Path log, int port, int statusPort)
            throws IOException {
        this.name = name;
        this.port = port;
        this.statusPort = statusPort;
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLSTREAM_JAVA_OPTS", Jvm.options());
        this.process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        awaitListening(log);
    }

    /// The built jar of this tree, on a directory of its own.
    static Peer millstream(Path data) throws IOException {
        int port = Jvm.freePort();
        int statusPort = Jvm.freePort();
        List<String> command =
                List.of(
                        "./millstream",
                        "serve",
                        "--data=" + data.resolve("millstream"),
                        "--aws.port=" + port,
                        "--http.port=" + statusPort);
        return new Peer("Millstream", command, data.resolve("millstream.txt"), port, statusPort);
    }

    /// ElasticMQ with everything in memory.
    static Peer elasticInMemory(Path data) throws IOException {
        int port = Jvm.freePort();
        List<String> command = ours("elasticmq", "--port", String.valueOf(port));
        return new Peer("ElasticMQ, memory", command, data.resolve("elasticmq.txt"), port, 0);
    }

    /// ElasticMQ with its messages in an H2 database on the same disk.
    static Peer elasticWithDatabase(Path data) throws IOException {
        int port = Jvm.freePort();
        Path file = data.resolve("elasticmq").toAbsolutePath();
        List<String> command =
                ours("elasticmq", "--port", String.valueOf(port), "--database", file.toString());
        return new Peer("ElasticMQ, H2", command, data.resolve("elasticmq-h2.txt"), port, 0);
    }

    /// The responder that does nothing.
    static Peer echo(Path data) throws IOException {
        int port = Jvm.freePort();
        List<String> command = ours("echo", "--port", String.valueOf(port));
        return new Peer("responder", command, data.resolve("echo.txt"), port, 0);
    }

    private static List<String> ours(String... words) {
        return Jvm.command(Jvm.options(), words);
    }

    private void awaitListening(Path log) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try {
                new HttpConnection(port).close();
                return;
            } catch (ConnectException notYet) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    close();
                    throw new IOException(name + " does not listen; see " + log, notYet);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /// How often it has synced its log, or -1 if it does not say.
    long syncs() throws IOException {
        if (statusPort == 0) {
            return -1;
        }
        try (HttpConnection connection = new HttpConnection(statusPort)) {
            return connection
                    .call(Requests.metrics(statusPort))
                    .lines()
                    .filter(line -> line.startsWith(SYNCS))
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .mapToLong(count -> (long) Double.parseDouble(count))
                    .findFirst()
                    .orElse(-1);
        }
    }

    /// How long processors have worked for it.
    double processorSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    @Override
    public void close() {
        Processes.end(process);
    }
}
