package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The programs of `examples/`, with the built jar on their class path: killed in the middle of
/// their work, twice, and started again on the same directory. What they say at their end has to
/// balance.
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
    private static final long SECONDS_MAX = 90;
    private static final int PROGRAMS_AT_A_TIME = 4;

    @TempDir Path folder;

    private final List<Process> processes = new ArrayList<>();
    private final ExecutorService programs = Executors.newFixedThreadPool(PROGRAMS_AT_A_TIME);

    /// @param name of its folder
    /// @param count what it is told to do
    /// @param first after how many lines it is killed for the first time
    /// @param second after how many it is killed again
    /// @param acknowledged a line that says that something is on disk
    /// @param end what its last run prints
    private record Example(
            String name, int count, int first, int second, Pattern acknowledged, Pattern end) {
        Example(String name, int count, int first, int second, String acknowledged, String end) {
            this(name, count, first, second, Pattern.compile(acknowledged), Pattern.compile(end));
        }
    }

    /// What a run has printed, and how it ended.
    private record Run(List<String> lines, int status) {}

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
        programs.close();
    }

    @TestFactory
    List<DynamicTest> books_balance_though_the_program_was_killed_in_the_middle() {
        return Stream.of(
                        new Example(
                                "shop",
                                200,
                                60,
                                70,
                                "ordered (\\d+)",
                                "the books: 200 orders, 200 paid, 196 shipped, 0 twice"),
                        new Example(
                                "sensors",
                                200,
                                60,
                                60,
                                "measured (\\d+)",
                                "400 of 400 averages, 0 wrong; (\\d+) of \\1 alerts, 0 twice"),
                        new Example(
                                "eventsourced",
                                200,
                                60,
                                70,
                                "sent (\\S+)",
                                "10000 cents, (\\d+) sent, \\1 received, 0 overdrawn"),
                        new Example(
                                "thumbnails",
                                10,
                                5,
                                11,
                                "asked for (\\d+)",
                                "50 thumbnails of 10 pictures, 50 right"))
                // Begun here, so that programs run beside each other.
                .map(example -> {
                    Future<Void> ended =
                            programs.submit(() -> {
                                run(example);
                                return null;
                            });
                    return DynamicTest.dynamicTest(example.name(), ended::get);
                })
                .toList();
    }

    private void run(Example example) throws Exception {
        Path classes = compile(example);
        Run first = start(example, classes, 1, example.first());
        Run second = start(example, classes, 2, example.second());
        Run last = start(example, classes, 3, Integer.MAX_VALUE);

        // On a fast disk it may have ended before the kill came; not each time.
        assertThat(List.of(first.status(), second.status()))
                .as("killed: %s, then %s", first, second)
                .anyMatch(status -> status != 0);
        assertThat(last.status()).as("%s", last).isZero();
        assertThat(last.lines()).anyMatch(line -> example.end().matcher(line).matches());
        List<String> acknowledged =
                Stream.of(first, second, last)
                        .flatMap(run -> run.lines().stream())
                        .map(example.acknowledged()::matcher)
                        .filter(Matcher::matches)
                        .map(line -> line.group(1))
                        .toList();
        assertThat(acknowledged).isNotEmpty();
        if (!example.name().equals("thumbnails")) {
            // A run goes on behind all that earlier ones were told.
            assertThat(acknowledged).doesNotHaveDuplicates();
        }
    }

    private Path compile(Example example) throws IOException {
        Path classes = Files.createDirectories(folder.resolve(example.name() + "-classes"));
        StringWriter complaints = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources =
                        Files.walk(EXAMPLES.resolve(example.name()).resolve("src/main/java"))) {
            List<String> options =
                    List.of("-d", classes.toString(), "-cp", jar(), "-proc:none", "-nowarn");
            List<Path> all = sources.filter(file -> file.toString().endsWith(".java")).toList();
            boolean compiled =
                    compiler.getTask(
                                    complaints,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(all))
                            .call();
            assertThat(compiled).as("%s: %s", example.name(), complaints).isTrue();
        }
        return classes;
    }

    private static String jar() {
        return Path.of(System.getProperty("millstream.jar")).toAbsolutePath().toString();
    }

    /// @param killedAfter so many lines
    private Run start(Example example, Path classes, int number, int killedAfter)
            throws IOException, InterruptedException {
        Path err = folder.resolve(example.name() + ".err" + number);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classes + File.pathSeparator + jar(),
                                "com.example." + example.name() + ".Main",
                                folder.resolve(example.name()).toString(),
                                String.valueOf(example.count()))
                        .redirectError(err.toFile())
                        .start();
        synchronized (processes) {
            processes.add(process);
        }
        // One that hangs is not waited for.
        CompletableFuture.delayedExecutor(SECONDS_MAX, TimeUnit.SECONDS)
                .execute(process.toHandle()::destroyForcibly);
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (lines.size() == killedAfter) {
                    // As kill -9 does; unlike the process's own way, this leaves its output open.
                    process.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        int status = process.exitValue();
        if (status != 0 && killedAfter == Integer.MAX_VALUE) {
            lines.add(Files.readString(err));
        }
        return new Run(lines, status);
    }
}
