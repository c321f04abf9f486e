package io.millstream.index;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// One page of a search, over one moment of the file. Each filter is a [Source]; a job is found
/// where all of them meet. It ends when the page is full, or its time is over.
final class Search {
    /// Beyond so many kinds, it is cheaper to look at each job than to ask for each kind.
    private static final int KINDS_ASKED_MAX = 500;

    private final Connection connection;
    private final JobSearch asked;
    private final Map<Integer, Kinds.Kind> kinds = new HashMap<>();
    private final Map<Integer, Kinds.Kind> wanted = new HashMap<>();
    private final long end;
    private boolean isAnyKind = true;

    /// @param mayRead the queues whose jobs may be shown
    Search(Connection connection, JobSearch asked, Predicate<ChannelName> mayRead, Duration time)
            throws SQLException {
        this.connection = connection;
        this.asked = asked;
        this.end = System.nanoTime() + time.toNanos();
        Map<ChannelName, Boolean> readable = new HashMap<>();
        for (Kinds.Kind kind : Kinds.read(connection)) {
            kinds.put(kind.number, kind);
            if (kind.jobs == 0) {
                continue;
            }
            if (isWanted(kind.name) && readable.computeIfAbsent(kind.name.queue(), mayRead::test)) {
                wanted.put(kind.number, kind);
            } else {
                isAnyKind = false;
            }
        }
    }

    private boolean isWanted(Kinds.Name kind) {
        return (asked.states().isEmpty() || asked.states().contains(kind.state()))
                && (asked.queue() == null || asked.queue().equals(kind.queue()))
                && (asked.type() == null || asked.type().equals(kind.type()));
    }

    /// The first and the last number that are looked at, in the direction of the search.
    private record Range(long first, long last) {}

