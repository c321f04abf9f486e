package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.protocols.access.Verifier.AwsKey;
import io.millstream.protocols.web.Certificates;
import io.millstream.protocols.web.Tls;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.TrustManager;

/// The SQS door over TLS, with clients that trust its certificate and one that does not.
class TlsDoorTest {
    @TempDir Path folder;

    @Test
    void the_sdk_does_its_work_over_tls_and_is_told_addresses_with_https() throws Exception {
        Certificates made = new Certificates(folder, "one", "EC");
        Tls tls = Tls.read(made.certificate(), made.key());
        TrustManager[] trust = made.trust();
        try (GuardedServer server =
                new GuardedServer(
                        Kept.IN_A_MODEL.open(new ManualClock()), true, Optional.of(tls))) {
            AwsKey key = server.user("worker", "all:mail");
            try (SqsClient sqs =
                            server.client(key.id(), key.secret())
                                    .httpClientBuilder(
                                            Apache5HttpClient.builder()
                                                    .tlsTrustManagersProvider(() -> trust))
                                    .build();
                    SqsClient distrustful = server.client(key)) {
                String mail = sqs.createQueue(request -> request.queueName("mail")).queueUrl();
                sqs.sendMessage(request -> request.queueUrl(mail).messageBody("x".repeat(300_000)));
                String body =
                        sqs.receiveMessage(request -> request.queueUrl(mail))
                                .messages()
                                .getFirst()
                                .body();

                assertThat(mail).isEqualTo(server.url("mail")).startsWith("https://localhost:");
                assertThat(body).hasSize(300_000);
                assertThatThrownBy(distrustful::listQueues).isInstanceOf(SdkClientException.class);
            }
            assertOldFormsAreRefused(made, server.uri("/?Action=ListQueues"));
        }
    }

    @Test
    void fifo_batches_dead_letters_and_redrive_work_over_tls_for_a_user() throws Exception {
        Certificates made = new Certificates(folder, "one", "EC");
        TrustManager[] trust = made.trust();
        ManualClock clock = new ManualClock();
        try (GuardedServer server =
                new GuardedServer(
                        Kept.IN_THE_ENGINE.open(clock),
                        true,
                        Optional.of(Tls.read(made.certificate(), made.key())))) {
            AwsKey key = server.user("worker", "all:*");
            try (SqsClient sqs =
                    server.client(key.id(), key.secret())
                            .httpClientBuilder(
                                    Apache5HttpClient.builder()
                                            .tlsTrustManagersProvider(() -> trust))
                            .build()) {
                workWithDeadLetters(sqs, clock);
            }
        }
    }

    private static void workWithDeadLetters(SqsClient sqs, ManualClock clock) {
        String arn = "arn:aws:sqs:eu-west-1:000000000000:dead.fifo";
        Map<QueueAttributeName, String> fifo =
                Map.of(
                        QueueAttributeName.FIFO_QUEUE,
                        "true",
                        QueueAttributeName.CONTENT_BASED_DEDUPLICATION,
                        "true");
        String dead = sqs.createQueue(r -> r.queueName("dead.fifo").attributes(fifo)).queueUrl();
        String url = sqs.createQueue(r -> r.queueName("live.fifo").attributes(fifo)).queueUrl();
        sqs.setQueueAttributes(r ->
                r.queueUrl(url)
                        .attributes(
                                Map.of(
                                        QueueAttributeName.REDRIVE_POLICY,
                                        "{\"deadLetterTargetArn\":\""
                                                + arn
                                                + "\",\"maxReceiveCount\":1}")));
        List<SendMessageBatchRequestEntry> entries =
                List.of(sent("one", "1"), sent("two", "2"), sent("again", "1"));
        sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
        assertThat(sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages())
                .hasSize(2);
        clock.advance(Duration.ofSeconds(31));
        await().until(() -> waiting(sqs, dead) == 2);

        sqs.startMessageMoveTask(r -> r.sourceArn(arn));

        await().until(() -> waiting(sqs, url) == 2);
        var messages = sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages();
        assertThat(messages).extracting(Message::body).containsExactly("1", "2");
        assertThat(
                        sqs.deleteMessageBatch(r ->
                                        r.queueUrl(url)
                                                .entries(
                                                        messages.stream()
                                                                .map(TlsDoorTest::entry)
                                                                .toList()))
                                .failed())
                .isEmpty();
    }

    private static SendMessageBatchRequestEntry sent(String id, String body) {
        return SendMessageBatchRequestEntry.builder()
                .id(id)
                .messageBody(body)
                .messageGroupId("a")
                .build();
    }

    private static DeleteMessageBatchRequestEntry entry(Message message) {
        return DeleteMessageBatchRequestEntry.builder()
                .id(message.messageId())
                .receiptHandle(message.receiptHandle())
                .build();
    }

    private static int waiting(SqsClient sqs, String url) {
        QueueAttributeName count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
        return Integer.parseInt(
                sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(count))
                        .attributes()
                        .get(count));
    }

    @Test
    void a_renewed_certificate_is_shown_to_new_connections_and_old_ones_go_on() throws Exception {
        Certificates old = new Certificates(folder, "old", "EC");
        Certificates renewed = new Certificates(folder, "new", "RSA");
        try (GuardedServer server =
                        new GuardedServer(
                                Kept.IN_A_MODEL.open(new ManualClock()),
                                true,
                                Optional.of(Tls.read(old.certificate(), old.key())));
                HttpClient connected = HttpClient.newBuilder().sslContext(old.context()).build();
                HttpClient late = HttpClient.newBuilder().sslContext(old.context()).build()) {
            HttpRequest list = HttpRequest.newBuilder(server.uri("/?Action=ListQueues")).build();
            assertThat(status(connected, list)).isEqualTo(200);

            server.renew(Tls.read(renewed.certificate(), renewed.key()));

            for (int i = 0; i < 10; i++) {
                // One connection to each event loop, and more.
                try (HttpClient another =
                        HttpClient.newBuilder().sslContext(renewed.context()).build()) {
                    assertThat(status(another, list)).isEqualTo(200);
                }
            }
            assertThat(status(connected, list)).isEqualTo(200);
            assertThatThrownBy(() -> status(late, list)).isInstanceOf(java.io.IOException.class);
        }
    }

    private static int status(HttpClient client, HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static void assertOldFormsAreRefused(Certificates made, URI address) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(made.context()).build()) {
            HttpRequest plain =
                    HttpRequest.newBuilder(
                                    URI.create(address.toString().replace("https://", "http://")))
                            .build();
            HttpRequest encrypted = HttpRequest.newBuilder(address).build();

            assertThatThrownBy(() -> client.send(plain, HttpResponse.BodyHandlers.discarding()))
                    .isInstanceOf(java.io.IOException.class);
            HttpResponse<String> answer =
                    client.send(encrypted, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(answer.statusCode()).isEqualTo(403);
        }
    }
}
