package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Millstream;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Workers;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.time.Duration;

/// `jobs list` of what has ended, and `jobs history`.
@Timeout(120)
class JobFindingTest {
    private static final JobType<ObjectNode, JsonNode> GREET =
            JobType.of("greet", ObjectNode.class, JsonNode.class)
                    .with(options -> options.queue("greetings").retry(Retry.never()));

    @TempDir Path folder;

    private ServedTerminal terminal;
    private Millstream program;
    private Jobs jobs;

    @BeforeEach
    void serve() {
        terminal = ServedTerminal.searched(folder);
        program = terminal.program();
        jobs = Jobs.over(program);
    }

    @AfterEach
    void close() {
        jobs.close();
        program.close();
        terminal.close();
    }

    @Test
    void jobs_that_have_ended_are_listed_and_tell_their_history() {
        String done = terminal.done("enqueue", "greet", "{}", "--queue", "greetings").strip();
        String dead =
                terminal.done("enqueue", "greet", "{\"fails\":1}", "--queue", "greetings").strip();
        try (Workers _ =
                jobs.workers("greetings")
                        .handle(
                                GREET,
                                (payload, context) -> {
                                    context.log("at work");
                                    if (payload.has("fails")) {
                                        throw new IllegalStateException("Nobody is there");
                                    }
                                    return payload;
                                })
                        .start()) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            list("--state", "done").contains(done)
                                    && list("--error", "nobody there").contains(dead));
        }

        assertThat(list("--state", "done")).doesNotContain(dead);
        assertThat(list("--state", "removed")).hasLineCount(1);
        assertThat(list("--since", "1h", "-n", "1")).contains(dead).hasLineCount(2);
        assertThat(terminal.err()).contains("There are more than the 1 that are shown.");
        assertThat(terminal.done("jobs", "list", "--until", "1h", "--json")).isEmpty();
        assertThat(terminal.done("jobs", "history", dead))
                .contains("submitted", "started", "failed", "dead", "Nobody is there", "at work");
        assertThat(terminal.done("jobs", "history", done, "--json"))
                .contains("\"event\":\"done\"")
                .hasLineCount(1);
        assertThat(terminal.run("jobs", "history", "nobody")).isEqualTo(1);
        assertThat(terminal.err()).contains("knows no job of this id");
    }

    private String list(String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "jobs";
        all[1] = "list";
        System.arraycopy(options, 0, all, 2, options.length);
        return terminal.done(all);
    }
}