    FoundJobs page() throws SQLException {
        AsOf asOf = Position.read(connection).asOf();
        Range range = wanted.isEmpty() ? null : range();
        if (range == null) {
            return new FoundJobs(List.of(), null, asOf);
        }
        List<Source> sources = sources();
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT " + RowReader.COLUMNS + " FROM job WHERE n=?")) {
            List<IndexedJob> found = new ArrayList<>();
            String next = walk(sources, range, select, found);
            return new FoundJobs(found, next, asOf);
        } finally {
            for (Source source : sources) {
                source.close();
            }
        }
    }

    /// @return where the next page begins, or null
    private @Nullable String walk(
            List<Source> sources, Range range, PreparedStatement select, List<IndexedJob> found)
            throws SQLException {
        long step = asked.oldestFirst() ? 1 : -1;
        long at = range.first;
        while (true) {
            long from = at;
            for (Source source : sources) {
                at = source.seek(at);
                if (at == Source.NONE || isBeyond(at, range.last)) {
                    return null;
                }
            }
            boolean isMeeting = at == from || sources.size() == 1;
            if (isMeeting) {
                if (found.size() == asked.limit()) {
                    return Long.toString(at - step);
                }
                Row row = read(select, at);
                if (row != null && matches(row)) {
                    found.add(row.job());
                }
                at += step;
            }
            if (System.nanoTime() - end > 0) {
                return at < 1 || isBeyond(at, range.last) ? null : Long.toString(at - step);
            }
        }
    }

    private boolean isBeyond(long at, long last) {
        return asked.oldestFirst() ? at > last : at < last;
    }

    private @Nullable Row read(PreparedStatement select, long number) throws SQLException {
        select.setLong(1, number);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? RowReader.read(rows, kinds::get) : null;
        }
    }

    /// Marks of different things may be the same by chance.
    private boolean matches(Row row) {
        Kinds.Kind kind = row.counted;
        return kind != null
                && wanted.containsKey(kind.number)
                && (asked.id() == null || asked.id().equals(row.id))
                && (asked.key() == null || asked.key().equals(row.key))
                && (asked.fingerprint() == null || asked.fingerprint().equals(row.fingerprint))
                && (asked.tag() == null || Marks.tags(row.tags).contains(asked.tag()));
    }

    // Where it looks.

    private List<Source> sources() throws SQLException {
        List<Source> sources = new ArrayList<>();
        String id = asked.id();
        if (id != null) {
            sources.add(indexed("job", "n", "id=? AND", bindText(id)));
        }
        if (asked.fingerprint() != null) {
            sources.add(mark(Marks.fingerprint(asked.fingerprint())));
        }
        if (asked.key() != null) {
            sources.add(mark(Marks.key(asked.key())));
        }
        if (asked.tag() != null) {
            sources.add(mark(Marks.tag(asked.tag())));
        }
        if (asked.error() != null) {
            String query = Words.of(asked.error()).query();
            sources.add(words(query));
        }
        if (!isAnyKind && wanted.size() <= KINDS_ASKED_MAX) {
            List<Source> each = new ArrayList<>();
            for (int kind : wanted.keySet()) {
                each.add(indexed("job", "n", "kind=? AND", bind(kind)));
            }
            sources.add(each.size() == 1 ? each.getFirst() : any(each));
        }
        if (sources.isEmpty()) {
            sources.add(indexed("job", "n", "", _ -> 0));
        }
        return sources;
    }

    /// Where a word is open, all words that begin so are gone through each time it is asked: it is
    /// asked for much at once.
    private Source words(String query) throws SQLException {
        return new Source.Indexed(
                connection,
                "word",
                "rowid",
                "word MATCH ? AND",
                asked.oldestFirst(),
                Source.Indexed.CHUNK_MAX,
                bindText(query));
    }

    private Source any(List<Source> sources) {
        return new Source.Any(sources, asked.oldestFirst());
    }

    private Source mark(long hash) throws SQLException {
        return indexed("mark", "n", "hash=? AND", bind(hash));
    }

    private static Source.Indexed.Binding bind(long value) {
        return statement -> {
            statement.setLong(1, value);
            return 1;
        };
    }

    private static Source.Indexed.Binding bindText(String text) {
        return statement -> {
            statement.setString(1, text);
            return 1;
        };
    }

    private Source indexed(
            String table, String column, String condition, Source.Indexed.Binding binding)
            throws SQLException {
        return new Source.Indexed(
                connection,
                table,
                column,
                condition,
                asked.oldestFirst(),
                Source.Indexed.CHUNK_USUAL,
                binding);
    }

    // When.

    /// Null if there is nothing in it.
    private @Nullable Range range() throws SQLException {
        long lowest = IndexFile.number(connection, "SELECT min(n) FROM job");
        long highest = IndexFile.number(connection, "SELECT max(n) FROM job");
        Instant since = asked.since();
        Instant before = asked.before();
        long low = since == null ? lowest : firstSince(lowest, highest, millis(since));
        long high = before == null ? highest : firstSince(lowest, highest, millis(before)) - 1;
        if (asked.after() != null) {
            long after = Long.parseLong(asked.after());
            low = asked.oldestFirst() ? Math.max(low, after + 1) : low;
            high = asked.oldestFirst() ? high : Math.min(high, after - 1);
        }
        if (low > high || highest == 0) {
            return null;
        }
        return asked.oldestFirst() ? new Range(low, high) : new Range(high, low);
    }

    /// As near to it as can be counted.
    private static long millis(Instant time) {
        try {
            return time.toEpochMilli();
        } catch (ArithmeticException _) {
            return time.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
    }

    /// Jobs are numbered in the order in which they came.
    ///
    /// @return the lowest number of those that came then or later; behind the highest if none did
    private long firstSince(long lowest, long highest, long millis) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT n, stored FROM job WHERE n>=? ORDER BY n LIMIT 1")) {
            long low = lowest;
            long high = highest + 1;
            while (low < high) {
                long middle = low + (high - low) / 2;
                select.setLong(1, middle);
                try (ResultSet rows = select.executeQuery()) {
                    if (!rows.next() || rows.getLong(2) >= millis) {
                        high = middle;
                    } else {
                        low = rows.getLong(1) + 1;
                    }
                }
            }
            return low;
        }
    }
}
