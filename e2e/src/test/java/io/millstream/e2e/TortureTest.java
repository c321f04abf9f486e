package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;

/// Kills the server under load, again and again, and counts what came of it.
///
/// - `-Dkills=100`: how often
/// - `-Dacknowledged=1000000`: how many sends to have acknowledged by the end
/// - `-Dseed=N`: the one that a failure printed; it decides what is sent and when to kill, but the
///   machine decides how far the server is by then
@Tag("torture")
class TortureTest {
    private static final int KILLS = Integer.getInteger("kills", 100);
    private static final long ACKNOWLEDGED = Long.getLong("acknowledged", 10_000L * KILLS);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Ledger ledger = new Ledger();
    private final Report report = new Report("kill -9 under load, seed " + SEED);
    private int killsWhileStarting;

    @Test
    void what_was_acknowledged_survives_every_kill() throws Exception {
        Report.note("Seed " + SEED);
        Launched server = Launched.serve(folder).awaitReady();
        try (SqsLoad load = new SqsLoad(ledger, SEED)) {
            SqsLoad.createQueues(server.port("aws"));
            load.up(server.port("aws"));
            for (int kill = 1; kill <= KILLS; kill++) {
                awaitAcknowledged(server, load, kill == KILLS);
                load.down();
                server = restart(server);
                load.up(server.port("aws"));
                if (kill % 10 == 0) {
                    Report.note(
                            kill
                                    + " kills, "
                                    + ledger.acknowledged()
                                    + " sends acknowledged, "
                                    + ledger.deletes()
                                    + " deletes");
                }
            }
            load.stop();
            report.line("kills", KILLS).line("  at start", killsWhileStarting);
            report.line("drained", load.drain());
            report.ledger(ledger).publish("torture-kills.txt");

            assertThat(load.findings()).isEmpty();
            assertThat(ledger.findings()).isEmpty();
            assertThat(ledger.lost()).isEmpty();
            assertThat(ledger.resurrections() + ledger.corruptions()).isZero();
            assertThat(server.stop()).isZero();
            assertThat(server.complaints()).isEmpty();
        } finally {
            server.close();
        }
    }

    /// Until a random number of further sends has been acknowledged, which is anywhere between two
    /// moments of the server.
    private void awaitAcknowledged(Launched server, SqsLoad load, boolean isLast) {
        long more = ledger.acknowledged() + random.nextLong(2 * ACKNOWLEDGED / KILLS + 1);
        long goal = isLast ? Math.max(more, ACKNOWLEDGED) : more;
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

    private Launched restart(Launched dying) throws IOException, InterruptedException {
        assertThat(dying.complaints()).isEmpty();
        long start = System.nanoTime();
        dying.kill();
        if (random.nextInt(8) == 0) {
            killsWhileStarting++;
            try (Launched starting = Launched.serve(folder)) {
                awaitStarted(starting, Duration.ofMillis(random.nextInt(1000)));
                starting.kill();
            }
            start = System.nanoTime();
        }
        Launched next = Launched.serve(folder);
        awaitStarted(next, PATIENCE);
        report.restarted(Duration.ofNanos(System.nanoTime() - start));
        return next.awaitReady();
    }

    /// Until it is ready or has ended, or this much time is over.
    static void awaitStarted(Launched server, Duration most) {
        long end = System.nanoTime() + most.toNanos();
        await().atMost(PATIENCE.multipliedBy(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> server.isReady() || !server.isAlive() || System.nanoTime() - end >= 0);
    }
}
