package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.h2.Driver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Programs with the built jar on their class path, and a database beside it: all those that the
/// pages show, and one that is killed.
///
/// A page's block of Java is a program if it becomes one by a `main` around what is left of it
/// without its imports and the types that are declared in one line.
class InProcessTourTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> OUTSIDE = List.of("import ", "sealed ", "record ");
    private static final long SECONDS_MAX = 60;
    private static final int PROGRAMS_AT_A_TIME = 2;

    @TempDir Path folder;

    private final ExecutorService programs = Executors.newFixedThreadPool(PROGRAMS_AT_A_TIME);

    private record Ended(int status, String out, String err) {}

    @AfterEach
    void close() {
        programs.close();
    }

    @TestFactory
    List<DynamicTest> what_the_pages_show_runs() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String page :
                List.of(
                        "README.md",
                        "docs/in-process.md",
                        "docs/queues.md",
                        "docs/limits.md",
                        "docs/jobs.md",
                        "docs/remote.md",
                        "docs/topics.md",
                        "docs/routing.md")) {
            List<String> blocks = blocks(ROOT.resolve(page));
            assertThat(blocks).as("blocks of Java in %s", page).isNotEmpty();
            for (String block : blocks) {
                // Begun here, so that programs run beside each other, each in a folder of its own.
                Path own = folder.resolve("program-" + tests.size());
                Future<Ended> ended = programs.submit(() -> run(own, block));
                tests.add(
                        DynamicTest.dynamicTest(
                                page + ": " + block.lines().count() + " lines",
                                () -> assertRan(ended.get())));
            }
        }
        return tests;
    }

    @Test
    void readme_s_program_prints_its_message() throws Exception {
        String program = blocks(ROOT.resolve("README.md")).getFirst();

        assertThat(run(folder, program).out()).isEqualTo("hello\n");
    }

    @Test
    void a_message_outlives_the_program_that_was_killed_after_it_had_sent_it() throws Exception {
        Ended sender =
                run(
                        folder,
                        """
                        import io.millstream.Millstream;

                        Millstream.open(Path.of("data")).queue("mail").send("kept");
                        Runtime.getRuntime().halt(9);
                        """);
        Ended receiver =
                run(
                        folder,
                        """
                        import io.millstream.Millstream;
                        import java.time.Duration;

                        try (Millstream millstream = Millstream.open(Path.of("data"))) {
                            var mail = millstream.queue("mail").receive(Duration.ofSeconds(5));
                            System.out.println(mail.orElseThrow().text());
                        }
                        """);

        assertThat(sender.status()).isEqualTo(9);
        assertThat(receiver).isEqualTo(new Ended(0, "kept\n", ""));
    }

    private static void assertRan(Ended ended) {
        // What a program shows may be worth a line in the log, and nothing worse; but for jobs that
        // die, which one page is about.
        assertThat(
                        ended.err()
                                .lines()
                                .filter(line -> !line.contains(" INFO "))
                                .filter(line -> !line.contains(" is dead after 1 attempts")))
                .isEmpty();
        assertThat(ended.status()).isZero();
        assertThat(ended.out()).isNotEmpty();
    }

    private static Ended run(Path folder, String block) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path jar = Path.of(System.getProperty("millstream.jar")).toAbsolutePath();
        String classPath = jar + File.pathSeparator + database();
        compile(folder, block, classPath);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                java,
                                // None lives long enough for more.
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                folder + File.pathSeparator + classPath,
                                "Program")
                        .directory(folder.toFile())
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// Compiles in this process, which knows how by now; each program would have to learn it.
    private static void compile(Path folder, String block, String classPath) throws IOException {
        Path program = folder.resolve("Program.java");
        Files.writeString(
                program,
                lines(block, true)
                        + "void main() throws Exception {\n"
                        + lines(block, false)
                        + "}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-d", folder.toString(), "-cp", classPath, "-proc:none");
            boolean compiled =
                    compiler.getTask(
                                    messages,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(program))
                            .call();
            assertThat(compiled).as("%s%ndoes not compile: %s", block, messages).isTrue();
        }
    }

    private static Path database() {
        try {
            return Path.of(
                    Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String lines(String block, boolean outside) {
        return block.lines()
                .filter(line -> OUTSIDE.stream().anyMatch(line::startsWith) == outside)
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static List<String> blocks(Path page) {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : read(page).lines().toList()) {
            if (line.equals("```java")) {
                block = new StringBuilder();
            } else if (block != null && line.equals("```")) {
                blocks.add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
