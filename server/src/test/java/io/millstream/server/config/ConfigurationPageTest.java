package io.millstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The table in docs/configuration.md has one row for each setting, in order, and no other.
class ConfigurationPageTest {
    @Test
    void the_page_lists_exactly_the_settings_that_there_are() throws IOException {
        List<String> rows;
        try (var lines = Files.lines(root().resolve("docs/configuration.md"))) {
            rows = lines.filter(line -> line.startsWith("| `--")).toList();
        }

        assertThat(rows)
                .as("rows of the table in docs/configuration.md; correct them there")
                .containsExactlyElementsOf(
                        Arrays.stream(Setting.values()).map(ConfigurationPageTest::row).toList());
    }

    private static String row(Setting setting) {
        String option = setting.option() + setting.value().map(value -> "=" + value).orElse("");
        String line = setting == Setting.CONFIG ? "–" : "`" + setting.key() + "`";
        String standard = setting.standard().map(text -> "`" + text + "`").orElse("–");
        return "| `%s` | `%s` | %s | %s | %s |"
                .formatted(option, setting.variable(), line, standard, setting.meaning());
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/configuration.md"))) {
            folder = folder.getParent();
            assertThat(folder).as("a folder above with docs/configuration.md").isNotNull();
        }
        return folder;
    }
}
