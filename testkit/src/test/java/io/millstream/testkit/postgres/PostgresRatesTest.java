package io.millstream.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.io.TimeSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// How fast the spike is with every answer on the disk: an order of magnitude, not a benchmark.
@Tag("spike")
class PostgresRatesTest {

    private static final int BODY_BYTES = 256;
    private static final long RUN_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Term TERM = new Term.Timed(Duration.ofMinutes(10));

    private final ChannelName mail = ChannelName.of("mail");

    /// So many commits that one thread has under way at once.
    private interface Work {
        CompletionStage<?> go();
    }

    @Test
    void messages_are_put_taken_and_settled_with_every_answer_on_the_disk(TestReporter reporter)
            throws Exception {
        try (EmbeddedPostgres server =
                EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start()) {
            try (Connection connection = server.getPostgresDatabase().getConnection()) {
                Schema.create(connection);
            }
            try (PostgresBackend backend =
                    PostgresBackend.open(server.getPostgresDatabase(), TimeSource.system())) {
                measure(backend.session(SessionSpec.of("rates")), reporter);
            }
        }
    }

    private void measure(Session session, TestReporter reporter) {
        var define =
                new Operation.Define(
                        Definition.Queue.builder(mail).maxInFlight(1_000_000).build(),
                        Expect.Anything.ANYTHING);
        join(session.commit(Commit.of(define)));
        Commit put = Commit.of(putting());
        Commit hundred = Commit.of(Collections.nCopies(100, putting()).toArray(Operation[]::new));
        rate(64, 1, () -> session.commit(put));
        reporter.publishEntry("puts/s, one at a time", rate(1, 1, () -> session.commit(put)));
        reporter.publishEntry("puts/s, 64 under way", rate(64, 1, () -> session.commit(put)));
        reporter.publishEntry(
                "puts/s, commits of 100, 4 under way", rate(4, 100, () -> session.commit(hundred)));
        reporter.publishEntry(
                "take and settle/s, one at a time", rate(1, 1, () -> cycle(session, 1)));
        reporter.publishEntry(
                "take and settle/s, 100 a take, 1 under way",
                rate(1, 100, () -> cycle(session, 100)));
        reporter.publishEntry(
                "take and settle/s, 100 a take, 4 under way",
                rate(4, 100, () -> cycle(session, 100)));
    }

    private Operation putting() {
        return new Operation.Put(mail, Message.of("x".repeat(BODY_BYTES)));
    }

    /// Takes so many, and settles them in one commit.
    private CompletionStage<?> cycle(Session session, int messages) {
        return session.take(Take.of(mail, messages, TERM, Duration.ofSeconds(5)))
                .stage()
                .thenCompose(taken -> {
                    List<Operation> settles = new ArrayList<>();
                    for (Lease lease : ((Taken.Leased) taken).leases()) {
                        settles.add(
                                new Operation.Settle(
                                        lease.handle(), Outcome.done(), Operation.Stale.REFUSE));
                    }
                    assertThat(settles).hasSize(messages);
                    return session.commit(new Commit(null, settles));
                });
    }

    private static String rate(int underWay, int each, Work work) {
        List<CompletionStage<?>> stages = new ArrayList<>();
        long begun = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - begun < RUN_NANOS) {
            while (stages.size() < underWay) stages.add(work.go());
            join(stages.removeFirst());
            done += each;
        }
        for (CompletionStage<?> stage : stages) {
            join(stage);
            done += each;
        }
        return "%,.0f".formatted(done * 1e9 / (System.nanoTime() - begun));
    }

    private static void join(CompletionStage<?> stage) {
        stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
