package io.millstream.testkit.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// The tables. Names and keys are bytes, since a text of PostgreSQL cannot hold U+0000; times are
/// milliseconds since 1970.
///
/// A message may be handed out if it is not leased, not stuck, and `due` is past or null; its place
/// is `(place, stored_there, sequence)`, so what becomes due needs nobody to move it.
final class Schema {

    /// The number of the advisory locks that nodes hold as long as they live.
    static final int ALIVE = 0x6d73;

    private static final List<String> TABLES =
            List.of(
                    "CREATE SEQUENCE epochs AS integer",
                    "CREATE SEQUENCE numbers",
                    "CREATE TABLE node (epoch integer PRIMARY KEY)",
                    """
                    CREATE TABLE channel (
                        id bigint PRIMARY KEY, host bytea, name bytea,
                        definition bytea, version bigint, created bigint, modified bigint,
                        sequence bigint, place bigint, UNIQUE (host, name)
                    ) WITH (fillfactor = 50)\
                    """,
                    "CREATE TABLE tally (channel bigint, stored bigint, done bigint, dead bigint)",
                    "CREATE INDEX tally_channel ON tally (channel)",
                    """
                    CREATE TABLE message (
                        channel bigint, sequence bigint,
                        place bigint, stored_there boolean, due bigint,
                        size integer, stored bigint, delivered bigint,
                        deliveries integer DEFAULT 0, attempts integer DEFAULT 0,
                        via bytea, stuck bytea, body bytea,
                        epoch integer, number bigint, until bigint, session bigint,
                        PRIMARY KEY (channel, sequence)
                    ) WITH (fillfactor = 70)\
                    """,
                    """
                    CREATE INDEX message_ready ON message (channel, place, stored_there, sequence)
                        WHERE number IS NULL AND stuck IS NULL\
                    """,
                    "CREATE INDEX message_leased ON message (channel) WHERE number IS NOT NULL",
                    "CREATE INDEX message_until ON message (until) WHERE until IS NOT NULL",
                    "CREATE INDEX message_session ON message (session) WHERE session IS NOT NULL",
                    "CREATE INDEX message_stuck ON message (channel) WHERE stuck IS NOT NULL",
                    """
                    CREATE TABLE cell (
                        grid bytea, key bytea, value bytea, version bigint,
                        expiry_seconds bigint, expiry_nanos integer, PRIMARY KEY (grid, key))\
                    """,
                    """
                    CREATE TABLE exchange (
                        host bytea, name bytea, definition bytea, version bigint,
                        PRIMARY KEY (host, name))\
                    """,
                    """
                    CREATE TABLE binding (
                        token bytea PRIMARY KEY, exchange bytea, target bytea,
                        definition bytea, version bigint)\
                    """,
                    "CREATE INDEX binding_exchange ON binding (exchange)",
                    "CREATE INDEX binding_target ON binding (target)",
                    """
                    CREATE FUNCTION clock_millis() RETURNS bigint LANGUAGE sql AS
                        'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'\
                    """);

    /// A clock that stands where the tests have set it, in place of the server's.
    private static final List<String> TEST_CLOCK =
            List.of(
                    "CREATE TABLE test_clock (millis bigint)",
                    "INSERT INTO test_clock VALUES (0)",
                    """
                    CREATE OR REPLACE FUNCTION clock_millis() RETURNS bigint LANGUAGE sql AS
                        'SELECT millis FROM test_clock'\
                    """);

    private Schema() {}

    static void create(Connection connection) throws SQLException {
        run(connection, TABLES);
    }

    static void useTestClock(Connection connection) throws SQLException {
        run(connection, TEST_CLOCK);
    }

    static void clear(Connection connection) throws SQLException {
        run(connection, List.of("TRUNCATE node, channel, tally, message, cell, exchange, binding"));
    }

    private static void run(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }
}
