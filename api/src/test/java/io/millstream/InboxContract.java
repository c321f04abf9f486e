package io.millstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// What an inbox promises, on whatever database [#open] connects to.
abstract class InboxContract {
    private final List<Connection> connections = new ArrayList<>();
    private Connection connection;

    /// Another connection to the same database.
    abstract Connection open() throws SQLException;

    private synchronized Connection transaction() throws SQLException {
        Connection opened = open();
        opened.setAutoCommit(false);
        connections.add(opened);
        return opened;
    }

    @BeforeEach
    void create() throws SQLException {
        connection = transaction();
        run("DROP SCHEMA IF EXISTS elsewhere CASCADE");
        run("DROP TABLE IF EXISTS millstream_inbox");
        run("DROP TABLE IF EXISTS effects");
        run("CREATE TABLE effects (message VARCHAR(255))");
        connection.commit();
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection opened : connections) {
            opened.close();
        }
    }

    private void run(String sql) throws SQLException {
        run(connection, sql);
    }

    private static void run(Connection on, String sql) throws SQLException {
        try (Statement statement = on.createStatement()) {
            statement.execute(sql);
        }
    }

    private long count(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private boolean once(String message) throws SQLException {
        return Inbox.once(connection, "billing", message);
    }

    private void made() throws SQLException {
        Inbox.create(connection);
        connection.commit();
    }

    @Test
    void a_message_without_an_id_is_refused_and_not_taken_for_one_that_was_handled()
            throws SQLException {
        made();
        for (String id : Arrays.asList(null, "")) {
            assertThatThrownBy(() -> once(id))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("message id");
            assertThatThrownBy(() -> Inbox.once(connection, "billing", id, "m1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("message source");
        }
    }

    @Test
    void ids_that_some_databases_take_for_equal_are_different() throws SQLException {
        made();
        List<String> ids =
                List.of(
                        "a",
                        "A",
                        "a ",
                        "a\u0000",
                        "á",
                        "a\u0301",
                        "ß",
                        "ss",
                        "?",
                        "\ud800",
                        "\udfff",
                        "\ufffd",
                        "\\u00e1",
                        " ",
                        "x".repeat(100_000) + "1",
                        "x".repeat(100_000) + "2");

        for (String id : ids) {
            assertThat(once(id)).as("first %.20s", id).isTrue();
        }
        connection.commit();
        for (String id : ids) {
            assertThat(once(id)).as("second %.20s", id).isFalse();
        }
        assertThat(Inbox.once(connection, "Billing", "a")).isTrue();
    }

    @Test
    void an_id_is_new_once_for_each_source() throws SQLException {
        made();

        assertThat(Inbox.once(connection, "billing", "/shop", "1")).isTrue();
        assertThat(Inbox.once(connection, "billing", "/shop", "1")).isFalse();
        assertThat(Inbox.once(connection, "billing", "/Shop", "1")).isTrue();
        assertThat(Inbox.once(connection, "billing", "/sho", "p1")).isTrue();
        assertThat(Inbox.once(connection, "billing/shop", "1")).isTrue();
        assertThat(once("1")).isTrue();
    }

    @Test
    void an_event_is_named_by_its_source_and_its_id() throws SQLException {
        made();
        Event<String> event = Event.of("paid").withId("1").withSource("/shop");

        assertThat(Inbox.once(connection, "billing", stored(event, 0))).isTrue();
        assertThat(Inbox.once(connection, "billing", stored(event, 7))).isFalse();
        assertThat(Inbox.once(connection, "billing", "/shop", "1")).isFalse();
        assertThat(Inbox.once(connection, "billing", stored(event.withSource("/till"), 8)))
                .isTrue();
    }

    private static StoredEvent<String> stored(Event<String> event, long offset) {
        return new StoredEvent<>(event, 0, offset, Instant.EPOCH);
    }

    @Test
    void a_note_can_be_read_by_a_person() throws SQLException {
        made();
        Inbox.once(connection, "billing", "/shop/é", "order 7");

        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT consumer, message_source, note_hash FROM millstream_inbox"
                                        + " WHERE message_id = 'order 7'")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("billing");
            assertThat(rows.getString(2)).isEqualTo("/shop/\\u00e9");
            assertThat(rows.getString(3)).matches("[0-9a-f]{64}");
        }
    }

    @Test
    void a_message_is_new_once_for_each_consumer() throws SQLException {
        made();

        assertThat(once("m1")).isTrue();
        assertThat(once("m1")).isFalse();
        connection.commit();
        assertThat(once("m1")).isFalse();
        assertThat(once("m2")).isTrue();
        assertThat(Inbox.once(connection, "shipping", "m1")).isTrue();
    }

    @Test
    void what_was_rolled_back_is_new_again() throws SQLException {
        made();
        assertThat(once("m1")).isTrue();
        connection.rollback();

        assertThat(once("m1")).isTrue();
    }

    @Test
    void making_the_table_twice_changes_nothing() throws SQLException {
        made();
        once("m1");
        connection.commit();

        made();
        connection.setAutoCommit(true);
        Inbox.create(connection);

        assertThat(count("millstream_inbox")).isOne();
    }

    @Test
    void a_table_of_that_name_in_another_schema_is_not_taken_for_it() throws SQLException {
        run("CREATE SCHEMA elsewhere");
        run("CREATE TABLE elsewhere.millstream_inbox (other INT)");
        connection.commit();

        made();

        assertThat(once("m1")).isTrue();
    }

    @Test
    void a_transaction_goes_on_after_a_duplicate_that_another_one_noted_meanwhile()
            throws Exception {
        made();
        Connection other = transaction();
        assertThat(Inbox.once(other, "billing", "m1")).isTrue();
        run("INSERT INTO effects VALUES ('before')");
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting = executor.submit(() -> once("m1"));
            awaitBlocked(waiting);
            other.commit();

            assertThat(waiting.get()).isFalse();
        }
        run("INSERT INTO effects VALUES ('after')");
        connection.commit();

        assertThat(count("effects")).isEqualTo(2);
    }

    @Test
    void who_waits_for_another_one_that_rolls_back_handles_the_message() throws Exception {
        made();
        Connection other = transaction();
        assertThat(Inbox.once(other, "billing", "m1")).isTrue();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting = executor.submit(() -> once("m1"));
            awaitBlocked(waiting);
            other.rollback();

            assertThat(waiting.get()).isTrue();
        }
        connection.commit();

        assertThat(Inbox.once(other, "billing", "m1")).isFalse();
    }

    /// A statement that counts the connections that are noting something, and do not get on.
    abstract String blocked();

    private void awaitBlocked(Future<?> waiting) throws SQLException {
        Connection observer = open();
        connections.add(observer);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        long blocked = 0;
        while (blocked == 0) {
            assertThat(waiting.isDone()).as("it did not wait").isFalse();
            assertThat(System.nanoTime()).as("it should wait by now").isLessThan(end);
            try (Statement statement = observer.createStatement();
                    ResultSet rows = statement.executeQuery(blocked())) {
                rows.next();
                blocked = rows.getLong(1);
            }
        }
    }

    @Test
    void of_transactions_that_handle_the_same_messages_at_once_one_has_the_effect()
            throws Exception {
        made();
        int threads = 6;
        int messages = 25;
        CountDownLatch start = new CountDownLatch(threads);
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Connection own = transaction();
                all.add(executor.submit(() -> handle(own, start, messages)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(count("effects")).isEqualTo(messages);
        assertThat(count("(SELECT DISTINCT message FROM effects) AS each_one")).isEqualTo(messages);
    }

    private static Void handle(Connection own, CountDownLatch start, int messages)
            throws Exception {
        start.countDown();
        start.await();
        for (int message = 0; message < messages; message++) {
            if (Inbox.once(own, "billing", "m" + message)) {
                run(own, "INSERT INTO effects VALUES ('m" + message + "')");
            }
            own.commit();
        }
        return null;
    }

    @Test
    void several_may_make_the_table_at_once() throws Exception {
        int threads = 4;
        CountDownLatch start = new CountDownLatch(threads);
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Connection own = transaction();
                all.add(
                        executor.submit(() -> {
                            start.countDown();
                            start.await();
                            Inbox.create(own);
                            own.commit();
                            return null;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(once("m1")).isTrue();
    }

    @Test
    void what_was_noted_before_a_time_is_forgotten() throws SQLException {
        made();
        once("m1");
        once("m2");

        assertThat(Inbox.forgetBefore(connection, Instant.now().minusSeconds(60))).isZero();
        assertThat(once("m1")).isFalse();
        assertThat(Inbox.forgetBefore(connection, Instant.now().plusSeconds(60))).isEqualTo(2);
        assertThat(once("m1")).isTrue();
    }

    @Test
    void a_connection_that_commits_by_itself_is_refused() throws SQLException {
        made();
        connection.setAutoCommit(true);

        assertThatThrownBy(() -> once("m1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setAutoCommit(false)");
    }

    @Test
    void a_missing_table_is_an_error_and_not_a_new_message() {
        assertThatThrownBy(() -> once("m1")).isInstanceOf(SQLException.class);
    }
}
