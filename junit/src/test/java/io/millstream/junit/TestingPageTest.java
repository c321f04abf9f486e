package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/// Compiles and runs the tests that `docs/testing.md` shows.
class TestingPageTest {
    private static final Path PAGE = Path.of("../docs/testing.md").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\n(.*?)^```$");
    private static final Pattern CLASS = Pattern.compile("(?m)^class (\\w+)");

    @TempDir private Path folder;

    @TestFactory
    Stream<DynamicTest> what_the_page_shows_runs() throws IOException {
        List<String> blocks =
                BLOCK.matcher(Files.readString(PAGE))
                        .results()
                        .map(block -> block.group(1))
                        .toList();
        assertThat(blocks).as("blocks of Java in %s", PAGE).hasSize(7);
        return blocks.stream()
                .map(block -> {
                    String name =
                            CLASS.matcher(block)
                                    .results()
                                    .map((MatchResult type) -> type.group(1))
                                    .findFirst()
                                    .orElseThrow();
                    return DynamicTest.dynamicTest(name, () -> assertPasses(name, block));
                });
    }

    private void assertPasses(String name, String source) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        StringWriter complaints = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of(
                            "-d",
                            folder.toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-proc:none");
            boolean compiled =
                    compiler.getTask(
                                    complaints,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call();
            assertThat(compiled).as(complaints.toString()).isTrue();
        }
        URL[] compiled = {folder.toUri().toURL()};
        try (var loader = new URLClassLoader(compiled, getClass().getClassLoader())) {
            Samples ran = Samples.run(loader.loadClass(name));

            assertThat(ran.failures()).isEmpty();
            assertThat(ran.succeeded()).isPositive();
        }
    }
}
