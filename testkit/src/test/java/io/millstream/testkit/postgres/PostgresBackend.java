package io.millstream.testkit.postgres;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Found;
import io.millstream.api.Longest;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.engine.io.TimeSource;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

import javax.sql.DataSource;

/// A spike, not shipped: a node that keeps its queues in PostgreSQL, of which there may be many
/// over one database. It shows what the seam asks of a backend that has no log of its own.
final class PostgresBackend implements Backend {

    private static final long EPOCH_FACTOR = 1L << 32;

    private final TimeSource time;
    private final int epoch;
    private final Handing handing = new Handing();
    private final Definitions definitions = new Definitions();
    private final AtomicLong sessions = new AtomicLong();
    private final Pump pump;
    private final Ears ears;
    private final Thread pumping;
    private final Thread hearing;

    private PostgresBackend(Connection work, Connection side, TimeSource time) throws SQLException {
        this.time = time;
        epoch = enter(work);
        ears = new Ears(side, this);
        pump = new Pump(work, epoch, handing, definitions, ears::stirred);
        pump.work(tx -> new Ends(tx).buryNodes());
        pumping = Thread.ofPlatform().daemon().name("postgres-pump-" + epoch).start(pump);
        hearing = Thread.ofPlatform().daemon().name("postgres-ears-" + epoch).start(ears);
    }

    /// Opens a node. Blocks until it is known to the others.
    ///
    /// @param time of this node, by which its callers wait; all else goes by the database's clock
    static PostgresBackend open(DataSource database, TimeSource time) throws SQLException {
        Connection work = database.getConnection();
        work.setAutoCommit(false);
        return new PostgresBackend(work, database.getConnection(), time);
    }

    /// Makes it known, and holds its lock as long as the connection stands.
    private static int enter(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int epoch;
            try (ResultSet next = statement.executeQuery("SELECT nextval('epochs')")) {
                next.next();
                epoch = next.getInt(1);
            }
            statement.execute("SELECT pg_advisory_lock(" + Schema.ALIVE + ", " + epoch + ")");
            statement.execute("INSERT INTO node VALUES (" + epoch + ")");
            connection.commit();
            return epoch;
        }
    }

    TimeSource time() {
        return time;
    }

    int epoch() {
        return epoch;
    }

    Pump pump() {
        return pump;
    }

    Handing handing() {
        return handing;
    }

    Definitions definitions() {
        return definitions;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "postgres",
                Lacks.features(),
                Commits.MESSAGE_BYTES_MAX,
                Long.MAX_VALUE,
                Longest.CENTURY,
                Capabilities.Durability.REMOTE_SYNC);
    }

    @Override
    public Session session(SessionSpec spec) {
        long number = epoch * EPOCH_FACTOR + sessions.incrementAndGet();
        return new PostgresSession(this, spec.name(), number);
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        CompletableFuture<Found<V>> future = new CompletableFuture<>();
        pump.lookOrElse(tx -> find(tx, query), future::complete, future::completeExceptionally);
        return future.minimalCompletionStage();
    }

    private static <V extends View> Found<V> find(Tx tx, Query<V> query) throws SQLException {
        Feature lacking = Lacks.of(query);
        return lacking == null
                ? new Looks(tx).find(query)
                : new Found.Refused<>(tx.wall(), Lacks.refusal(lacking));
    }

    /// Time has been moved by hand.
    void wake() {
        pump.post(handing::touchAll);
    }

    void lost(SQLException why) {
        pump.stop(new StoppedException("The database is out of reach: " + why, why), true);
    }

    @Override
    public void close() {
        stop("The backend was closed. Open a new one.", false);
    }

    /// As if the process had died: nothing is given back.
    void kill() {
        stop("The backend was killed. Look what has happened and ask again.", true);
    }

    private void stop(String why, boolean kill) {
        ears.stop();
        pump.stop(new StoppedException(why), kill);
        try {
            pumping.join();
            hearing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
