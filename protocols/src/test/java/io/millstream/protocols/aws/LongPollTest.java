package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sqs.model.Message;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Receives that wait for a message.
@ParameterizedClass
@EnumSource
class LongPollTest {
    @Parameter private Kept kept;
    private AwsServer server;

    @BeforeEach
    void open() {
        server = AwsServer.start(kept);
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_receive_waits_for_a_message() {
        var waiting = receive(",\"WaitTimeSeconds\":20");
        awaitPolls(1);

        send("late");

        assertThat(waiting.join().body()).contains("late");
    }

    @Test
    void a_receive_ends_empty_when_its_time_is_over() {
        var waiting = receive(",\"WaitTimeSeconds\":20");
        awaitPolls(1);

        server.advance(Duration.ofSeconds(20));

        assertThat(waiting.join().body()).isEqualTo("{}");
    }

    @Test
    void the_queue_says_how_long_to_wait_unless_the_receiver_does() {
        server.json(
                "SetQueueAttributes",
                "{\"QueueUrl\":\""
                        + server.url("mail")
                        + "\",\"Attributes\":{\"ReceiveMessageWaitTimeSeconds\":\"5\"}}");
        var waiting = receive("");
        awaitPolls(1);

        server.advance(Duration.ofSeconds(5));

        assertThat(waiting.join().body()).isEqualTo("{}");
        assertThat(receive(",\"WaitTimeSeconds\":0").join().body()).isEqualTo("{}");
    }

    @Test
    void a_client_that_leaves_while_it_waits_swallows_nothing() throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(waitingSocket());
        }
        awaitPolls(20);
        for (Socket client : clients) {
            client.close();
        }
        awaitPolls(0);

        send("kept");

        assertThat(receive(",\"AttributeNames\":[\"All\"]").join().body())
                .contains("kept", "\"ApproximateReceiveCount\":\"1\"");
    }

    @Test
    void clients_that_leave_at_any_moment_lose_no_message() throws IOException {
        Set<String> missing = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Socket client = waitingSocket();
            if (i % 3 == 0) {
                await().until(() -> polls() > 0 || client.getInputStream().available() > 0);
            }
            String body = "m" + i;
            missing.add(body);
            var sending = CompletableFuture.runAsync(() -> send(body));
            client.close();
            sending.join();
        }
        awaitPolls(0);

        // What had reached a connection before its client left is visible when its time is over.
        server.advance(Duration.ofSeconds(31));
        List<Message> received;
        do {
            received =
                    server.sqs()
                            .receiveMessage(
                                    r -> r.queueUrl(server.url("mail")).maxNumberOfMessages(10))
                            .messages();
            received.forEach(message -> missing.remove(message.body()));
        } while (!received.isEmpty());

        assertThat(missing).isEmpty();
    }

    @Test
    void no_more_receives_wait_than_may() {
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < AwsServer.LIMITS.longPollsMax(); i++) {
            waiting.add(receive(",\"WaitTimeSeconds\":20"));
        }
        awaitPolls(AwsServer.LIMITS.longPollsMax());

        HttpResponse<String> refused = receive(",\"WaitTimeSeconds\":20").join();
        server.advance(Duration.ofSeconds(20));

        assertThat(refused.body()).contains("RequestThrottled");
        assertThat(waiting).allSatisfy(one -> assertThat(one.join().statusCode()).isEqualTo(200));
    }

    @Test
    void closing_ends_what_waits_with_an_empty_answer() {
        var waiting = receive(",\"WaitTimeSeconds\":20");
        awaitPolls(1);

        server.door().close();

        assertThat(waiting.join().body()).isEqualTo("{}");
    }

    @Test
    void closing_does_not_wait_for_a_request_that_has_not_arrived() throws IOException {
        try (Socket half = new Socket("localhost", server.port())) {
            String begin = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf of it";
            half.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
            await().until(() ->
                    server.meters().get("millstream.aws.body.bytes").gauge().value() > 0);
            long began = System.nanoTime();

            server.door().close();

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofMillis(AwsServer.LIMITS.closeMillis() / 2));
            assertThat(half.getInputStream().read()).isEqualTo(-1);
        }
    }

    private Socket waitingSocket() throws IOException {
        Socket socket = new Socket("localhost", server.port());
        String body = "{\"QueueUrl\":\"" + server.url("mail") + "\",\"WaitTimeSeconds\":20}";
        String request =
                "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
                        + "Content-Type: application/x-amz-json-1.0\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    private CompletableFuture<HttpResponse<String>> receive(String more) {
        String request = "{\"QueueUrl\":\"" + server.url("mail") + "\"" + more + "}";
        return CompletableFuture.supplyAsync(
                () -> server.json("ReceiveMessage", request),
                task -> Thread.ofVirtual().start(task));
    }

    private void send(String body) {
        server.json(
                "SendMessage",
                "{\"QueueUrl\":\"" + server.url("mail") + "\",\"MessageBody\":\"" + body + "\"}");
    }

    private void awaitPolls(int count) {
        await().until(() -> polls() == count);
    }

    private double polls() {
        return server.meters().get("millstream.sqs.long.polls").gauge().value();
    }
}
