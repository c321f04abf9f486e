package io.millstream.index;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The kinds of jobs that there are, a queue, a type and a state each, and how many jobs are of
/// each. One index over a kind's number answers whatever is asked of queues, types and states, in
/// any combination: what is asked for is some kinds, and each of them is in order already.
final class Kinds {
    /// Beyond so many, types are not told apart any more, so that a producer who gives each message
    /// a type of its own does no harm.
    static final int KINDS_MAX = 20_000;

    /// The type that all others are counted as then.
    static final String OTHERS = "(others)";

    private static final System.Logger LOGGER = System.getLogger(JobIndex.class.getName());

    private final Map<Name, Kind> kinds = new HashMap<>();
    private final Map<Integer, Kind> byNumber = new HashMap<>();
    private final Set<Kind> changed = new LinkedHashSet<>();
    private int last;
    private boolean isFull;

    /// @param type empty for none
    record Name(ChannelName queue, String type, IndexedState state) {}

    /// One of them.
    static final class Kind {
        final int number;
        final Name name;
        long jobs;
        private boolean isStored;

        Kind(int number, Name name) {
            this.number = number;
            this.name = name;
        }

        JobCount count() {
            return new JobCount(
                    name.queue, name.type.isEmpty() ? null : name.type, name.state, jobs);
        }
    }

    /// All that a file knows, as of one moment.
    static List<Kind> read(Connection connection) throws SQLException {
        List<Kind> kinds = new ArrayList<>();
        try (var statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT kind, host, queue, type, state, jobs FROM kind")) {
            while (rows.next()) {
                Kind kind =
                        new Kind(
                                rows.getInt(1),
                                new Name(
                                        new ChannelName(rows.getString(2), rows.getString(3)),
                                        rows.getString(4),
                                        stateOf(rows.getString(5))));
                kind.jobs = rows.getLong(6);
                kind.isStored = true;
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private static IndexedState stateOf(String word) throws SQLException {
        return IndexedState.of(word)
                .orElseThrow(() -> new SQLException("There is no state " + word));
    }

    static Kinds of(Connection connection) throws SQLException {
        Kinds all = new Kinds();
        for (Kind kind : read(connection)) {
            all.kinds.put(kind.name, kind);
            all.byNumber.put(kind.number, kind);
            all.last = Math.max(all.last, kind.number);
        }
        return all;
    }

    Kind of(ChannelName queue, @Nullable String type, IndexedState state) {
        Name name = new Name(queue, type == null ? "" : type, state);
        Kind kind = kinds.get(name);
        if (kind == null && kinds.size() >= KINDS_MAX && type != null && !type.equals(OTHERS)) {
            if (!isFull) {
                isFull = true;
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        ("Jobs have so many types that the index counts further ones as %s; %s in"
                                        + " queue %s is the first of them. They are not found by"
                                        + " their types.")
                                .formatted(OTHERS, type, queue));
            }
            return of(queue, OTHERS, state);
        }
        if (kind == null) {
            kind = new Kind(++last, name);
            kinds.put(name, kind);
            byNumber.put(kind.number, kind);
        }
        return kind;
    }

    @Nullable Kind numbered(int number) {
        return byNumber.get(number);
    }

    void count(Kind kind, int jobs) {
        kind.jobs += jobs;
        changed.add(kind);
    }

    /// Stores what has changed.
    void write(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO kind VALUES (?,?,?,?,?,?)");
                PreparedStatement update =
                        connection.prepareStatement("UPDATE kind SET jobs=? WHERE kind=?")) {
            for (Kind kind : changed) {
                if (kind.isStored) {
                    update.setLong(1, kind.jobs);
                    update.setInt(2, kind.number);
                    update.executeUpdate();
                } else {
                    insert.setInt(1, kind.number);
                    insert.setString(2, kind.name.queue.host());
                    insert.setString(3, kind.name.queue.name());
                    insert.setString(4, kind.name.type);
                    insert.setString(5, kind.name.state.word());
                    insert.setLong(6, kind.jobs);
                    insert.executeUpdate();
                    kind.isStored = true;
                }
            }
        }
        changed.clear();
    }

    long jobs() {
        return kinds.values().stream().mapToLong(kind -> kind.jobs).sum();
    }

    List<Kind> ended() {
        return kinds.values().stream()
                .filter(kind -> kind.jobs > 0 && kind.name.state.hasEnded())
                .toList();
    }
}
