package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

/// A process that enqueues, relays and works is killed again and again, with its store on disk and
/// PostgreSQL beside it. Skipped, with the reason, where PostgreSQL does not run.
class OutboxKillTest {
    private static final int KILLS = 3;
    private static final int MANY_KILLS = 40;
    private static final int LIFE_MILLIS_MAX = 200;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(5);
    private static final String EFFECTS = "effects";

    record Bill(long order) {}

    private static final JobType<Bill, Void> BILL =
            JobType.of("order.bill", Bill.class)
                    .with(options ->
                            options.queue("bills")
                                    .retry(Retry.exponential().first(Duration.ofMillis(10))));

    @TempDir Path folder;

    @Test
    void orders_that_were_committed_are_billed_once_though_the_process_is_killed()
            throws Exception {
        assertBilledOnce(KILLS, false);
    }

    @Test
    @Tag("torture")
    void orders_that_were_committed_are_billed_once_however_often_the_process_is_killed()
            throws Exception {
        assertBilledOnce(MANY_KILLS, true);
    }

    /// @param works whether the process that is killed bills orders, too; who goes on then waits
    ///   for its leases to end
    private void assertBilledOnce(int kills, boolean works) throws Exception {
        Random random = new Random();
        OutboxDatabase database = OutboxDatabase.postgres();
        database.renew();
        database.run("DROP TABLE IF EXISTS orders");
        database.run("DROP SEQUENCE IF EXISTS numbers");
        database.run("CREATE TABLE orders (number BIGINT PRIMARY KEY)");
        database.run("CREATE SEQUENCE numbers");
        for (int kill = 0; kill < kills; kill++) {
            killAfter(random.nextInt(LIFE_MILLIS_MAX), database.url(), "open-" + kill, works);
        }
        try (Shop shop = new Shop(folder, database.source(), true)) {
            Awaitility.await().atMost(LONG).until(() -> database.waiting() == 0 && shop.isIdle());

            List<Long> orders = orders(database);
            List<Long> effects = shop.effects();
            assertThat(orders).hasSizeGreaterThanOrEqualTo(kills);
            assertThat(effects).doesNotHaveDuplicates();
            assertThat(new HashSet<>(effects)).isEqualTo(new HashSet<>(orders));
            assertThat(database.count("millstream_outbox WHERE refused = 1")).isZero();
        }
    }

    private void killAfter(int millis, String url, String mark, boolean works)
            throws IOException, InterruptedException {
        Path open = folder.resolve(mark);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Shop.class.getName(),
                                folder.toString(),
                                url,
                                open.toString(),
                                Boolean.toString(works))
                        .inheritIO()
                        .start();
        try {
            Awaitility.await().atMost(LONG).pollInterval(POLL).until(() -> Files.exists(open));
            assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS)).as("it ended").isFalse();
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static List<Long> orders(OutboxDatabase database) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (Connection connection = database.source().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT number FROM orders")) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
        }
        return numbers;
    }

    /// A program that takes orders and bills them.
    static final class Shop implements AutoCloseable {
        private final Millstream millstream;
        private final Jobs jobs;
        private final Optional<Workers> workers;

        /// @param works whether it bills the orders that it takes
        Shop(Path folder, DataSource database, boolean works) {
            millstream = Millstream.open(folder.resolve("data"));
            millstream.queue(EFFECTS);
            jobs = Jobs.over(millstream);
            workers = works ? Optional.of(workers()) : Optional.empty();
            var _ = jobs.relay(database).batch(7).pause(Duration.ofMillis(50)).start();
        }

        private Workers workers() {
            return jobs.workers("bills")
                    .lease(Duration.ofSeconds(2))
                    .grace(Duration.ZERO)
                    .run(
                            BILL,
                            (bill, context) ->
                                    context.besides(
                                            new Operation.Put(
                                                    ChannelName.of(EFFECTS),
                                                    Message.of("" + bill.order()))))
                    .start();
        }

        /// Takes orders until it is killed. Of those that it takes, it drops every third.
        ///
        /// @param open is made when the first one is committed
        void take(Connection connection, Path open) throws IOException, SQLException {
            connection.setAutoCommit(false);
            for (int turn = 0; ; turn++) {
                for (int i = 0; i <= turn % 4; i++) {
                    long number = next(connection);
                    jobs.in(connection).enqueue(BILL, new Bill(number));
                }
                if (turn % 3 == 2) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                if (turn == 0) {
                    Files.writeString(open, "");
                }
            }
        }

        private static long next(Connection connection) throws SQLException {
            try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO orders VALUES (nextval('numbers'))"
                                            + " RETURNING number");
                    ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }

        boolean isIdle() {
            return millstream.queue("bills").counts().messages() == 0;
        }

        List<Long> effects() {
            List<Long> numbers = new ArrayList<>();
            String after = null;
            do {
                Query.Browse browse = new Query.Browse(ChannelName.of(EFFECTS), 100, after, 1000);
                var page = millstream.backend().find(browse).toCompletableFuture().join().page();
                for (View.MessageView message : page.items()) {
                    numbers.add(Long.parseLong(message.message().text()));
                }
                after = page.next();
            } while (after != null);
            return numbers;
        }

        @Override
        public void close() {
            workers.ifPresent(Workers::close);
            jobs.close();
            millstream.close();
        }

        /// What the other process runs.
        public static void main(String[] arguments) throws IOException, SQLException {
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setUrl(arguments[1]);
            Shop shop =
                    new Shop(Path.of(arguments[0]), database, Boolean.parseBoolean(arguments[3]));
            shop.take(database.getConnection(), Path.of(arguments[2]));
        }
    }
}
