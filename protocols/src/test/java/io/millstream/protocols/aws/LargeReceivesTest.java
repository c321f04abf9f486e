package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/// Answers that are large, and clients that do not take them: memory has a bound, and messages are
/// not lost.
@ParameterizedClass
@EnumSource
class LargeReceivesTest {
    private static final int MESSAGE_BYTES = 1_000_000;
    private static final int MESSAGES = 60;

    /// The system takes some megabytes for each of them, and then no more.
    private static final int DEAF = 8;

    private static final int DEAF_ASKS = 8;
    private static final long ANSWERS_BYTES_MAX = 6 << 20;
    private static final Pattern BODY = Pattern.compile("\"Body\":\"(\\d+) ");

    @Parameter private Kept kept;
    private AwsServer server;
    private final List<Socket> deaf = new ArrayList<>();

    @BeforeEach
    void open() {
        server = AwsServer.start(kept, AwsServer.LIMITS.withAnswersBytesMax(ANSWERS_BYTES_MAX, 4));
        server.json("CreateQueue", "{\"QueueName\":\"large\"}");
        server.json("CreateQueue", "{\"QueueName\":\"small\"}");
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : deaf) {
            socket.close();
        }
        server.close();
    }

    @Test
    void one_receive_holds_a_mebibyte_at_most_and_one_message_always() {
        send("large", "1 " + "x".repeat(400_000));
        send("large", "2 " + "x".repeat(400_000));
        send("large", "3 " + "x".repeat(400_000));
        send("large", "4 " + "x".repeat(1_048_500));

        assertThat(bodies(receive("large", ""))).containsExactly("1", "2");
        assertThat(bodies(receive("large", ""))).containsExactly("3");
        assertThat(bodies(receive("large", ""))).containsExactly("4");
    }

    @Test
    void clients_that_do_not_read_hold_no_more_than_there_is_for_answers() throws IOException {
        fill();
        beginDeaf("");
        awaitFull();

        // The network may take a little more of what is held, once.
        HttpResponse<String> large =
                await().until(() -> receive("large", ""), answer -> answer.statusCode() != 200);
        send("small", "1 small");
        HttpResponse<String> small = receive("small", "");

        assertThat(large.statusCode()).isEqualTo(400);
        assertThat(large.body()).contains("RequestThrottled");
        assertThat(bodies(small)).containsExactly("1");
        assertThat(held()).isLessThan(ANSWERS_BYTES_MAX + (100 << 10));
    }

    @Test
    void clients_that_wait_and_do_not_read_hold_no_more_either() throws IOException {
        beginDeaf(",\"WaitTimeSeconds\":20");
        await().until(() -> gauge("millstream.sqs.long.polls") == DEAF);
        fill();
        awaitFull();

        send("small", "1 small");

        assertThat(bodies(receive("small", ""))).containsExactly("1");
        assertThat(held()).isLessThan(ANSWERS_BYTES_MAX + (100 << 10));
    }

    @Test
    void what_nobody_took_is_there_for_the_next_one() throws IOException {
        fill();
        beginDeaf("");
        awaitFull();
        var waiting =
                CompletableFuture.supplyAsync(
                        () -> receive("large", ",\"WaitTimeSeconds\":20"),
                        task -> Thread.ofVirtual().start(task));
        for (Socket socket : deaf) {
            socket.close();
        }

        Set<String> received = new HashSet<>(bodies(waiting.join()));
        // An answer may have reached its connection whole; it comes back when its time is over.
        server.advance(Duration.ofSeconds(31));
        await().until(() -> {
            received.addAll(bodies(receive("large", "")));
            return received.size() == MESSAGES;
        });
        await().until(() -> held() == 0);
    }

    @Test
    void clients_that_read_get_all_however_many_ask_at_once() {
        fill();
        Set<String> received = new HashSet<>();
        List<CompletableFuture<HttpResponse<String>>> asking = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            asking.add(
                    CompletableFuture.supplyAsync(
                            () -> receive("large", ",\"WaitTimeSeconds\":20"),
                            task -> Thread.ofVirtual().start(task)));
        }

        asking.forEach(one -> received.addAll(bodies(one.join())));

        assertThat(received).hasSize(MESSAGES);
    }

    private void fill() {
        for (int i = 0; i < MESSAGES; i++) {
            send("large", i + " " + "x".repeat(MESSAGE_BYTES));
        }
    }

    /// Has clients ask for messages, one time after the other, and never read what they get.
    private void beginDeaf(String more) throws IOException {
        String body = request("large", more);
        String request =
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
                        + "Content-Type: application/x-amz-json-1.0\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body;
        for (int i = 0; i < DEAF; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4 << 10);
            socket.connect(new InetSocketAddress("localhost", server.port()));
            socket.getOutputStream()
                    .write(request.repeat(DEAF_ASKS).getBytes(StandardCharsets.US_ASCII));
            deaf.add(socket);
        }
    }

    /// Waits until there is no room for a large answer, and no client takes more of its own.
    private void awaitFull() {
        await().during(Duration.ofMillis(300)).until(() -> held() > ANSWERS_BYTES_MAX - (2 << 20));
    }

    private HttpResponse<String> receive(String queue, String more) {
        return server.json("ReceiveMessage", request(queue, more));
    }

    private String request(String queue, String more) {
        return "{\"QueueUrl\":\""
                + server.url(queue)
                + "\",\"MaxNumberOfMessages\":10"
                + more
                + "}";
    }

    private void send(String queue, String body) {
        String request =
                "{\"QueueUrl\":\"" + server.url(queue) + "\",\"MessageBody\":\"" + body + "\"}";
        assertThat(server.json("SendMessage", request).statusCode()).isEqualTo(200);
    }

    private static List<String> bodies(HttpResponse<String> answer) {
        return BODY.matcher(answer.body()).results().map(result -> result.group(1)).toList();
    }

    private double held() {
        return gauge("millstream.aws.answer.bytes");
    }

    private double gauge(String name) {
        return server.meters().get(name).gauge().value();
    }
}
