package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.Millstream;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.server.users.StoredRoster;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What `docs/http.md` and `docs/http-jobs.md` show: the commands of a page, one after the other in
/// one shell, print what it says.
class ApiPageTest {
    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final String NEXT = "== next ==";
    private static final JobType<ObjectNode, JsonNode> MAIL =
            JobType.of("mail.send", ObjectNode.class, JsonNode.class);

    @TempDir Path folder;

    /// @param command as it is typed, without prompts
    /// @param output what is shown below it
    private record Example(String command, String output) {}

    @ParameterizedTest
    @CsvSource({"docs/http.md, 9", "docs/http-jobs.md, 17"})
    void the_page_shows_what_curl_prints(String page, int least) throws Exception {
        for (String program : List.of("bash", "curl", "sed", "grep", "cut", "tee")) {
            assumeTrue(isThere(program), "there is no " + program + " here");
        }
        Vertx vertx = Vertx.vertx();
        try (Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
                Users users = Users.open(engine).toCompletableFuture().join()) {
            Site site =
                    new Site(
                            "1.2.3",
                            folder,
                            Instant.now(),
                            engine,
                            engine::backup,
                            StoredRoster.served(users, true),
                            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                            () -> Phase.READY,
                            Map::of,
                            Optional.empty());
            HttpDoor door = new HttpDoor(vertx, site, Guard.OPEN, ApiLimits.USUAL);
            int port = door.start("127.0.0.1", 0);
            List<Example> examples = examples(page);
            assertThat(examples).hasSizeGreaterThanOrEqualTo(least);

            List<String> printed =
                    page.contains("jobs")
                            ? runBesideWorkers(engine, examples, port)
                            : run(examples, port);

            for (int i = 0; i < examples.size(); i++) {
                assertThat(withoutWhatDiffers(printed.get(i)))
                        .as(examples.get(i).command())
                        .isEqualTo(withoutWhatDiffers(examples.get(i).output()));
            }
            door.close(Duration.ZERO);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private List<String> runBesideWorkers(Engine engine, List<Example> examples, int port)
            throws Exception {
        try (Jobs jobs = Jobs.over(Millstream.over(engine));
                Workers mailing =
                        jobs.workers("mail").handle(MAIL, (payload, _) -> payload).start()) {
            assertThat(mailing.stuck()).isZero();
            return run(examples, port);
        }
    }

    private static List<Example> examples(String page) throws Exception {
        List<Example> examples = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page(page)));
        while (block.find()) {
            StringBuilder command = new StringBuilder();
            StringBuilder output = new StringBuilder();
            for (String line : block.group(1).split("\n", -1)) {
                if (line.startsWith("$ ")) {
                    add(examples, command, output);
                    command.append(line, 2, line.length());
                } else if (line.startsWith("> ")) {
                    command.append('\n').append(line, 2, line.length());
                } else if (!line.isEmpty()) {
                    output.append(line).append('\n');
                }
            }
            add(examples, command, output);
        }
        return examples;
    }

    private static void add(List<Example> examples, StringBuilder command, StringBuilder output) {
        if (!command.isEmpty()) {
            examples.add(new Example(command.toString(), output.toString().strip()));
        }
        command.setLength(0);
        output.setLength(0);
    }

    private List<String> run(List<Example> examples, int port) throws Exception {
        StringBuilder script = new StringBuilder();
        for (Example example : examples) {
            script.append(example.command().replace("7171", Integer.toString(port)))
                    .append("\necho\necho '" + NEXT + "'\n");
        }
        Path file = Files.writeString(folder.resolve("page.sh"), script);
        Path out = folder.resolve("out");
        Process bash =
                new ProcessBuilder("bash", file.toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String all = Files.readString(out, StandardCharsets.UTF_8);
        return Stream.of(all.split(NEXT, -1)).map(String::strip).toList();
    }

    /// Ids, handles and times.
    private static String withoutWhatDiffers(String text) {
        return text.replaceAll("\"(session|handle|id)\":\"[^\"]*\"", "\"$1\":\"\"")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]*Z", "TIME");
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static Path page(String page) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/http.md"))) {
            root = root.getParent();
        }
        return root.resolve(page);
    }
}
