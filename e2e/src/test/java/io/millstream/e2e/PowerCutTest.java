package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.e2e.RawSqs.RefusedException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Cuts the power under load, again and again, and counts what came of it.
///
/// - `-Dpowercuts=20`: how often
/// - `-Dseed=N`: the one that a failure printed
///
/// At a cut the server is stopped where it stands, and whatever reached the disk by then is all
/// that the next server finds. Each answer that any client got was sent before that moment.
@Tag("torture")
class PowerCutTest {
    private static final int CUTS = Integer.getInteger("powercuts", 20);
    private static final int ACKNOWLEDGED_PER_CUT = 4_000;
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final byte[] UNSYNCED = new byte[1 << 20];

    @TempDir Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Ledger ledger = new Ledger();
    private final Report report = new Report("power cuts under load, seed " + SEED);

    /// Otherwise the other test shows nothing.
    @Test
    void a_cut_takes_what_was_not_synced_and_only_that() throws Exception {
        try (CutDisk disk = CutDisk.mount(folder)) {
            Path unsynced = Files.write(disk.root().resolve("unsynced"), UNSYNCED);
            Path synced = Files.writeString(disk.root().resolve("synced"), "here");
            sync(synced);

            disk.cut();
            disk.boot();

            assertThat(synced).hasContent("here");
            assertThat(size(unsynced)).isZero();
        }
    }

    @Test
    void what_was_acknowledged_survives_every_power_cut() throws Exception {
        Report.note("Seed " + SEED);
        try (CutDisk disk = CutDisk.mount(folder)) {
            int drained = cutUnderLoad(disk, CUTS, Map.of());
            report.line("power cuts", CUTS).line("drained", drained).ledger(ledger);
            report.publish("torture-power-cuts.txt");
            assertThatPromisesWereKept();
        }
    }

    /// The server as it would be if somebody had forgotten the sync.
    @Test
    void a_server_that_does_not_sync_is_found_out() throws Exception {
        String lies =
                libeatmydata()
                        .orElseThrow(() -> {
                            String reason = "no libeatmydata.so, whose fdatasync does nothing";
                            Report.note("SKIPPED. There is " + reason);
                            return new TestAbortedException(reason);
                        });
        try (CutDisk disk = CutDisk.mount(folder)) {
            assertThatThrownBy(
                            () -> {
                                cutUnderLoad(disk, 1, Map.of("LD_PRELOAD", lies));
                                assertThatPromisesWereKept();
                            })
                    .as("messages or whole queues are missing")
                    .isInstanceOfAny(AssertionError.class, RefusedException.class);
        }
    }

    private void assertThatPromisesWereKept() {
        assertThat(ledger.findings()).isEmpty();
        assertThat(ledger.lost()).isEmpty();
        assertThat(ledger.resurrections() + ledger.corruptions()).isZero();
    }

    /// @return how many messages were left at the end
    private int cutUnderLoad(CutDisk disk, int cuts, Map<String, String> variables)
            throws IOException, InterruptedException {
        Launched server = serve(disk, variables);
        try (SqsLoad load = new SqsLoad(ledger, SEED)) {
            SqsLoad.createQueues(server.port("aws"));
            load.up(server.port("aws"));
            for (int cut = 1; cut <= cuts; cut++) {
                awaitAcknowledged(server, load);
                load.down();
                server = cut(disk, server, variables);
                load.up(server.port("aws"));
            }
            load.stop();
            int drained = load.drain();
            assertThat(load.findings()).isEmpty();
            assertThat(server.stop()).isZero();
            return drained;
        } finally {
            server.kill();
        }
    }

    private Launched cut(CutDisk disk, Launched server, Map<String, String> variables)
            throws IOException, InterruptedException {
        assertThat(server.complaints()).isEmpty();
        Path unsynced = Files.write(disk.root().resolve("unsynced"), UNSYNCED);
        stand(server.pid());
        disk.cut();
        server.kill();
        disk.boot();
        assertThat(size(unsynced)).as("bytes of a file that was not synced").isZero();
        Files.deleteIfExists(unsynced);
        long start = System.nanoTime();
        Launched next = serve(disk, variables);
        report.restarted(Duration.ofNanos(System.nanoTime() - start));
        return next;
    }

    private Launched serve(CutDisk disk, Map<String, String> variables) throws IOException {
        Launched server =
                Launched.serve(folder, variables, "--data=" + disk.root().resolve("data"));
        try {
            TortureTest.awaitStarted(server, PATIENCE);
            return server.awaitReady();
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    private void awaitAcknowledged(Launched server, SqsLoad load) {
        long goal = ledger.acknowledged() + random.nextLong(2 * ACKNOWLEDGED_PER_CUT);
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() ->
                        ledger.acknowledged() >= goal
                                || !server.isAlive()
                                || !load.findings().isEmpty());
        assertThat(server.isAlive()).as("the server runs: %s", server.complaints()).isTrue();
        assertThat(load.findings()).isEmpty();
    }

    /// Stops every thread of the process, and waits for those that are in the kernel, which finish
    /// the write or sync they are at.
    private static void stand(long pid) throws IOException, InterruptedException {
        CutDisk.run("kill", "-STOP", String.valueOf(pid));
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> stands(Path.of("/proc", String.valueOf(pid), "task")));
    }

    private static boolean stands(Path tasks) throws IOException {
        try (Stream<Path> all = Files.list(tasks)) {
            for (Path task : all.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                // The state follows the name, which is in parentheses.
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        }
        return true;
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static Optional<String> libeatmydata() throws IOException {
        for (Path folder : List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib"))) {
            Path library = folder.resolve("libeatmydata.so");
            if (Files.exists(library)) {
                return Optional.of(library.toString());
            }
        }
        return Optional.empty();
    }
}
