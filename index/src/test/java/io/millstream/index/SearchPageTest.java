package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The example of docs/search.md is what is run here.
class SearchPageTest {
    private static final JobType<Name, Void> GREET =
            JobType.of("greet", Name.class).with(options -> options.queue("greetings"));

    @TempDir Path directory;

    record Name(String name) {}

    @Test
    void the_example_runs() {
        List<String> lines = new ArrayList<>();
        // begin
        try (Millstream millstream = Millstream.inMemory();
                Jobs jobs = Jobs.over(millstream);
                JobIndex index = JobIndex.open(millstream, directory)) {
            String id = jobs.enqueue(GREET, new Name("ann")).id();
            index.catchUp(Duration.ofSeconds(10));

            FoundJobs found =
                    index.search(JobSearch.ALL.queue("greetings").state(IndexedState.WAITING));
            for (IndexedJob job : found.jobs()) {
                lines.add(job.id() + " " + job.type() + " " + job.state().word());
            }
            index.history(id).ifPresent(history -> lines.add("" + history.steps()));
        }
        // end
        assertThat(lines.getFirst()).endsWith("greet waiting");
        assertThat(lines.getLast()).contains("SUBMITTED");
    }

    @Test
    void it_is_on_the_page() throws IOException {
        assertThat(words(page(), "```java", "```"))
                .isEqualTo(words(source(), "// begin", "// end"));
    }

    private static List<String> words(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        String between = text.substring(from, text.indexOf(end, from));
        return List.of(between.strip().split("\\s+"));
    }

    private static String page() throws IOException {
        return Files.readString(root().resolve("docs/search.md"));
    }

    private static String source() throws IOException {
        return Files.readString(
                root().resolve("index/src/test/java/io/millstream/index/SearchPageTest.java"));
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/search.md"))) {
            folder = folder.getParent();
            assertThat(folder).as("a folder above with docs/search.md").isNotNull();
        }
        return folder;
    }
}
