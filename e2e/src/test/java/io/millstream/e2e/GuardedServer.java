package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpService;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.utils.AttributeMap;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// The built jar with one user, whose key its clients sign with, behind plain HTTP or behind TLS
/// with a certificate that signs itself and that the clients are told to trust. For comparison it
/// also comes without users, open to whatever its clients sign with.
final class GuardedServer implements AutoCloseable {
    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    enum Door {
        OPEN("http"),
        PLAIN("http"),
        TLS("https");

        private final String scheme;

        Door(String scheme) {
            this.scheme = scheme;
        }
    }

    private final Launched server;
    private final String endpoint;
    private final AwsBasicCredentials key;
    private final AttributeMap settings;
    private final SdkHttpClient http;
    private final List<SdkAsyncHttpClient> asyncHttps = new ArrayList<>();

    /// Adds the user, starts the server in the folder, and waits until it is ready.
    GuardedServer(Path folder, Door door) throws Exception {
        key = door == Door.OPEN ? AwsBasicCredentials.create("any", "any") : addUser(folder);
        List<String> options = new ArrayList<>();
        AttributeMap.Builder trusted = AttributeMap.builder();
        if (door == Door.TLS) {
            KeyStore store = certificate(folder);
            TrustManager[] trust = trust(store);
            options.add("--tls.certificate=" + folder.resolve("cert.pem"));
            options.add("--tls.key=" + folder.resolve("key.pem"));
            trusted.put(SdkHttpConfigurationOption.TLS_TRUST_MANAGERS_PROVIDER, () -> trust);
        }
        settings = trusted.build();
        http =
                ServiceLoader.load(SdkHttpService.class)
                        .findFirst()
                        .orElseThrow()
                        .createHttpClientBuilder()
                        .buildWithDefaults(settings);
        server = Launched.serve(folder, options.toArray(String[]::new)).awaitReady();
        endpoint = door.scheme + "://127.0.0.1:" + server.port("aws");
    }

    private static AwsBasicCredentials addUser(Path folder) throws Exception {
        String[] add = {
            "users", "add", "tour", "--admin", "--password", "--aws-key", "--data=data"
        };
        try (Launched command = Launched.command(folder, Map.of(), add)) {
            assertThat(command.status()).as(command.err()).isZero();
            return AwsBasicCredentials.create(
                    printed(command, "AWS_ACCESS_KEY_ID="),
                    printed(command, "AWS_SECRET_ACCESS_KEY="));
        }
    }

    private static String printed(Launched command, String name) throws IOException {
        return command.out()
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElseThrow();
    }

    /// Makes a certificate with the JDK's keytool, and writes it and its key as PEM.
    private static KeyStore certificate(Path folder) throws IOException, GeneralSecurityException {
        Path file = folder.resolve("server.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String make =
                " -genkeypair -alias server -keyalg EC -dname CN=127.0.0.1 -ext san=ip:127.0.0.1"
                        + " -storetype PKCS12 -storepass changeit -keystore ";
        List<String> command = new ArrayList<>(List.of((keytool + make).split(" ", -1)));
        command.set(command.size() - 1, file.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(told).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, STORE_PASSWORD);
        }
        byte[] key = store.getKey("server", STORE_PASSWORD).getEncoded();
        write(
                folder.resolve("cert.pem"),
                "CERTIFICATE",
                store.getCertificate("server").getEncoded());
        write(folder.resolve("key.pem"), "PRIVATE KEY", key);
        return store;
    }

    private static void write(Path file, String title, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(bytes);
        Files.writeString(
                file, "-----BEGIN " + title + "-----\n" + text + "\n-----END " + title + "-----\n");
    }

    private static TrustManager[] trust(KeyStore store)
            throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    /// Where its queues and topics are: the beginning of all addresses of queues.
    String endpoint() {
        return endpoint;
    }

    /// A blocking client of the user, or of anybody; whoever gets one of these clients closes it.
    SqsClient sqs() {
        return sqs(key);
    }

    /// A client that has the id of the user's key and has to guess the secret.
    SqsClient forger() {
        return sqs(AwsBasicCredentials.create(key.accessKeyId(), "guessed"));
    }

    private SqsClient sqs(AwsBasicCredentials credentials) {
        return SqsClient.builder()
                .httpClient(http)
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
    }

    /// The threads of asynchronous clients take two seconds to end, when the server is closed.
    SqsAsyncClient asyncSqs() {
        SdkAsyncHttpClient asyncHttp =
                ServiceLoader.load(SdkAsyncHttpService.class)
                        .findFirst()
                        .orElseThrow()
                        .createAsyncHttpClientFactory()
                        .buildWithDefaults(settings);
        asyncHttps.add(asyncHttp);
        return SqsAsyncClient.builder()
                .httpClient(asyncHttp)
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(key))
                .build();
    }

    SnsClient sns() {
        return SnsClient.builder()
                .httpClient(http)
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(key))
                .build();
    }

    /// Stops it as an operator would, and finds nothing in its log that it had to complain of.
    void stop() throws InterruptedException {
        assertThat(server.stop()).isZero();
        assertThat(server.complaints()).isEmpty();
    }

    @Override
    public void close() {
        http.close();
        asyncHttps.forEach(SdkAsyncHttpClient::close);
        server.close();
    }
}
