package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.server.MemoryServer;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server in this process, and workers of it that are stopped with the test.
abstract class WorkFixture {
    static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path folder;

    final Map<String, String> environment = new HashMap<>(System.getenv());
    private final List<Running> running = new ArrayList<>();
    MemoryServer served;
    String server;
    Millstream millstream;
    Jobs jobs;

    /// A command that runs.
    final class Running {
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        private final CompletableFuture<Runnable> signal = new CompletableFuture<>();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();

        private Around around() {
            return new Around(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    environment,
                    folder,
                    "1.2.3",
                    each -> {
                        signal.complete(each);
                        return () -> {};
                    });
        }

        void signal() {
            signal.join().run();
        }

        int status() {
            return status.orTimeout(30, TimeUnit.SECONDS).join();
        }

        boolean hasEnded() {
            return status.isDone();
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }
    }

    private interface Command {
        int run(Around around, ParseResult line) throws Exception;
    }

    @BeforeEach
    void serve() {
        serveAt(0);
        millstream = Millstream.open(URI.create(server));
        jobs = Jobs.over(millstream);
    }

    void serveAt(int port) {
        served =
                MemoryServer.start(
                        folder.resolve("data"), port, Engine.open(new MemoryDisk(), options()));
        server = served.address();
    }

    EngineOptions options() {
        return EngineOptions.inMemory();
    }

    @AfterEach
    void stopAll() {
        for (Running one : running) {
            if (!one.hasEnded()) {
                one.signal();
                one.signal();
                one.status();
            }
        }
        jobs.close();
        millstream.close();
        served.close();
    }

    private Running run(CommandSpec spec, Command command, Stream<String> arguments) {
        ParseResult line =
                new CommandLine(spec)
                        .setExpandAtFiles(false)
                        .parseArgs(arguments.toArray(String[]::new));
        Running one = new Running();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        one.status.complete(command.run(one.around(), line));
                    } catch (Throwable failure) {
                        one.status.completeExceptionally(failure);
                    }
                });
        return one;
    }

    /// Waits until it works.
    private Running begun(Running one) {
        running.add(one);
        await(() -> one.out().contains("from ") || one.hasEnded());
        assertThat(one.hasEnded()).as(one.err()).isFalse();
        return one;
    }

    /// `work QUEUE ARGUMENT...`
    Running work(String... arguments) {
        return begun(tryWork(arguments));
    }

    Running tryWork(String... arguments) {
        Stream<String> all = Stream.concat(Stream.of("--server", server), Stream.of(arguments));
        return run(WorkRun.spec(), (around, line) -> new WorkRun(around).run(line), all);
    }

    /// `push QUEUE ARGUMENT...`
    Running push(String... arguments) {
        return begun(tryPush(arguments));
    }

    Running tryPush(String... arguments) {
        Stream<String> all = Stream.concat(Stream.of("--server", server), Stream.of(arguments));
        return run(PushRun.spec(), (around, line) -> new PushRun(around).run(line), all);
    }

    static void await(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(LONG).until(condition);
    }

    static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }

    static JobType<ObjectNode, JsonNode> type(String queue) {
        return JobType.of("job.of." + queue, ObjectNode.class, JsonNode.class)
                .with(options -> options.queue(queue));
    }

    /// A job that somebody awaits.
    JobRef<JsonNode> enqueue(String queue, String payload) {
        return jobs.enqueue(type(queue), json(payload));
    }

    /// A queue that jobs know nothing of, whose dead are in `mail-dead`.
    WorkQueue mail(int maxAttempts) {
        millstream.queue("mail-dead");
        return millstream.queue(
                Definition.Queue.builder(ChannelName.of("mail"))
                        .maxAttempts(maxAttempts)
                        .backOff(new BackOff(Duration.ofMillis(1), 1, Duration.ofMillis(1)))
                        .deadLetter(ChannelName.of("mail-dead"))
                        .build());
    }

    View.QueueCounts counts(String queue) {
        return millstream
                .backend()
                .find(new Query.QueueNamed(ChannelName.of(queue)))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts();
    }
}
