package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Backups of the built jar, taken under load and restored, by the commands that the page shows.
class BackupTest {
    private static final Path PAGE = Path.of("..", "docs", "backup.md");
    private static final int SENDERS = 4;
    private static final int WORKERS = 3;
    private static final long SECONDS_MAX = 120;

    @TempDir Path folder;

    /// What a command ended with.
    private record Ended(int status, String out, String err) {}

    /// Clients that send, receive and delete, and what they were promised.
    private static final class Load implements AutoCloseable {
        private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private final Set<String> begun = ConcurrentHashMap.newKeySet();
        private final Set<String> deleted = ConcurrentHashMap.newKeySet();
        private final Semaphore acknowledgements = new Semaphore(0);
        private final List<Thread> threads = new ArrayList<>();
        private final SqsClient sqs;
        private final String url;
        private volatile boolean ended;

        private Load(SqsClient sqs) {
            this.sqs = sqs;
            this.url =
                    sqs.createQueue(queue ->
                                    queue.queueName("mail")
                                            .attributes(
                                                    Map.of(
                                                            QueueAttributeName.VISIBILITY_TIMEOUT,
                                                            "2")))
                            .queueUrl();
            for (int i = 0; i < SENDERS; i++) {
                String name = "s" + i + "-";
                threads.add(Thread.ofPlatform().start(() -> guarded(() -> send(name))));
            }
            for (int i = 0; i < WORKERS; i++) {
                threads.add(Thread.ofPlatform().start(() -> guarded(this::work)));
            }
        }

        /// The server goes in the end, and the clients with it.
        private static void guarded(Runnable client) {
            try {
                client.run();
            } catch (SdkException gone) {
                // What was not answered was not promised.
            }
        }

        private void send(String name) {
            for (int i = 0; !ended; i++) {
                String body = name + i;
                sqs.sendMessage(send -> send.queueUrl(url).messageBody(body));
                acknowledged.add(body);
                acknowledgements.release();
            }
        }

        private void work() {
            while (!ended) {
                for (var message :
                        sqs.receiveMessage(receive ->
                                        receive.queueUrl(url)
                                                .maxNumberOfMessages(5)
                                                .waitTimeSeconds(1))
                                .messages()) {
                    begun.add(message.body());
                    String receipt = message.receiptHandle();
                    sqs.deleteMessage(delete -> delete.queueUrl(url).receiptHandle(receipt));
                    deleted.add(message.body());
                }
            }
        }

        @Override
        public void close() {
            end();
        }

        private void end() {
            ended = true;
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Test
    void a_backup_taken_under_load_and_restored_has_everything_acknowledged_before_it()
            throws Exception {
        Set<String> expected;
        Set<String> deleted;
        try (Launched server = Launched.serve(folder).awaitReady();
                SqsClient sqs = server.sqs();
                Load load = new Load(sqs)) {
            load.acknowledgements.acquire(1000);
            expected = new HashSet<>(load.acknowledged);
            deleted = Set.copyOf(load.deleted);

            Ended taken = run(example("backup --from", server.port("http")));

            assertThat(taken.status()).as(taken.err()).isZero();
            assertThat(taken.err()).isEmpty();
            assertThat(taken.out()).contains("log position", "  mail\n");
            expected.removeAll(load.begun);
            load.end();
            server.kill();
        }

        Ended restored = run(example("restore", 0));

        assertThat(restored.status()).as(restored.err()).isZero();
        try (Launched server =
                        Launched.serve(folder, "--data=" + folder.resolve("restored"))
                                .awaitReady();
                SqsClient sqs = server.sqs()) {
            assertThat(drained(sqs)).containsAll(expected).doesNotContainAnyElementsOf(deleted);
        }
    }

    @Test
    void a_directory_at_rest_is_backed_up_and_one_in_use_is_not() throws Exception {
        try (Launched server = Launched.serve(folder).awaitReady();
                SqsClient sqs = server.sqs()) {
            String url = sqs.createQueue(queue -> queue.queueName("mail")).queueUrl();
            sqs.sendMessage(send -> send.queueUrl(url).messageBody("hello"));

            Ended refused = run("backup data busy.zip");

            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.err()).startsWith("millstream: ").contains("has the directory");
            assertThat(server.stop()).isZero();
        }
        Ended taken = run("backup data rest.zip");

        assertThat(taken.status()).as(taken.err()).isZero();
        assertThat(run("restore rest.zip again").status()).isZero();
        assertThat(run("restore rest.zip again").err()).contains("is not empty");
        try (Launched server = Launched.serve(folder, "--data=again").awaitReady();
                SqsClient sqs = server.sqs()) {
            assertThat(drained(sqs)).containsExactly("hello");
        }
        assertThat(folder.resolve("busy.zip")).doesNotExist();
        assertThat(folder.resolve("busy.zip.part")).doesNotExist();
    }

    @Test
    void an_archive_that_was_cut_off_is_refused_and_leaves_nothing() throws Exception {
        try (Launched server = Launched.serve(folder).awaitReady()) {
            assertThat(run(example("backup --from", server.port("http"))).status()).isZero();
            server.stop();
        }
        Path archive = folder.resolve("monday.zip");
        byte[] bytes = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));

        Ended refused = run(example("restore", 0));

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("not a complete backup").hasLineCount(1);
        assertThat(folder.resolve("restored")).doesNotExist();
    }

    /// The command of the page that begins so, for the server at this port.
    private static String example(String command, int port) throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("./millstream " + command))
                .findFirst()
                .orElseThrow()
                .replace("./millstream ", "")
                .replace(":7171", ":" + port);
    }

    private Ended run(String arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", System.getProperty("millstream.jar")));
        command.addAll(List.of(arguments.split(" ")));
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("It still runs: " + arguments);
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// The bodies of all messages, received and deleted.
    private static Set<String> drained(SqsClient sqs) {
        String url = sqs.getQueueUrl(queue -> queue.queueName("mail")).queueUrl();
        Set<String> found = new HashSet<>();
        int empty = 0;
        while (empty < 3) {
            var messages =
                    sqs.receiveMessage(receive ->
                                    receive.queueUrl(url)
                                            .maxNumberOfMessages(10)
                                            .waitTimeSeconds(3))
                            .messages();
            empty = messages.isEmpty() ? empty + 1 : 0;
            for (var message : messages) {
                found.add(message.body());
                String receipt = message.receiptHandle();
                sqs.deleteMessage(delete -> delete.queueUrl(url).receiptHandle(receipt));
            }
        }
        return found;
    }
}
