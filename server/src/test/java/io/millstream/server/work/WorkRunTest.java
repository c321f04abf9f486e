package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobStatus;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// `millstream work` with real processes, of shells.
class WorkRunTest extends WorkFixture {

    private static String sh(String... lines) {
        return String.join("\n", lines);
    }

    private long pidIn(String file) throws IOException {
        Path path = folder.resolve(file);
        await(() -> Files.exists(path) && Files.readString(path).endsWith("\n"));
        return Long.parseLong(Files.readString(path).strip());
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    echo '{"sent": true}'      | {"sent":true}
                    echo 42                    | 42
                    echo sent to ann           | "sent to ann"
                    printf 'two\\nlines\\n'    | "two\\nlines"
                    echo '{"half":'            | "{\\"half\\":"
                    echo '1 2'                 | "1 2"
                    printf '\\377\\n'          | "\uFFFD"
                    cat                        | {"to":"ann"}
                    """)
    void what_is_printed_is_the_result_as_json_or_as_text(String script, String result) {
        JobRef<JsonNode> ref = enqueue("jobs", "{\"to\":\"ann\"}");

        work("jobs", "--", "sh", "-c", script);

        assertThat(ref.await(LONG)).hasToString(result);
    }

    @Test
    void a_program_that_prints_nothing_has_no_result() {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");

        work("jobs", "--", "true");

        JsonNode result = ref.await(LONG);
        assertThat(result == null || result.isNull()).isTrue();
    }

    @Test
    void the_environment_says_what_the_message_is() throws IOException {
        environment.put("OTHER", "inherited");
        Message message =
                Message.builder("body")
                        .id("7")
                        .type("mail.send")
                        .group("ann")
                        .contentType("text/plain")
                        .correlationId("c")
                        .replyTo("r")
                        .trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                        .header("x-tenant.id", "blue")
                        .header("X-Tenant-Id", "second")
                        .header(new Header("n", Header.NUMBER, Bytes.utf8("5")))
                        .header(new Header("b", Header.BYTES, Bytes.of(new byte[] {0, 1})))
                        .header("long", "x".repeat(20_000))
                        .header("nul", "a\0b")
                        .build();
        millstream.queue("mail").send(message);

        work("mail", "--", "sh", "-c", "cat > body; env | sort > all.tmp; mv all.tmp all");

        Path all = folder.resolve("all");
        await(() -> Files.exists(all));
        assertThat(Files.readString(folder.resolve("body"))).isEqualTo("body");
        assertThat(Files.readAllLines(all))
                .contains(
                        "MILLSTREAM_ID=7",
                        "MILLSTREAM_QUEUE=mail",
                        "MILLSTREAM_TYPE=mail.send",
                        "MILLSTREAM_KEY=ann",
                        "MILLSTREAM_ATTEMPT=1",
                        "MILLSTREAM_CONTENT_TYPE=text/plain",
                        "MILLSTREAM_CORRELATION_ID=c",
                        "MILLSTREAM_REPLY_TO=r",
                        "TRACEPARENT=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                        "MILLSTREAM_HEADER_X_TENANT_ID=blue",
                        "MILLSTREAM_HEADER_N=5",
                        "MILLSTREAM_HEADER_B=AAE=",
                        "MILLSTREAM_OMITTED=2")
                .anyMatch(line -> line.matches("MILLSTREAM_FENCE=\\d{10}-\\d{19}"))
                .anyMatch(line -> line.matches("MILLSTREAM_SUBMITTED=20\\d\\d-.*Z"))
                .noneMatch(line -> line.startsWith("MILLSTREAM_HEADER_LONG"))
                .noneMatch(line -> line.startsWith("MILLSTREAM_HEADER_NUL"));
    }

    @Test
    void status_75_is_for_later_and_uses_no_attempt() {
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        work(
                "mail",
                "--later",
                "50ms",
                "--",
                "sh",
                "-c",
                "test -f seen && { echo $MILLSTREAM_ATTEMPT; exit 0; }; touch seen; exit 75");

        assertThat(ref.await(LONG)).hasToString("1");
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @Test
    void any_other_status_is_a_failure_by_the_policy_of_the_queue_and_the_log_says_why() {
        mail(2).send(Message.builder("x").id("7").build());

        Running worker =
                work("mail", "--", "sh", "-c", "echo begins >&2; echo no disk >&2; exit 3");

        await(() -> counts("mail-dead").ready() == 1);
        assertThat(counts("mail").messages()).isZero();
        assertThat(worker.err()).isEqualTo("7 | begins\n7 | no disk\n7 | begins\n7 | no disk\n");
    }

    @Test
    void a_job_that_fails_is_tried_again_as_jobs_are() {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");

        work("jobs", "--", "sh", "-c", "test $MILLSTREAM_ATTEMPT = 2 && echo 2");

        assertThat(ref.await(LONG)).hasToString("2");
    }

    @Test
    void whoever_awaits_a_job_in_a_queue_of_no_jobs_hears_of_its_last_failure() {
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        work("mail", "--", "sh", "-c", "echo no such address >&2; exit 1");

        assertThatThrownBy(() -> ref.await(LONG))
                .hasMessageContaining("exit status 1: no such address");
    }

    @Test
    void a_timeout_ends_the_grandchild_too_even_if_it_does_not_want_to() throws IOException {
        mail(1).send("x");

        work(
                "mail",
                "--timeout",
                "500ms",
                "--",
                "sh",
                "-c",
                sh(
                        "trap '' TERM",
                        "sh -c 'trap \"\" TERM; echo $$ > pid; while :; do sleep 1; done' &",
                        "while :; do sleep 1; done"));
        long pid = pidIn("pid");

        await(() -> counts("mail-dead").ready() == 1);
        await(() -> !isAlive(pid));
    }

    @Test
    void a_worker_that_cannot_renew_its_lease_ends_its_process() throws IOException {
        mail(1).send("x");
        work("mail", "--lease", "1s", "--", "sh", "-c", "echo $$ > pid; exec sleep 1000");
        long pid = pidIn("pid");
        assertThat(isAlive(pid)).isTrue();

        served.close();

        await(() -> !isAlive(pid));
    }

    @Test
    void a_job_that_is_cancelled_has_its_process_ended() throws IOException {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        work("jobs", "--", "sh", "-c", "echo $$ > pid; exec sleep 1000");
        long pid = pidIn("pid");

        ref.cancel();

        await(() -> !isAlive(pid));
    }

    @Test
    void a_worker_that_is_stopped_waits_and_then_gives_back_what_it_does() throws IOException {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        Running worker =
                work("jobs", "--grace", "300ms", "--", "sh", "-c", "echo $$ > pid; sleep 1000");
        long pid = pidIn("pid");

        worker.signal();

        assertThat(worker.status()).isZero();
        assertThat(isAlive(pid)).isFalse();
        assertThat(jobs.status(ref.id())).isInstanceOf(JobStatus.Waiting.class);
        Files.delete(folder.resolve("pid"));
        work("jobs", "--", "sh", "-c", "echo $MILLSTREAM_ATTEMPT");
        assertThat(ref.await(LONG)).hasToString("1");
    }

    @Test
    void a_second_signal_stops_at_once() throws IOException {
        enqueue("jobs", "{}");
        Running worker =
                work("jobs", "--grace", "1h", "--", "sh", "-c", "echo $$ > pid; sleep 1000");
        long pid = pidIn("pid");
        worker.signal();
        await(() -> worker.err().contains("a second signal"));
        assertThat(isAlive(pid)).isTrue();

        worker.signal();

        assertThat(worker.status()).isEqualTo(1);
        assertThat(isAlive(pid)).isFalse();
        assertThat(counts("jobs").ready()).isEqualTo(1);
    }

    @Test
    void a_program_that_dies_of_the_workers_own_signal_has_used_no_attempt() throws IOException {
        mail(1).send("x");
        Running worker = work("mail", "--", "sh", "-c", "echo $$ > pid; exec sleep 1000");
        long pid = pidIn("pid");

        worker.signal();
        ProcessHandle.of(pid).orElseThrow().destroy();

        assertThat(worker.status()).isZero();
        assertThat(counts("mail").ready()).isEqualTo(1);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @Test
    void what_is_printed_beyond_the_bound_is_dead_if_it_is_awaited_and_else_nobodys_loss() {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        mail(1).send("x");

        work("jobs", "--", "head", "-c", "300000", "/dev/zero");
        work("mail", "--", "head", "-c", "30000000", "/dev/zero");

        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("longer than 262144 bytes");
        await(() -> counts("mail").messages() == 0);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @Test
    void a_program_is_not_waited_for_any_longer_than_it_lasts() throws IOException {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");

        work("jobs", "--", "sh", "-c", "sleep 1000 & echo $! > pid; echo done");
        long pid = pidIn("pid");
        try {
            assertThat(ref.await(LONG)).hasToString("\"done\"");
            assertThat(isAlive(pid)).isTrue();
        } finally {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void as_many_run_at_once_as_are_said() {
        for (int i = 0; i < 3; i++) {
            enqueue("jobs", "{}");
        }

        work(
                "jobs",
                "--concurrency",
                "3",
                "--",
                "sh",
                "-c",
                "touch $MILLSTREAM_ID.here; while test $(ls *.here | wc -l) -lt 3; do sleep 0.05;"
                        + " done");

        await(() -> counts("jobs").messages() == 0);
    }

    @Test
    void only_messages_of_the_types_that_are_named_are_done() {
        JobRef<JsonNode> left = enqueue("jobs", "{}");
        jobs.enqueue(
                JobType.of("other", ObjectNode.class).with(options -> options.queue("jobs")),
                json("{}"));

        work("jobs", "--type", "other", "--", "true");

        await(() -> counts("jobs").messages() == 1);
        assertThat(jobs.status(left.id())).isInstanceOf(JobStatus.Waiting.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mail -- no-such-program                | There is no program no-such-program in
                    mail -- ./no-such-program              | There is no program ./no-such-program
                    mail --concurrency 0 -- true           | --concurrency is a number from 1 to 512
                    mail --concurrency x -- true           | --concurrency is a number from 1 to 512
                    mail --timeout soon -- true            | --timeout is a time such as 300ms
                    mail --timeout 0s -- true              | --timeout is 1ms or longer
                    mail --lease 10ms -- true              | --lease is 1s or longer
                    mail --later -1s -- true               | --later is a time such as
                    mail --type a -- true                  | mail does not tell types apart
                    nowhere -- true                        | There is no queue nowhere. Submit a job
                    """)
    void what_makes_no_sense_is_refused_at_the_start(String arguments, String why) {
        mail(1);
        assertThatThrownBy(() -> tryWork(arguments.split(" ")).status()).hasMessageContaining(why);
    }

