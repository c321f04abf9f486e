package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millstream.api.MillstreamException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// A backup of a server that sends nothing any more, and keeps the connection.
@Timeout(60)
class SilentServerTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @TempDir Path folder;

    private ServerSocket server;
    private CompletableFuture<Socket> asked;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void hangUp() throws Exception {
        server.close();
        asked.get().close();
    }

    /// Says this to whoever comes, and then nothing.
    private void say(String text) {
        asked =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        Socket socket = server.accept();
                        OutputStream out = socket.getOutputStream();
                        out.write(text.getBytes(US_ASCII));
                        out.flush();
                        return socket;
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                });
    }

    private int backup() {
        PrintStream nobody =
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Surroundings surroundings =
                new Surroundings(
                        nobody,
                        nobody,
                        Map.of(),
                        folder,
                        "1.2.3",
                        data -> {
                            throw new IOException("no server is started here");
                        },
                        stop -> {});
        String url = "http://127.0.0.1:" + server.getLocalPort();
        return new BackupRun(surroundings, Duration.ofMillis(1_500))
                .run(new CommandLine(BackupRun.spec()).parseArgs("--from", url, "a.zip"));
    }

    @Test
    void one_that_stops_amidst_its_answer_is_not_waited_for() {
        say(HEAD + "4\r\nPK\3\4\r\n");

        assertThatThrownBy(this::backup)
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("http://127.0.0.1:" + server.getLocalPort() + "/backup")
                .hasMessageContaining("stopped in the middle of its answer")
                .hasMessageContaining("nothing came for 1 seconds");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void one_that_never_answers_is_not_waited_for() {
        say("");

        assertThatThrownBy(this::backup)
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("has not begun to answer");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void one_that_stops_amidst_its_refusal_is_not_waited_for() {
        say("HTTP/1.1 503 Busy\r\nContent-Length: 90\r\n\r\n{");

        assertThatThrownBy(this::backup)
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("nothing came for");
        assertThat(folder).isEmptyDirectory();
    }
}
