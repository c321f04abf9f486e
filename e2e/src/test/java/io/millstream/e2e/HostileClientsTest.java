package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;

import io.millstream.e2e.RawSqs.Received;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/// Clients that mean ill or know no better, on a server with little memory. Beside them a client
/// that behaves goes on sending and receiving.
class HostileClientsTest {
    private static final int CONNECTIONS = 10_000;

    /// What this process and the server need of the files that each may have open.
    private static final int OTHER_FILES = 1_000;

    private static final int ANSWER_MILLIS_MAX = 20_000;
    private static final int SMALL_BODY_BYTES_MAX = 16 << 10;

    /// An eighth of the heap that the server has here.
    private static final int BODIES_BYTES_MAX = 64 << 20;

    private static final int ANSWERS_BYTES_MAX = 64 << 20;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 200 ");
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String LITTLE_MEMORY = "-Xmx512m -XX:+ExitOnOutOfMemoryError";

    @TempDir static Path folder;
    private static Launched server;
    private static RawSqs sqs;
    private static Behaved behaved;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = Launched.serve(folder, Map.of("JDK_JAVA_OPTIONS", LITTLE_MEMORY)).awaitReady();
        sqs = new RawSqs(server.port("aws"));
        sqs.createQueue("abandoned", Map.of("VisibilityTimeout", "43200"));
        sqs.createQueue("slow", Map.of());
        sqs.createQueue("behaved", Map.of());
        behaved = new Behaved(sqs);
    }

    @AfterEach
    void the_client_that_behaves_goes_on() {
        behaved.awaitRounds(10);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        try (Launched stopped = server) {
            behaved.stop();
            Report.note("Hostile clients: " + behaved);
            assertThat(stopped.stop()).isZero();
            assertThat(stopped.complaints())
                    .allMatch(line ->
                            line.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS")
                                    || line.matches("\\S+Z WARN .*"));
        }
    }

    @Test
    void ten_thousand_connections_that_say_nothing_or_half_hold_nobody_up()
            throws IOException, InterruptedException {
        List<SocketChannel> connections = new ArrayList<>();
        int wanted = (int) Math.min(CONNECTIONS, filesMax() - OTHER_FILES);
        try {
            openMany(connections, wanted);
            behaved.awaitRounds(50);
            assertThat(metric("aws_connections")).isGreaterThanOrEqualTo(wanted);
        } finally {
            for (int i = 0; i < connections.size(); i++) {
                // Every other one ends without a farewell.
                connections.get(i).setOption(StandardSocketOptions.SO_LINGER, i % 2 == 0 ? 0 : -1);
                connections.get(i).close();
            }
        }
        Report.note("Hostile clients: " + connections.size() + " idle connections at once");
    }

    /// How many files the system lets this process, and the server alike, have open.
    private static long filesMax() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    private static void openMany(List<SocketChannel> connections, int wanted) throws IOException {
        ByteBuffer half = bytes("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le");
        for (int i = 0; i < wanted; i++) {
            SocketChannel connection = SocketChannel.open();
            connections.add(connection);
            // One address has too few ports for all on some machines.
            if (System.getProperty("os.name").startsWith("Linux")) {
                connection.bind(new InetSocketAddress("127.0.0." + (1 + i % 4), 0));
            }
            connection.connect(address());
            if (i % 10 == 0) {
                connection.write(half.duplicate());
            }
        }
    }

    @Test
    void a_request_that_comes_byte_by_byte_is_answered() throws IOException, InterruptedException {
        byte[] request =
                call(
                                "SendMessage",
                                "{\"QueueUrl\":\"%s\",\"MessageBody\":\"slowly\"}"
                                        .formatted(url("slow")),
                                "Connection: close\r\n")
                        .array();
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                slow.add(connect());
            }
            for (byte next : request) {
                for (Socket connection : slow) {
                    connection.getOutputStream().write(next);
                }
            }
            for (Socket connection : slow) {
                assertThat(answer(connection)).startsWith("HTTP/1.1 200 ");
            }
        } finally {
            closeAll(slow);
        }
        assertThat(sqs.count("slow")).isEqualTo(100);
    }

    @Test
    void what_is_too_large_is_refused_by_its_status() throws IOException {
        String large = "x".repeat(64 << 10);

        assertThat(ask("POST / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + large + "\r\n\r\n"))
                .matches("(?s)HTTP/1\\.[01] 431 .*");
        assertThat(ask("POST /" + large + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .matches("(?s)HTTP/1\\.[01] 431 .*");
        assertThat(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"))
                .matches("(?s)HTTP/1\\.[01] 413 .*");
    }

    @Test
    void bodies_that_are_never_finished_do_not_fill_the_memory() throws IOException {
        List<Socket> connections = new ArrayList<>();
        try {
            // The large ones leave room for less than one more; the small ones are always taken.
            beginBodies(connections, 60, 7 << 20);
            beginBodies(connections, 1_000, SMALL_BODY_BYTES_MAX);
            await().atMost(PATIENCE).until(() -> metric("aws_body_bytes") > BODIES_BYTES_MAX);
            behaved.awaitRounds(20);
        } finally {
            closeAll(connections);
        }
    }

    private static void beginBodies(List<Socket> connections, int more, int bytes)
            throws IOException {
        byte[] most = new byte[bytes];
        for (int i = 0; i < more; i++) {
            Socket connection = connect();
            connections.add(connection);
            write(
                    connection,
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n");
            write(connection, most);
        }
    }

    @Test
    void garbage_is_refused_or_hung_up_on() throws IOException {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        List<byte[]> garbage = new ArrayList<>(List.of(noise, new byte[100_000]));
        for (String text :
                List.of(
                        lines("PRI * HTTP/2.0", "", "SM", "", ""),
                        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
                        lines("GET / HTTP/9.9", "", ""),
                        lines("", "", "", ""),
                        lines("POST / HTTP/1.1", "Host: x", "Content-Length: -1", "", ""),
                        lines(
                                "POST / HTTP/1.1",
                                "Host: x",
                                "Content-Length: 1",
                                "Content-Length: 2",
                                "",
                                "xx"),
                        lines(
                                "POST / HTTP/1.1",
                                "Host: x",
                                "Content-Length: 5",
                                "Transfer-Encoding: chunked",
                                "",
                                "0",
                                "",
                                ""),
                        lines(
                                "POST / HTTP/1.1",
                                "Host: x",
                                "Transfer-Encoding: chunked",
                                "",
                                "ZZ",
                                "x"),
                        lines(
                                "POST / HTTP/1.1",
                                "Host: x",
                                "Content-Type: application/x-amz-json-1.0",
                                "X-Amz-Target: AmazonSQS.SendMessage",
                                "Content-Length: 4",
                                "",
                                "[[[["))) {
            garbage.add(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        for (byte[] bytes : garbage) {
            try (Socket connection = connect()) {
                write(connection, bytes);
                shutdownOutput(connection);
                assertThat(answer(connection)).matches("(?s)|HTTP/\\d\\.\\d [45]\\d\\d .*");
            }
        }
    }

    @Test
    void garbage_after_pipelined_requests_spoils_none_of_them() throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            pipeline.write(call("GetQueueUrl", "{\"QueueName\":\"slow\"}").array());
        }
        pipeline.write("\u0001\u0002 garbage\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        try (Socket connection = connect()) {
            write(connection, pipeline.toByteArray());

            long answered = STATUS.matcher(answer(connection)).results().count();
            assertThat(answered).isEqualTo(100);
        }
    }

    @Test
    void answers_that_nobody_reads_do_not_fill_the_memory() throws IOException {
        List<SocketChannel> deaf = new ArrayList<>();
        ByteBuffer request = call("ListQueues", "{}");
        try {
            for (int i = 0; i < 50; i++) {
                SocketChannel connection = SocketChannel.open(address());
                deaf.add(connection);
                connection.configureBlocking(false);
                for (int n = 0; n < 20_000; n++) {
                    if (connection.write(request.duplicate()) < request.remaining()) {
                        break;
                    }
                }
            }
            behaved.awaitRounds(20);
        } finally {
            for (SocketChannel connection : deaf) {
                connection.close();
            }
        }
    }

    @Test
    void large_answers_that_nobody_reads_do_not_fill_the_memory()
            throws IOException, InterruptedException {
        sqs.createQueue("large", Map.of("VisibilityTimeout", "2"));
        for (int i = 0; i < 100; i++) {
            sqs.send("large", "x".repeat(1_000_000));
        }
        ByteBuffer request =
                call(
                        "ReceiveMessage",
                        "{\"QueueUrl\":\"%s\",\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20}"
                                .formatted(url("large")));
        List<SocketChannel> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                SocketChannel connection = SocketChannel.open(address());
                deaf.add(connection);
                for (int n = 0; n < 20; n++) {
                    connection.write(request.duplicate());
                }
            }
            await().atMost(PATIENCE)
                    .until(() -> metric("aws_answer_bytes") > ANSWERS_BYTES_MAX / 2);
            // Until their leases have ended and they are handed out anew.
            long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
            while (System.nanoTime() < end) {
                behaved.awaitRounds(10);
                assertThat(metric("aws_answer_bytes")).isLessThan(ANSWERS_BYTES_MAX + (1 << 20));
            }
        } finally {
            for (SocketChannel connection : deaf) {
                connection.close();
            }
        }
    }

    @Test
    void a_receiver_that_left_swallows_nothing() throws IOException, InterruptedException {
        String receive = "{\"QueueUrl\":\"%s\",\"WaitTimeSeconds\":20}".formatted(url("abandoned"));
        List<Socket> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket connection = connect();
            waiting.add(connection);
            write(connection, call("ReceiveMessage", receive).array());
        }
        await().atMost(PATIENCE).until(() -> metric("sqs_long_polls") >= 20);
        waiting.getFirst().setSoLinger(true, 0);
        closeAll(waiting);
        await().atMost(PATIENCE).until(() -> metric("sqs_long_polls") == 0);

        for (int i = 0; i < 20; i++) {
            sqs.send("abandoned", "message " + i);
            assertThat(sqs.receive("abandoned", 1, 20))
                    .extracting(Received::body, Received::receives)
                    .containsExactly(tuple("message " + i, 1));
        }
    }

    private static double metric(String name) throws IOException, InterruptedException {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.matches("\\w*" + name + "(\\{.*})? .*"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static InetSocketAddress address() throws IOException {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port("aws"));
    }

    private static String url(String queue) {
        return "http://localhost/000000000000/" + queue;
    }

    private static ByteBuffer call(String action, String json) {
        return call(action, json, "");
    }

    private static ByteBuffer call(String action, String json, String more) {
        return bytes(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
                        + "X-Amz-Target: AmazonSQS."
                        + action
                        + "\r\n"
                        + more
                        + "Content-Length: "
                        + json.length()
                        + "\r\n\r\n"
                        + json);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Socket connect() throws IOException {
        Socket connection = new Socket();
        connection.setTcpNoDelay(true);
        connection.setSoTimeout(ANSWER_MILLIS_MAX);
        connection.connect(address());
        return connection;
    }

    private static String ask(String request) throws IOException {
        try (Socket connection = connect()) {
            write(connection, request);
            return answer(connection);
        }
    }

    private static void write(Socket connection, String text) {
        write(connection, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// The server may hang up before it has read everything.
    private static void write(Socket connection, byte[] bytes) {
        try {
            OutputStream out = connection.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(".*([Bb]roken pipe|[Cc]onnection reset|closed).*");
        }
    }

    private static void shutdownOutput(Socket connection) {
        try {
            connection.shutdownOutput();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(".*(not connected|closed).*");
        }
    }

    /// Everything until the server hangs up, or until it has had time enough to answer.
    private static String answer(Socket connection) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n; (n = connection.getInputStream().read(buffer)) >= 0; ) {
                answer.write(buffer, 0, n);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("Neither answered nor hung up, after: " + answer, e);
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(".*([Cc]onnection reset|closed).*");
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    private static void closeAll(List<Socket> connections) throws IOException {
        for (Socket connection : connections) {
            connection.close();
        }
    }

    /// Sends, receives and deletes, one message after the other. What it sends is small, so that
    /// not even a busy server may ask it to try again later: any refusal is a failure.
    private static final class Behaved {
        private final RawSqs sqs;
        private final Thread thread = Thread.ofPlatform().name("behaved").unstarted(this::run);
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final AtomicInteger rounds = new AtomicInteger();
        private volatile long slowestNanos;
        private volatile boolean stopping;

        Behaved(RawSqs sqs) {
            this.sqs = sqs;
            thread.start();
        }

        void awaitRounds(int more) {
            int goal = rounds.get() + more;
            await().atMost(PATIENCE).until(() -> rounds.get() >= goal || failure.get() != null);
            assertThat(failure.get()).isNull();
        }

        void stop() throws InterruptedException {
            stopping = true;
            thread.join();
            assertThat(failure.get()).isNull();
        }

        private void run() {
            try {
                while (!stopping) {
                    long start = System.nanoTime();
                    round("round " + rounds);
                    slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
                    rounds.incrementAndGet();
                }
            } catch (IOException | InterruptedException | AssertionError e) {
                failure.set(e);
            }
        }

        private void round(String body) throws IOException, InterruptedException {
            sqs.send("behaved", body);
            List<Received> received = sqs.receive("behaved", 10, 20);
            assertThat(received).extracting(Received::body).containsExactly(body);
            sqs.delete("behaved", received.getFirst().handle());
        }

        @Override
        public String toString() {
            return "the one that behaves made "
                    + rounds
                    + " rounds of send, receive, delete; the slowest took "
                    + slowestNanos / 1_000_000
                    + " ms";
        }
    }
}
