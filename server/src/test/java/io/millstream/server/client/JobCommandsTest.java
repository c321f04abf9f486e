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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// `enqueue` and `jobs …`.
@Timeout(120)
class JobCommandsTest {
    private static final JobType<ObjectNode, JsonNode> DOUBLE =
            JobType.of("number.double", ObjectNode.class, JsonNode.class)
                    .with(options -> options.queue("numbers").retry(Retry.never()));

    @TempDir Path folder;

    private ServedTerminal terminal;
    private Millstream program;
    private Jobs jobs;

    @BeforeEach
    void serve() {
        terminal = new ServedTerminal(folder);
        program = terminal.program();
        jobs = Jobs.over(program);
    }

    @AfterEach
    void close() {
        jobs.close();
        program.close();
        terminal.close();
    }

    private Workers workers() {
        return jobs.workers("numbers")
                .handle(
                        DOUBLE,
                        (payload, _) -> {
                            if (!payload.path("n").isNumber()) {
                                throw new IllegalStateException("n is no number");
                            }
                            return JsonMapper.shared()
                                    .createObjectNode()
                                    .put("twice", 2 * payload.path("n").asLong());
                        })
                .name("doublers")
                .start();
    }

    private String enqueue(String json) {
        return terminal.done("enqueue", "number.double", json, "--queue", "numbers").strip();
    }

    private void die(String json) {
        String id = enqueue(json);
        try (Workers _ = workers()) {
            awaitShown(id, "dead");
        }
    }

