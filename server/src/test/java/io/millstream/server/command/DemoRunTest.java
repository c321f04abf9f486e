package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `millstream demo`, as a process of its own.
class DemoRunTest {
    private static final long SECONDS_MAX = 60;
    private static final Pattern FIGURES =
            Pattern.compile(
                    " *[\\d,]+ orders \\(\\d+/s\\) +[\\d,]+ jobs done \\(\\d+/s\\) +[\\d,]+ waiting"
                            + " +[\\d,]+ dead +(started after [\\d.]+ ms \\(p50\\)|none began)");

    @TempDir private Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process demo(String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx256m"));
        command.add("-Djava.io.tmpdir=" + folder);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("io.millstream.server.Main", "demo"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(
                                folder.resolveSibling(folder.getFileName() + ".err").toFile())
                        .start();
        processes.add(process);
        CompletableFuture.delayedExecutor(SECONDS_MAX, TimeUnit.SECONDS)
                .execute(process.toHandle()::destroyForcibly);
        return process;
    }

    private String err() throws IOException {
        Path err = folder.resolveSibling(folder.getFileName() + ".err");
        String text = Files.readString(err);
        Files.delete(err);
        return text;
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("millstream"))
                    .toList();
        }
    }

    @Test
    void it_ends_by_itself_and_leaves_nothing_behind() throws Exception {
        Process demo = demo("--rate", "20", "--for", "2s");
        List<String> lines;
        try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
            lines = out.readAllLines();
        }

        assertThat(demo.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).as("%s", lines).isZero();
        assertThat(err()).doesNotContain(" WARN ", " ERROR ", "Exception");
        assertThat(lines.getFirst()).contains("a shop with 20 orders a second, for 2s");
        assertThat(lines)
                .anyMatch(line -> line.matches(" +status +http://127\\.0\\.0\\.1:\\d+"))
                .anyMatch(
                        line -> FIGURES.matcher(line).matches() && line.contains("started after"));
        assertThat(left()).isEmpty();
    }

    @Test
    void a_signal_ends_it_in_order() throws Exception {
        Process demo = demo();
        try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !FIGURES.matcher(line).matches()) {
                line = out.readLine();
            }
            assertThat(line).isNotNull();
            assertThat(left()).hasSize(1);

            assertThat(new ProcessBuilder("kill", "-TERM", "" + demo.pid()).start().waitFor())
                    .isZero();
            assertThat(out.readAllLines()).allMatch(more -> FIGURES.matcher(more).matches());
        }

        assertThat(demo.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).as(err()).isZero();
        assertThat(left()).isEmpty();
    }
}
