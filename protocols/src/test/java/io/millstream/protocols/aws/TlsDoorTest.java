package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.protocols.access.Verifier.AwsKey;
import io.millstream.protocols.web.Certificates;
import io.millstream.protocols.web.Tls;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.sqs.SqsClient;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
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
