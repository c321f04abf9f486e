package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Rows of small keyed tables. A row whose time has come is gone with the first frame after it.
public final class Tables {
    private final TreeMap<String, TreeMap<String, Row>> tables = new TreeMap<>();
    private final TreeSet<Expiry> expiries =
            new TreeSet<>(
                    Comparator.comparingLong(Expiry::at)
                            .thenComparing(Expiry::table)
                            .thenComparing(Expiry::key));

    /// One row.
    ///
    /// @param value its value
    /// @param version of this value
    /// @param expiresAt in milliseconds since 1970, or 0 for never
    public record Row(Bytes value, long version, long expiresAt) {}

    private record Expiry(long at, String table, String key) {}

    /// The row of this key, or null.
    public @Nullable Row get(String table, String key) {
        TreeMap<String, Row> rows = tables.get(table);
        return rows == null ? null : rows.get(key);
    }

    /// The rows of a table from `from` on, in the order of their keys.
    public NavigableMap<String, Row> from(String table, String from, boolean inclusive) {
        TreeMap<String, Row> rows = tables.get(table);
        return rows == null ? new TreeMap<>() : rows.tailMap(from, inclusive);
    }

    void put(String table, String key, Row row) {
        remove(table, key);
        tables.computeIfAbsent(table, name -> new TreeMap<>()).put(key, row);
        if (row.expiresAt() != Entry.RowWritten.NEVER) {
            expiries.add(new Expiry(row.expiresAt(), table, key));
        }
    }

    void remove(String table, String key) {
        TreeMap<String, Row> rows = tables.getOrDefault(table, new TreeMap<>());
        Row old = rows.remove(key);
        if (old == null) {
            return;
        }
        if (rows.isEmpty()) {
            tables.remove(table);
        }
        if (old.expiresAt() != Entry.RowWritten.NEVER) {
            expiries.remove(new Expiry(old.expiresAt(), table, key));
        }
    }

    void expire(long now) {
        while (!expiries.isEmpty() && expiries.first().at() <= now) {
            Expiry due = expiries.first();
            remove(due.table(), due.key());
        }
    }

    long nextExpiry() {
        return expiries.isEmpty() ? Long.MAX_VALUE : expiries.first().at();
    }

    void write(Output out) {
        out.varint(tables.size());
        for (Map.Entry<String, TreeMap<String, Row>> table : tables.entrySet()) {
            out.text(table.getKey());
            out.varint(table.getValue().size());
            for (Map.Entry<String, Row> row : table.getValue().entrySet()) {
                out.text(row.getKey());
                out.bytes(row.getValue().value());
                out.varint(row.getValue().version());
                out.varint(row.getValue().expiresAt());
            }
        }
    }

    static Tables read(Input in) {
        Tables tables = new Tables();
        int count = in.size();
        for (int t = 0; t < count; t++) {
            String table = in.text();
            int rows = in.size();
            for (int r = 0; r < rows; r++) {
                String key = in.text();
                tables.put(table, key, new Row(in.bytes(), in.varint(), in.varint()));
            }
        }
        return tables;
    }
}
