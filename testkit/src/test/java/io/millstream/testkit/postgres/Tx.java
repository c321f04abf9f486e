package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// One transaction: what it has read and locked, what it will write at its end, and what is to be
/// done once it is committed. It may be run again from the beginning, so it changes nothing in
/// memory before that.
final class Tx {

    /// Definitions by their versions, which never come again.
    private static final Map<Long, Definition.Queue> DEFINITIONS = new ConcurrentHashMap<>();

    private static final String QUEUE =
            "SELECT id, definition, version, created, modified, sequence, place FROM channel"
                    + " WHERE host = ? AND name = ?";

    /// What a commit goes back to when it is refused.
    private record Mark(
            Map<ChannelName, QueueRow> queues,
            Map<Long, Tally> tallies,
            Set<ChannelName> locked,
            int inserts,
            Set<ChannelName> touched,
            int ends) {

        Mark withInserts(int count) {
            return new Mark(queues, tallies, locked, count, touched, ends);
        }
    }

    private final Connection connection;
    private final int epoch;
    private final long now;
    private Map<ChannelName, QueueRow> queues = new HashMap<>();
    private Map<Long, Tally> tallies = new TreeMap<>();
    private Set<ChannelName> locked = new HashSet<>();
    private final Set<ChannelName> written = new HashSet<>();
    private final List<Arrival> inserts = new ArrayList<>();
    private Set<ChannelName> touched = new LinkedHashSet<>();
    private final List<Long> ends = new ArrayList<>();
    private final List<Runnable> after = new ArrayList<>();
    private Mark mark;
    private Savepoint savepoint;

    Tx(Connection connection, int epoch) throws SQLException {
        this.connection = connection;
        this.epoch = epoch;
        this.now = one("SELECT clock_millis()");
    }

    long now() {
        return now;
    }

    Instant wall() {
        return Instant.ofEpochMilli(now);
    }

    int epoch() {
        return epoch;
    }

    // Statements.

    PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                statement.setNull(i + 1, Types.NULL);
            } else {
                statement.setObject(i + 1, values[i]);
            }
        }
        return statement;
    }

    int update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        }
    }

    long one(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    Array longs(Object... values) throws SQLException {
        return connection.createArrayOf("bigint", values);
    }

    long nextNumber() throws SQLException {
        return one("SELECT nextval('numbers')");
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // Queues.

    /// Locks all of these that there are, in one order for all nodes.
    void lock(Set<ChannelName> names) throws SQLException {
        for (ChannelName name : new TreeSet<>(names)) locked(name);
    }

    /// The queue, locked against whoever puts, defines or removes; null if there is none.
    QueueRow locked(ChannelName name) throws SQLException {
        if (locked.add(name)) queues.put(name, read(QUEUE + " FOR UPDATE", name));
        return queues.get(name);
    }

    /// The queue as it is now; null if there is none.
    QueueRow queue(ChannelName name) throws SQLException {
        if (!queues.containsKey(name)) queues.put(name, read(QUEUE, name));
        return queues.get(name);
    }

    QueueRow queue(long id) throws SQLException {
        try (PreparedStatement statement =
                        prepare("SELECT host, name FROM channel WHERE id = ?", id);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) return null;
            return queue(
                    new ChannelName(
                            new String(row.getBytes(1), StandardCharsets.UTF_8),
                            new String(row.getBytes(2), StandardCharsets.UTF_8)));
        }
    }

    private QueueRow read(String sql, ChannelName name) throws SQLException {
        try (PreparedStatement statement = prepare(sql, utf8(name.host()), utf8(name.name()));
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row(row) : null;
        }
    }

    static QueueRow row(ResultSet row) throws SQLException {
        long version = row.getLong("version");
        Definition.Queue definition = DEFINITIONS.get(version);
        if (definition == null) {
            definition = Pickle.read(Definition.Queue.class, row.getBytes("definition"));
            DEFINITIONS.put(version, definition);
        }
        return new QueueRow(
                row.getLong("id"),
                definition,
                version,
                row.getLong("created"),
                row.getLong("modified"),
                row.getLong("sequence"),
                row.getLong("place"));
    }

    /// Remembers what a locked queue is now; it is written at the end.
    void put(QueueRow queue) {
        queues.put(queue.name(), queue);
        written.add(queue.name());
    }

    void gone(ChannelName name) {
        queues.put(name, null);
    }

    void count(long queue, Tally what) {
        tallies.merge(queue, what, Tally::plus);
    }

    /// What it will add to the totals of a queue.
    Tally tally(long queue) {
        return tallies.getOrDefault(queue, new Tally(0, 0, 0));
    }

    void insert(Arrival arrival) {
        inserts.add(arrival);
    }

    // What follows.

    /// Something may be handed out there.
    void touch(ChannelName queue) {
        touched.add(queue);
    }

    Set<ChannelName> touched() {
        return touched;
    }

    /// The lease of this number has ended; whoever counts it is told when that is committed.
    void ended(int of, long number) throws SQLException {
        if (of == epoch) {
            ends.add(number);
        } else if (of != 0) {
            one("SELECT count(pg_notify('millstream', ?))", "end " + of + " " + number);
        }
    }

    List<Long> ends() {
        return ends;
    }

    void afterwards(Runnable work) {
        after.add(work);
    }

    // Commits inside it.

    void begin() throws SQLException {
        mark =
                new Mark(
                        new HashMap<>(queues),
                        new TreeMap<>(tallies),
                        new HashSet<>(locked),
                        inserts.size(),
                        new LinkedHashSet<>(touched),
                        ends.size());
    }

    /// To be called before anything is written that a refusal would have to take back.
    void changing() throws SQLException {
        if (mark != null && savepoint == null) {
            List<Arrival> own = new ArrayList<>(inserts.subList(mark.inserts, inserts.size()));
            inserts.subList(mark.inserts, inserts.size()).clear();
            writeInserts();
            savepoint = connection.setSavepoint();
            inserts.addAll(own);
            mark = mark.withInserts(0);
        }
        writeInserts();
    }

    void accept() throws SQLException {
        if (savepoint != null) connection.releaseSavepoint(savepoint);
        savepoint = null;
        mark = null;
    }

    void refuse() throws SQLException {
        if (savepoint != null) connection.rollback(savepoint);
        savepoint = null;
        // Going back lets go of the locks that were taken since.
        queues = mark.queues;
        locked = mark.locked;
        tallies = mark.tallies;
        touched = mark.touched;
        inserts.subList(Math.min(mark.inserts, inserts.size()), inserts.size()).clear();
        ends.subList(mark.ends, ends.size()).clear();
        mark = null;
    }

    // The end.

    private void writeInserts() throws SQLException {
        if (inserts.isEmpty()) return;
        try (PreparedStatement statement = connection.prepareStatement(Arrival.INSERT)) {
            for (Arrival arrival : inserts) {
                arrival.set(statement);
                statement.addBatch();
            }
            statement.executeBatch();
        }
        inserts.clear();
    }

    private void writeQueues() throws SQLException {
        for (ChannelName name : written) {
            QueueRow queue = queues.get(name);
            if (queue == null) continue;
            update(
                    "UPDATE channel SET sequence = ?, place = ? WHERE id = ?",
                    queue.sequence(),
                    queue.place(),
                    queue.id());
        }
    }

    private void writeTallies() throws SQLException {
        for (var entry : tallies.entrySet()) {
            Tally tally = entry.getValue();
            update(
                    "INSERT INTO tally VALUES (?, ?, ?, ?)",
                    entry.getKey(),
                    tally.stored(),
                    tally.done(),
                    tally.dead());
        }
    }

    void commit() throws SQLException {
        writeInserts();
        writeQueues();
        writeTallies();
        connection.commit();
        after.forEach(Runnable::run);
    }
}
