package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.api.Backend;
import io.millstream.engine.io.TimeSource;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.millstream.server.users.StoredRoster;
import io.millstream.testkit.memory.MemoryBackend;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The status port over TLS. The certificates are good until 2126.
class TlsHttpDoorTest {
    private static final Path FOLDER = Path.of("src/test/resources/tls");

    private static Tls read(String name) {
        return Tls.read(FOLDER.resolve(name + "-cert.pem"), FOLDER.resolve(name + "-key.pem"));
    }

    /// A client that trusts this certificate and no other.
    private static HttpClient client(String name) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(FOLDER.resolve(name + "-cert.pem"))) {
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static int status(HttpClient client, int port) throws Exception {
        URI health = URI.create("https://localhost:" + port + "/health/live");
        return client.send(HttpRequest.newBuilder(health).build(), BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void a_renewed_certificate_is_shown_to_new_connections() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Backend backend = new MemoryBackend(TimeSource.system());
                Users users = Users.open(backend).toCompletableFuture().join();
                HttpClient before = client("one");
                HttpClient late = client("one");
                HttpClient after = client("two")) {
            Site site =
                    new Site(
                            "1.2.3",
                            Path.of("/data"),
                            Instant.now(),
                            backend,
                            CompletableFuture::new,
                            StoredRoster.served(users, true),
                            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                            () -> Phase.READY,
                            Map::of,
                            Optional.empty());
            Guard guard =
                    new Guard(
                            Access.of(users, true),
                            Optional.of(read("one")),
                            false,
                            InstantSource.system());
            HttpDoor door = new HttpDoor(vertx, site, guard, ApiLimits.USUAL);
            int port = door.start("localhost", 0);
            assertThat(status(before, port)).isEqualTo(200);

            door.renew(read("two"));

            assertThat(status(after, port)).isEqualTo(200);
            assertThatThrownBy(() -> status(late, port)).isInstanceOf(IOException.class);
            door.close(Duration.ZERO);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
