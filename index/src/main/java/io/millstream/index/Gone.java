package io.millstream.index;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/// Jobs that have left their places to come to others: both is told in the same frame, one behind
/// the other, so who does not come at once does not come. It is stored with the rest, since what is
/// taken in at once may end between the two.
final class Gone {
    /// A frame carries one time; a store that has none is given this long.
    static final long MILLIS_MAX = 1000;

    /// More than ever leave at once; beyond, those that left first are taken to come nowhere.
    private static final int ENTRIES_MAX = 10_000;

    private final Connection connection;

    /// In the order in which they left.
    private final SequencedSet<Entry> entries = new LinkedHashSet<>();

    private final Map<Spot, Entry> bySpot = new HashMap<>();
    private final Map<String, Entry> fromDeadSet = new HashMap<>();
    private final Map<String, Entry> seenTo = new HashMap<>();
    private boolean isAnyStored;

    /// Why it has left.
    enum Why {
        /// It was moved to another queue.
        MOVED,
        /// It goes to its dead-letter queue.
        LETTERED,
        /// It has left the dead set, perhaps for its queue.
        LEAVES_DEAD_SET,
        /// Somebody has seen to its end, perhaps by putting it into the dead set.
        IS_SEEN_TO
    }

    private record Spot(int life, long place) {}

    private record Entry(Row row, Spot from, Why why, long at) {}

    /// @param rows where those are that the file knows of
    Gone(Connection connection, Rows rows) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement();
                ResultSet stored =
                        statement.executeQuery(
                                "SELECT n, life, place, why, time FROM gone ORDER BY time")) {
            while (stored.next()) {
                isAnyStored = true;
                Row row = rows.numbered(stored.getLong(1));
                if (row != null) {
                    Why why = Why.valueOf(stored.getString(4));
                    add(row, stored.getInt(2), stored.getLong(3), why, stored.getLong(5));
                }
            }
        }
    }

    /// @param life where it was
    /// @param at when it left
    void add(Row row, int life, long place, Why why, long at) {
        Entry entry = new Entry(row, new Spot(life, place), why, at);
        entries.add(entry);
        switch (why) {
            case MOVED, LETTERED -> bySpot.put(entry.from, entry);
            case LEAVES_DEAD_SET -> fromDeadSet.put(row.id, entry);
            case IS_SEEN_TO -> seenTo.put(row.id, entry);
        }
        if (entries.size() > ENTRIES_MAX) {
            forget(entries.removeFirst());
        }
    }

    /// Nobody comes any more who left long before.
    void passes(long now) {
        while (!entries.isEmpty() && now - entries.getFirst().at > MILLIS_MAX) {
            forget(entries.removeFirst());
        }
    }

    private void forget(Entry entry) {
        bySpot.remove(entry.from, entry);
        fromDeadSet.remove(entry.row.id, entry);
        seenTo.remove(entry.row.id, entry);
    }

    /// The one that was moved from there.
    @Nullable Row movedFrom(int life, long place) {
        return take(bySpot, new Spot(life, place), Why.MOVED);
    }

    /// The one that went from there as a dead letter.
    @Nullable Row letteredFrom(int life, long place) {
        return take(bySpot, new Spot(life, place), Why.LETTERED);
    }

    /// The one of this id that has left the dead set.
    @Nullable Row sentBack(String id) {
        return take(fromDeadSet, id, Why.LEAVES_DEAD_SET);
    }

    /// The one of this id to whose end somebody has seen.
    @Nullable Row seenTo(String id) {
        return take(seenTo, id, Why.IS_SEEN_TO);
    }

    private <K> @Nullable Row take(Map<K, Entry> map, K key, Why why) {
        if (entries.isEmpty()) {
            return null;
        }
        Entry entry = map.get(key);
        if (entry == null || entry.why != why) {
            return null;
        }
        map.remove(key);
        entries.remove(entry);
        return entry.row;
    }

    /// Stores who is still on the way.
    void write() throws SQLException {
        if (!isAnyStored && entries.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement();
                PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT OR REPLACE INTO gone VALUES (?,?,?,?,?,?)")) {
            statement.executeUpdate("DELETE FROM gone");
            for (Entry entry : entries) {
                insert.setLong(1, entry.row.number);
                insert.setInt(2, entry.from.life);
                insert.setLong(3, entry.from.place);
                insert.setString(4, entry.row.id);
                insert.setString(5, entry.why.name());
                insert.setLong(6, entry.at);
                insert.executeUpdate();
            }
        }
        isAnyStored = !entries.isEmpty();
    }
}
