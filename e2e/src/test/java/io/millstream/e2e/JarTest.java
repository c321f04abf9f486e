package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class JarTest {
    @TempDir Path folder;

    @Test
    void the_jar_runs_by_itself_and_without_a_warning() throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

        int status =
                new ProcessBuilder(java, "-jar", System.getProperty("millstream.jar"), "--version")
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start()
                        .waitFor();

        assertThat(err).isEmptyFile();
        assertThat(Files.readString(out))
                .startsWith("millstream " + System.getProperty("millstream.version"));
        assertThat(status).isZero();
    }
}
