package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;
import io.millstream.server.broker.Broker;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.config.ServerConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// What `docs/users.md` shows of `millstream users`: first on a directory at rest, then on the
/// server that is started on it.
class UsersPageTest {
    private static final Pattern BLOCK = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);
    private static final Pattern EXAMPLE =
            Pattern.compile("\\$ millstream ([^\n]+)\n((?:(?!\\$ )[^\n]*\n)*)");
    private static final Pattern CERTIFICATE =
            Pattern.compile("```sh\n(openssl req .*?)```", Pattern.DOTALL);
    private static final Pattern PASSWORD = Pattern.compile("Password: (\\S+)");
    private static final Pattern ADDRESS =
            Pattern.compile("status (https?://127\\.0\\.0\\.1:\\d+)");
    private static final Pattern KEY = Pattern.compile("AKMS[A-Z2-7]{16}");

    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Broker broker;

    @AfterEach
    void close() {
        if (broker != null) {
            broker.close();
        }
    }

    private static OpenStore open(Path data) throws IOException {
        Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard());
        return new OpenStore(engine, onStopped -> {}, registry -> {}, CompletableFuture::new);
    }

    private static Path page() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/users.md"))) {
            root = root.getParent();
        }
        return root.resolve("docs/users.md");
    }

    private String serve(Optional<ServerConfig.TlsFiles> tls) throws IOException {
        ServerConfig config =
                new ServerConfig(
                        folder.resolve("data"),
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.empty(),
                        OptionalInt.of(0),
                        tls,
                        Optional.empty(),
                        false);
        broker = new Broker(config, "1.2.3", UsersPageTest::open);
        broker.start();
        Matcher address = ADDRESS.matcher(broker.readyLine());
        assertThat(address.find()).as(broker.readyLine()).isTrue();
        return address.group(1);
    }

    private String run(String arguments) {
        out.reset();
        err.reset();
        int status =
                Commands.run(
                        arguments.split(" "),
                        new Surroundings(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                environment,
                                folder,
                                "1.2.3",
                                UsersPageTest::open,
                                stop -> {}));
        assertThat(status).as(arguments + ": " + err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void the_page_shows_what_the_commands_print() throws IOException {
        List<String> shown = new ArrayList<>();
        String server = null;
        Matcher block = BLOCK.matcher(Files.readString(page()));
        while (block.find()) {
            Matcher example = EXAMPLE.matcher(block.group(1));
            while (example.find()) {
                String arguments = example.group(1);
                shown.add(arguments.split(" ")[1]);
                if (!arguments.contains("--data") && server == null) {
                    server = serve(Optional.empty());
                }
                String target = arguments.contains("--data") ? "" : " --server " + server;

                String told = run(withOurKeys(arguments) + target);

                remember(told, example.group(2));
                assertThat(withoutSecrets(told)).isEqualTo(withoutSecrets(example.group(2)));
            }
        }
        assertThat(shown).containsExactly("add", "add", "list", "change", "key", "key", "remove");
    }

    @Test
    void the_certificate_that_the_page_makes_is_served() throws Exception {
        assumeTrue(isThere("openssl"), "there is no openssl here");
        Matcher recipe = CERTIFICATE.matcher(Files.readString(page()));
        assertThat(recipe.find()).isTrue();
        Process made =
                new ProcessBuilder(
                                "sh", "-c", recipe.group(1).replace("mq.example.com", "localhost"))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String told = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(told).isZero();
        Path certificate = folder.resolve("cert.pem");

        String server =
                serve(
                        Optional.of(
                                new ServerConfig.TlsFiles(certificate, folder.resolve("key.pem"))));

        assertThat(server).startsWith("https://127.0.0.1:");
        URI health = URI.create(server.replace("127.0.0.1", "localhost") + "/health");
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(trusting(certificate)).build()) {
            HttpRequest request = HttpRequest.newBuilder(health).build();
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    /// The page's keys are not those that were made here.
    private String withOurKeys(String arguments) {
        return KEY.matcher(arguments).replaceAll(key -> keys.get(key.group()));
    }

    private void remember(String told, String page) {
        Matcher password = PASSWORD.matcher(told);
        if (password.find()) {
            environment.put("MILLSTREAM_USER", "admin");
            environment.put("MILLSTREAM_PASSWORD", password.group(1));
        }
        Matcher ours = KEY.matcher(told);
        Matcher theirs = KEY.matcher(page);
        while (ours.find() && theirs.find()) {
            keys.put(theirs.group(), ours.group());
        }
    }

    private static String withoutSecrets(String text) {
        return KEY.matcher(text)
                .replaceAll("ID")
                .replaceAll("Password: [A-Za-z0-9_-]{24}", "Password: P")
                .replaceAll("SECRET_ACCESS_KEY=[A-Za-z0-9+/]{40}", "SECRET_ACCESS_KEY=S");
    }
}