    private void awaitShown(String id, String state) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(terminal.done("jobs", "show", id, "--json"))
                                .contains("\"state\":\"" + state + "\""));
    }

    @Test
    void a_job_is_awaited_and_its_result_printed() {
        try (Workers _ = workers()) {
            assertThat(
                            terminal.done(
                                    "enqueue",
                                    "number.double",
                                    "{\"n\":21}",
                                    "-q",
                                    "numbers",
                                    "--await",
                                    "60s"))
                    .isEqualTo("{\"twice\":42}\n");

            String id = enqueue("{\"n\":4}");
            awaitShown(id, "done");
        }
    }

    @Test
    void what_a_job_ended_as_is_the_status() {
        try (Workers _ = workers()) {
            assertThat(
                            terminal.run(
                                    "enqueue",
                                    "number.double",
                                    "{}",
                                    "-q",
                                    "numbers",
                                    "--await",
                                    "60s",
                                    "--json"))
                    .isEqualTo(4);
            assertThat(terminal.out()).contains("\"state\":\"dead\"", "n is no number");
            assertThat(terminal.err()).contains("ended as dead").hasLineCount(1);
        }
        assertThat(
                        terminal.run(
                                "enqueue",
                                "number.double",
                                "{\"n\":1}",
                                "-q",
                                "numbers",
                                "--await",
                                "50ms"))
                .isEqualTo(3);
        assertThat(terminal.err()).contains("has not ended within 50ms. See: millstream jobs why ");
    }

    @Test
    void somebody_who_stops_waiting_leaves_the_job_as_it_is() throws Exception {
        CompletableFuture<Integer> waiting =
                terminal.begin(
                        "enqueue",
                        "number.double",
                        "{\"n\":1}",
                        "-q",
                        "numbers",
                        "--await",
                        "100s");

        assertThat(terminal.stop().get(60, TimeUnit.SECONDS).getAsInt()).isEqualTo(130);

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(130);
        assertThat(terminal.err()).contains(" goes on. See: millstream jobs show ");
        assertThat(terminal.done("jobs", "list", "--queue", "numbers", "--json"))
                .contains("\"state\":\"waiting\"");
    }

    @Test
    void numbers_arrive_with_all_their_digits() {
        String id = enqueue("{\"n\":12345678901234567890.10,\"i\":9007199254740993}");

        assertThat(terminal.done("jobs", "show", id, "--json"))
                .contains("{\"n\":12345678901234567890.10,\"i\":9007199254740993}");
    }

    @Test
    void each_line_is_a_job_and_its_id_is_printed() {
        String lines = "{\"n\":1}\n\n{\"n\":2}\n";

        assertThat(
                        terminal.pipe(lines)
                                .done("enqueue", "number.double", "--each-line", "-q", "numbers"))
                .hasLineCount(2);
        assertThat(
                        terminal.pipe("{\"n\":3}\nrubbish\n{\"n\":4}\n")
                                .run("enqueue", "number.double", "--each-line", "-q", "numbers"))
                .isEqualTo(2);

        assertThat(terminal.out()).as("what came before it is submitted").hasLineCount(1);
        assertThat(terminal.err())
                .startsWith("millstream: Line 2 is not what a job can be given.")
                .hasLineCount(1);
        assertThat(terminal.done("jobs", "list", "--json")).hasLineCount(3);
    }

    @Test
    void a_job_is_shown_where_it_is_with_what_it_was_given() {
        String id =
                terminal.pipe("{\"n\":7}")
                        .done(
                                "enqueue",
                                "number.double#2",
                                "-q",
                                "numbers",
                                "--key",
                                "k",
                                "--priority",
                                "3",
                                "--delay",
                                "1h",
                                "--start-within",
                                "2h")
                        .strip();

        assertThat(terminal.done("jobs", "show", id, "--json"))
                .startsWith(
                        "{\"id\":\"%s\",\"type\":\"number.double#2\",\"queue\":\"numbers\","
                                        .formatted(id)
                                + "\"state\":\"delayed\",\"key\":\"k\",\"priority\":3")
                .contains("\"due\":\"", "\"payload\":{\"n\":7}");
        assertThat(terminal.done("jobs", "show", id))
                .containsPattern("(?m)^state +delayed$")
                .containsPattern("(?m)^payload +\\{\"n\":7}$");
        assertThat(terminal.run("jobs", "show", "nobody")).isEqualTo(1);
        assertThat(terminal.err()).startsWith("millstream: There is no job nobody");
    }

    @Test
    void a_unique_job_is_submitted_once() {
        String first =
                terminal.done("enqueue", "t", "{\"n\":1}", "--unique", "until-done", "--json");
        String again = terminal.done("enqueue", "t", "{\"n\":1}", "--unique", "10m", "--json");
        String other = terminal.done("enqueue", "t", "{\"n\":1}", "--unique-by", "k", "--json");

        String id = first.replaceFirst(".*\"id\":\"([^\"]+)\".*\n", "$1");
        assertThat(again).isEqualTo("{\"id\":\"" + id + "\",\"duplicate\":true}\n");
        assertThat(other).doesNotContain("duplicate");
    }

    @Test
    void jobs_are_listed_by_what_is_asked_for() throws Exception {
        die("{}");
        String waiting = enqueue("{\"n\":1}");
        terminal.done("enqueue", "other", "{}", "--delay", "1h");

        assertThat(terminal.done("jobs", "list"))
                .containsPattern(waiting + "  number.double  numbers  waiting +0  -")
                .containsPattern("other +jobs +delayed")
                .containsPattern("number.double +numbers +dead +1")
                .hasLineCount(4);
        assertThat(terminal.done("jobs", "list", "--state", "dead", "--json"))
                .contains("\"reason\":", "\"fingerprint\":")
                .hasLineCount(1);
        assertThat(terminal.done("jobs", "list", "--type", "other", "--json")).hasLineCount(1);
        assertThat(terminal.done("jobs", "list", "-q", "numbers", "--json")).hasLineCount(2);
        assertThat(terminal.done("jobs", "list", "-n", "2", "--json")).hasLineCount(2);
        assertThat(terminal.err())
                .isEqualTo(
                        "millstream: There are more than the 2 that are shown. Give a larger"
                                + " --limit, or say which.\n");
        assertThat(terminal.run("jobs", "list", "-q", "nowhere")).isEqualTo(1);
        assertThat(terminal.run("jobs", "list", "--state", "done")).isEqualTo(1);
        assertThat(terminal.err()).contains("This server has no index");
    }

    @Test
    void a_job_that_does_not_run_has_its_reasons() {
        String id = enqueue("{\"n\":1}");
        assertThat(terminal.done("jobs", "pause", "numbers"))
                .isEqualTo("numbers is paused: what runs goes on.\n");

        assertThat(terminal.done("jobs", "why", id))
                .isEqualTo(
                        """
                        Queue numbers is paused. Resume it.
                        No workers of queue numbers run. Start some.
                        """);
        assertThat(terminal.done("jobs", "why", id, "--json"))
                .contains("{\"why\":\"paused\",\"text\":\"", "{\"why\":\"no_workers\",\"text\":\"");

        terminal.done("jobs", "resume", "numbers");
        assertThat(terminal.done("jobs", "why", id)).doesNotContain("paused");
        assertThat(terminal.run("jobs", "why", "nobody")).isEqualTo(1);
        assertThat(terminal.run("jobs", "pause", "nowhere")).isEqualTo(1);
        assertThat(terminal.err()).contains("nowhere").hasLineCount(1);
    }

    @Test
    void jobs_are_cancelled_waiting_or_running() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        String running = enqueue("{\"n\":1}");
        try (Workers _ =
                jobs.workers("numbers")
                        .handle(
                                DOUBLE,
                                (_, _) -> {
                                    begun.countDown();
                                    end.await();
                                    return null;
                                })
                        .concurrency(1)
                        .name("slow")
                        .start()) {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            String waiting = enqueue("{\"n\":2}");
            awaitShown(running, "running");

            assertThat(terminal.done("jobs", "cancel", waiting, running))
                    .isEqualTo(
                            "Cancelled %s.\nCancelled %s, which was running.\n"
                                    .formatted(waiting, running));
            assertThat(terminal.done("jobs", "cancel", waiting))
                    .as("again")
                    .isEqualTo(waiting + " had ended as cancelled.\n");
            assertThat(terminal.run("jobs", "cancel", "nobody", waiting)).isEqualTo(1);
            end.countDown();
        }
    }

    @Test
    void dead_jobs_are_seen_by_kind_and_sent_back() {
        die("{}");
        die("{\"n\":\"x\"}");

        String kinds = terminal.done("jobs", "dead", "--json");
        assertThat(kinds).contains("\"jobs\":2", "n is no number").hasLineCount(1);
        String fingerprint = kinds.replaceFirst("\\{\"fingerprint\":\"([^\"]+)\".*\n", "$1");
        assertThat(terminal.done("jobs", "dead", fingerprint))
                .containsPattern("(?m)^ +2  " + fingerprint + "  number.double  numbers");
        assertThat(terminal.done("jobs", "dead", "--queue", "elsewhere")).hasLineCount(1);

        assertThat(terminal.done("jobs", "redrive", "--fingerprint", fingerprint, "--dry-run"))
                .isEqualTo("2 jobs would be sent back.\n  2 to numbers\n");
        assertThat(
                        terminal.done(
                                "jobs", "redrive", "--all", "--most", "1", "--rate", "0.5", "--to",
                                "numbers", "--json"))
                .isEqualTo(
                        "{\"dry_run\":false,\"jobs\":1,\"left\":0,\"by_queue\":{\"numbers\":1},"
                                + "\"refusals\":[]}\n");
        String id =
                terminal.done("jobs", "list", "--state", "dead", "--json")
                        .replaceFirst("\\{\"id\":\"([^\"]+)\".*\n", "$1");
        assertThat(terminal.done("jobs", "show", id))
                .containsPattern("(?m)^state +dead$")
                .contains("IllegalStateException");
        assertThat(terminal.done("jobs", "retry", id))
                .isEqualTo("Sent " + id + " back to numbers.\n");
        assertThat(terminal.run("jobs", "retry", id)).isEqualTo(1);
        assertThat(terminal.err()).contains("There is no dead job " + id);
    }

    @Test
    void dead_jobs_are_discarded_by_what_is_said() {
        die("{}");
        die("{\"n\":\"x\"}");

        assertThat(terminal.done("jobs", "discard", "--before", "1h"))
                .isEqualTo("0 jobs discarded.\n");
        assertThat(terminal.done("jobs", "discard", "--since", "1h", "--dry-run"))
                .isEqualTo("2 jobs would be discarded.\n");
        assertThat(terminal.done("jobs", "discard", "--type", "number.double"))
                .isEqualTo("2 jobs discarded.\n");
        assertThat(terminal.run("jobs", "discard")).isEqualTo(2);
        assertThat(terminal.err()).contains("Say which dead jobs: --fingerprint");
        assertThat(terminal.run("jobs", "redrive", "--all", "--queue", "numbers")).isEqualTo(2);
    }
}
