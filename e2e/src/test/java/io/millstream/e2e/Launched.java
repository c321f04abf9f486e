package io.millstream.e2e;

import static org.awaitility.Awaitility.await;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The built jar as a process: what it prints goes to files, its ports are read from its ready
/// file.
final class Launched implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final Path out;
    private final Path err;
    private final Path ready;

    private Launched(Process process, Path out, Path err, Path ready) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.ready = ready;
    }

    /// Runs `serve` on free ports with the folder's subdirectory `data`, unless the options, which
    /// come last, say otherwise.
    static Launched serve(Path folder, String... options) throws IOException {
        return serve(folder, Map.of(), options);
    }

    /// As [#serve(Path, String...)], with these variables added to the environment.
    static Launched serve(Path folder, Map<String, String> variables, String... options)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("serve"));
        Path ready = Files.createTempDirectory(folder, "run").resolve("ready.json");
        String given = String.join(" ", options);
        for (String standard : List.of("--data=data", "--aws.port=0", "--http.port=0")) {
            if (!given.contains(standard.substring(0, standard.indexOf('=')))) {
                all.add(standard);
            }
        }
        all.add("--ready-file=" + ready);
        all.addAll(List.of(options));
        return run(folder, ready, variables, all);
    }

    /// Runs another command, with these variables added to the environment.
    static Launched command(Path folder, Map<String, String> variables, String... arguments)
            throws IOException {
        Path ready = Files.createTempDirectory(folder, "run").resolve("ready.json");
        return run(folder, ready, variables, List.of(arguments));
    }

    private static Launched run(
            Path folder, Path ready, Map<String, String> variables, List<String> arguments)
            throws IOException {
        Path out = ready.resolveSibling("out");
        Path err = ready.resolveSibling("err");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", System.getProperty("millstream.jar")));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MILLSTREAM_"));
        builder.environment().putAll(variables);
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        return new Launched(process, out, err, ready);
    }

    Launched awaitReady() {
        await().atMost(PATIENCE)
                .until(() -> !process.isAlive() || (isReady() && out().endsWith("\n")));
        if (!process.isAlive()) {
            throw new AssertionError("It ended with " + process.exitValue() + ": " + err());
        }
        return this;
    }

    /// The status that the process ends with.
    int status() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("It still runs after " + PATIENCE + ": " + err());
        }
        return process.exitValue();
    }

    /// Asks it to stop, as `kill` does.
    int stop() throws InterruptedException {
        process.destroy();
        return status();
    }

    /// Ends it as `kill -9` does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        status();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /// A client of its SQS door; whoever gets it closes it.
    SqsClient sqs() throws IOException {
        return sqs("test", "test");
    }

    /// A client that signs with this key pair; whoever gets it closes it.
    SqsClient sqs(String id, String secret) throws IOException {
        var credentials = AwsBasicCredentials.create(id, secret);
        return SqsClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port("aws")))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
    }

    int port(String door) throws IOException {
        Matcher port = Pattern.compile('"' + door + "\":(\\d+)").matcher(readyFile());
        if (!port.find()) {
            throw new AssertionError("No port of " + door + " in " + readyFile());
        }
        return Integer.parseInt(port.group(1));
    }

    boolean isReady() {
        return Files.exists(ready);
    }

    String readyFile() throws IOException {
        return Files.readString(ready);
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    /// What it printed on standard error, without the lines of its log.
    String err() {
        try {
            return Files.readAllLines(err).stream()
                    .filter(line ->
                            !line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+Z (INFO|WARN|ERROR) .*"))
                    .reduce("", (text, line) -> text + line + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What it logged beyond plain information, and everything that is no line of a log.
    List<String> complaints() {
        try {
            return Files.readAllLines(err).stream()
                    .filter(line -> !line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+Z INFO .*"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("http") + path))
                        .build(),
                BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
