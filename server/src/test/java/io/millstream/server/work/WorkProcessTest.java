package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.millstream.jobs.JobRef;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `millstream work` as a process of its own, told to stop by signals.
class WorkProcessTest extends WorkFixture {
    /// The number of the signal.
    private static final int INT = 2;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process millstream(String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx128m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add("io.millstream.server.Main");
        Stream.of(arguments).forEach(command::add);
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(folder.resolve("out").toFile())
                        .redirectError(folder.resolve("err").toFile())
                        .start();
        processes.add(process);
        return process;
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private static void signal(String name, Process process) throws Exception {
        assertThat(
                        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                                .start()
                                .waitFor())
                .isZero();
    }

    @Test
    void int_stops_it_when_what_it_does_has_ended_and_it_ends_with_0() throws Exception {
        assumeFalse(
                ignoresInt(),
                "INT is ignored here, as shells have it for what they start in the background, and"
                        + " each process that is started inherits that.");
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        Process worker =
                millstream(
                        "work",
                        "jobs",
                        "--server",
                        server,
                        "--",
                        "sh",
                        "-c",
                        "echo says >&2; touch begun; while ! test -f go; do sleep 0.05; done; echo"
                                + " 1");
        await(() -> Files.exists(folder.resolve("begun")));

        signal("INT", worker);
        await(() -> err().contains("millstream: Stops."));
        assertThat(worker.isAlive()).isTrue();
        Files.createFile(folder.resolve("go"));

        assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).as(err()).isZero();
        assertThat(ref.await(LONG)).hasToString("1");
        assertThat(err()).contains(ref.id() + " | says\n");
    }

    private static boolean ignoresInt() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        long ignored =
                Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                        .findFirst()
                        .orElse(0);
        return (ignored & 1 << (INT - 1)) != 0;
    }

    @Test
    void a_second_term_ends_it_at_once_and_gives_back_what_it_does() throws Exception {
        enqueue("jobs", "{}");
        Process worker =
                millstream(
                        "work",
                        "jobs",
                        "--server",
                        server,
                        "--grace",
                        "1h",
                        "--",
                        "sh",
                        "-c",
                        "echo $$ > pid; touch begun; exec sleep 1000");
        await(() -> Files.exists(folder.resolve("begun")));
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());

        signal("TERM", worker);
        await(() -> err().contains("millstream: Stops."));
        signal("TERM", worker);

        assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).as(err()).isEqualTo(1);
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)).isFalse();
        assertThat(counts("jobs").ready()).isEqualTo(1);
    }

    @Test
    void a_worker_that_is_killed_leaves_its_message_to_another_one() throws Exception {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        Process worker =
                millstream(
                        "work",
                        "jobs",
                        "--server",
                        server,
                        "--lease",
                        "1s",
                        "--",
                        "sh",
                        "-c",
                        "echo $$ $MILLSTREAM_FENCE > first; touch begun; exec sleep 1000");
        await(() -> Files.exists(folder.resolve("begun")));
        String[] first = Files.readString(folder.resolve("first")).strip().split(" ");

        worker.destroyForcibly();

        work("jobs", "--", "sh", "-c", "echo $MILLSTREAM_ATTEMPT $MILLSTREAM_FENCE");
        String[] second = ref.await(LONG).asString().split(" ");
        assertThat(second[0]).isEqualTo("2");
        assertThat(second[1]).as("fences of later leases are greater").isGreaterThan(first[1]);
        ProcessHandle.of(Long.parseLong(first[0])).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void arguments_that_begin_with_an_at_sign_or_a_dash_are_the_programs_own() throws Exception {
        JobRef<JsonNode> ref = enqueue("jobs", "{}");

        millstream("work", "jobs", "--server", server, "--", "echo", "@file", "--help", "-x");

        assertThat(ref.await(LONG)).hasToString("\"@file --help -x\"");
    }

    @Test
    void what_makes_no_sense_ends_it_with_2_and_a_queue_that_is_missing_with_1() throws Exception {
        Process senseless = millstream("work", "jobs", "--server", server, "--", "no-such-program");
        assertThat(senseless.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(senseless.exitValue()).isEqualTo(2);
        assertThat(err()).startsWith("millstream: There is no program no-such-program");

        Process missing = millstream("push", "nowhere", "http://127.0.0.1:1/", "--server", server);
        assertThat(missing.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(missing.exitValue()).isEqualTo(1);
        assertThat(err()).startsWith("millstream: There is no queue nowhere. Submit a job to it");
    }
}