    @Test
    void an_address_of_nothing_is_refused_and_no_password_in_it_is_told() {
        server = "ftp://ann:geheim@host";
        assertThatThrownBy(() -> tryWork("mail", "--", "true").status())
                .hasMessageContaining("--server is an address such as")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void a_worker_that_is_there_before_its_server_says_so_once_and_waits() {
        int port = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
        jobs.close();
        millstream.close();
        served.close();
        Running worker = tryWork("jobs", "--", "echo", "1");
        await(() -> worker.err().contains("It is tried again until it answers"));

        serveAt(port);
        millstream = Millstream.open(URI.create(server));
        jobs = Jobs.over(millstream);

        assertThatThrownBy(worker::status).hasMessageContaining("There is no queue jobs");
        assertThat(worker.err().lines()).hasSize(1);
    }

    @Test
    void a_worker_that_waits_for_its_server_can_be_stopped() {
        server = "http://127.0.0.1:1";
        Running worker = tryWork("jobs", "--", "true");
        await(() -> !worker.err().isEmpty());

        worker.signal();

        assertThat(worker.status()).isZero();
    }

    @Test
    void a_program_that_is_gone_meanwhile_is_a_failure_of_the_message() throws IOException {
        Path program = folder.resolve("program");
        Files.writeString(program, "#!/bin/sh\nexit 0\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        mail(1);
        work("mail", "--", "./program");
        Files.delete(program);

        millstream.queue("mail").send("x");

        await(() -> counts("mail-dead").ready() == 1);
    }

    @Test
    void an_id_that_would_forge_lines_of_the_log_does_not() {
        mail(1).send(Message.builder("x").id("7\nforged").build());

        Running worker = work("mail", "--", "sh", "-c", "echo here >&2; exit 1");

        await(() -> counts("mail-dead").ready() == 1);
        assertThat(worker.err()).isEqualTo("7 forged | here\n");
    }

    @Test
    void values_that_are_left_out_keep_the_rest_within_what_a_process_can_be_given() {
        Message.Builder message = Message.builder("x");
        for (int i = 0; i < 100; i++) {
            message.header("h" + i, "y".repeat(10_000));
        }
        mail(1).send(message.build());
        JobRef<JsonNode> none = enqueue("jobs", "{}");

        work("mail", "--", "sh", "-c", "echo $MILLSTREAM_OMITTED > omitted; exit 0");
        work("jobs", "--", "sh", "-c", "echo \"[$MILLSTREAM_OMITTED]\"");

        assertThat(none.await(LONG)).hasToString("[]");
        await(() -> counts("mail").messages() == 0);
        assertThat(folder.resolve("omitted")).hasContent("87");
    }

    @Test
    void standard_error_is_kept_from_its_end() {
        byte[] said = ("a".repeat(20_000) + "\nthe end\n").getBytes(StandardCharsets.UTF_8);
        var err = new ByteArrayOutputStream();
        JobLog log = new JobLog(new ByteArrayInputStream(said), new PrintStream(err), "7");

        log.run();

        assertThat(log.end()).hasSize(JobLog.KEPT_CHARS).endsWith("a\nthe end\n");
        assertThat(log.lastLine()).isEqualTo("the end");
        assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(4);
    }

    @Test
    void a_program_is_killed_a_second_after_it_was_asked_to_end() throws IOException {
        enqueue("jobs", "{}");
        Running worker =
                work(
                        "jobs",
                        "--grace",
                        "0s",
                        "--",
                        "sh",
                        "-c",
                        "trap 'echo asked > asked' TERM; echo $$ > pid; while :; do sleep 0.1;"
                                + " done");
        long pid = pidIn("pid");
        long before = System.nanoTime();

        worker.signal();

        assertThat(worker.status()).isZero();
        assertThat(isAlive(pid)).isFalse();
        assertThat(folder.resolve("asked")).exists();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(counts("jobs").ready()).isEqualTo(1);
    }
}
