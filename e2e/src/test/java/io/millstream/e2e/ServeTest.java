package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.services.sqs.SqsClient;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/// The life of a server as whoever operates it sees it.
class ServeTest {
    @TempDir Path folder;

    @Test
    void it_says_where_it_is_answers_and_stops_with_0() throws Exception {
        try (Launched server = Launched.serve(folder).awaitReady()) {
            assertThat(server.out())
                    .isEqualTo(
                            "Millstream %s is ready: SQS http://127.0.0.1:%d, status"
                                            .formatted(
                                                    System.getProperty("millstream.version"),
                                                    server.port("aws"))
                                    + " http://127.0.0.1:%d, data %s (pid %d)\n"
                                            .formatted(
                                                    server.port("http"),
                                                    folder.resolve("data"),
                                                    server.pid()));
            assertThat(server.readyFile()).startsWith("{\"pid\":" + server.pid() + ",");
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.get("/metrics").body())
                    .contains("millstream_log_sync_seconds_count", "jvm_memory_used_bytes");

            assertThat(server.stop()).isZero();

            assertThat(server.isReady()).isFalse();
            assertThat(server.err()).isEmpty();
        }
    }

    @Test
    void a_stop_ends_a_receive_that_waits_for_a_message() throws Exception {
        try (Launched server = Launched.serve(folder).awaitReady();
                SqsClient sqs = server.sqs()) {
            String url = sqs.createQueue(queue -> queue.queueName("mail")).queueUrl();
            var receiving =
                    CompletableFuture.supplyAsync(() ->
                            sqs.receiveMessage(
                                    receive -> receive.queueUrl(url).waitTimeSeconds(20)));
            await().until(() -> server.get("/metrics").body().contains("sqs_long_polls 1.0"));

            assertThat(server.stop()).isZero();

            assertThat(receiving.get().messages()).isEmpty();
        }
    }

    @Test
    void what_was_acknowledged_survives_kill_9() throws Exception {
        try (Launched killed = Launched.serve(folder).awaitReady();
                SqsClient sqs = killed.sqs()) {
            String url = sqs.createQueue(queue -> queue.queueName("mail")).queueUrl();
            sqs.sendMessage(send -> send.queueUrl(url).messageBody("hello"));
            killed.kill();
        }
        try (Launched again = Launched.serve(folder).awaitReady();
                SqsClient sqs = again.sqs()) {
            String url = sqs.getQueueUrl(queue -> queue.queueName("mail")).queueUrl();
            assertThat(sqs.receiveMessage(receive -> receive.queueUrl(url)).messages())
                    .extracting(message -> message.body())
                    .containsExactly("hello");
            assertThat(again.stop()).isZero();
        }
    }

    @Test
    void a_second_server_on_the_same_directory_is_refused_and_harms_nothing() throws Exception {
        try (Launched first = Launched.serve(folder).awaitReady();
                Launched second = Launched.serve(folder)) {
            assertThat(second.status()).isEqualTo(1);
            assertThat(second.err())
                    .isEqualTo(
                            "millstream: Cannot start: The process with the id "
                                    + first.pid()
                                    + " has the directory "
                                    + folder.resolve("data").toRealPath()
                                    + ". Stop that process first, or open another directory:"
                                    + " --data=DIR.\n");
            assertThat(first.get("/health").statusCode()).isEqualTo(200);
            assertThat(first.isReady()).isTrue();
        }
    }

    @Test
    void a_taken_port_is_named_with_the_option_to_paste() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            try (Launched server = Launched.serve(folder, "--aws.port=" + port)) {
                assertThat(server.status()).isEqualTo(1);
                assertThat(server.err())
                        .startsWith("millstream: Port " + port + " on 127.0.0.1 is taken")
                        .contains("--aws.port=0 for any free one.")
                        .hasLineCount(1);
                assertThat(server.isReady()).isFalse();
            }
        }
    }

    @Test
    void a_slip_on_the_command_line_touches_nothing() throws Exception {
        try (Launched server = Launched.serve(folder, "--aws.prot=1")) {
            assertThat(server.status()).isEqualTo(2);
            assertThat(server.err())
                    .isEqualTo(
                            "millstream: --aws.prot is not an option of serve. Did you mean"
                                    + " --aws.port?\n");
            assertThat(folder.resolve("data")).doesNotExist();
        }
    }

    /// A file stands in for a directory without permissions, which root would not notice.
    @Test
    void a_data_directory_that_cannot_be_made_is_named() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        try (Launched server = Launched.serve(folder, "--data=" + file.resolve("data"))) {
            assertThat(server.status()).isEqualTo(1);
            assertThat(server.err())
                    .startsWith("millstream: Cannot start: ")
                    .contains(file.toString())
                    .hasLineCount(1);
        }
        assertThat(file).hasContent("x");
    }
}
