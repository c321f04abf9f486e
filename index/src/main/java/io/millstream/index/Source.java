package io.millstream.index;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/// Numbers of jobs in order, of which one can ask for the next from anywhere: what an index
/// answers. Jobs that several of them have are found by asking each from where the others are.
interface Source extends AutoCloseable {
    /// What is behind the last one.
    long NONE = -1;

    /// The first number at or behind `from` in the direction of the search, or [#NONE]. What is
    /// asked for never goes back.
    long seek(long from) throws SQLException;

    @Override
    void close() throws SQLException;

    /// What one index has for one value.
    final class Indexed implements Source {
        /// The first chunk of what is cheap to ask again.
        static final int CHUNK_USUAL = 16;

        static final int CHUNK_MAX = 512;

        private final PreparedStatement select;
        private final boolean oldestFirst;
        private final Binding binding;
        private final long[] chunk = new long[CHUNK_MAX];
        private int size;
        private int at;
        private final int chunkFirst;
        private int most;
        private boolean isLast;

        /// Sets what is looked for, and says how many parameters that were.
        interface Binding {
            int bind(PreparedStatement statement) throws SQLException;
        }

        /// @param chunkFirst how many are read at once to begin with, [#CHUNK_MAX] at most
        /// @param column the number of the job
        /// @param condition of what is looked for, as [Binding] binds it; ends in AND, or is empty
        Indexed(
                Connection connection,
                String table,
                String column,
                String condition,
                boolean oldestFirst,
                int chunkFirst,
                Binding binding)
                throws SQLException {
            this.oldestFirst = oldestFirst;
            this.chunkFirst = chunkFirst;
            this.most = chunkFirst;
            this.binding = binding;
            this.select =
                    connection.prepareStatement(
                            "SELECT %s FROM %s WHERE %s %s%s? ORDER BY %s %s LIMIT ?"
                                    .formatted(
                                            column,
                                            table,
                                            condition,
                                            column,
                                            oldestFirst ? ">=" : "<=",
                                            column,
                                            oldestFirst ? "ASC" : "DESC"));
        }

        @Override
        public long seek(long from) throws SQLException {
            while (at < size && isBefore(chunk[at], from)) {
                at++;
            }
            if (at == size && !isLast) {
                // What goes on where the last chunk ended is likely to go on.
                boolean goesOn = size > 0 && Math.abs(from - chunk[size - 1]) <= 1;
                most = goesOn ? Math.min(CHUNK_MAX, most * 2) : chunkFirst;
                fill(from);
            }
            return at < size ? chunk[at] : NONE;
        }

        private boolean isBefore(long one, long from) {
            return oldestFirst ? one < from : one > from;
        }

        private void fill(long from) throws SQLException {
            int next = binding.bind(select) + 1;
            select.setLong(next, from);
            select.setInt(next + 1, most);
            size = 0;
            at = 0;
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    chunk[size++] = rows.getLong(1);
                }
            }
            isLast = size < most;
        }

        @Override
        public void close() throws SQLException {
            select.close();
        }
    }

    /// What at least one of some others has.
    final class Any implements Source {
        private final List<? extends Source> sources;
        private final long[] heads;
        private final boolean oldestFirst;
        private boolean isBegun;

        Any(List<? extends Source> sources, boolean oldestFirst) {
            this.sources = sources;
            this.heads = new long[sources.size()];
            this.oldestFirst = oldestFirst;
        }

        @Override
        public long seek(long from) throws SQLException {
            long first = NONE;
            for (int i = 0; i < heads.length; i++) {
                boolean isBehind = isBegun && (heads[i] == NONE || !isBefore(heads[i], from));
                if (!isBehind) {
                    heads[i] = sources.get(i).seek(from);
                }
                if (heads[i] != NONE && (first == NONE || isBefore(heads[i], first))) {
                    first = heads[i];
                }
            }
            isBegun = true;
            return first;
        }

        private boolean isBefore(long one, long other) {
            return oldestFirst ? one < other : one > other;
        }

        @Override
        public void close() throws SQLException {
            for (Source source : sources) {
                source.close();
            }
        }
    }
}
