package io.millstream.testkit.memory;

import io.millstream.api.Bytes;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The small keyed tables. Guarded by the backend's lock.
final class Rows {

    /// The largest value of a row.
    static final int VALUE_BYTES_MAX = 1024 * 1024;

    /// One row.
    ///
    /// @param value its value
    /// @param version its version
    /// @param expiresAt when it is gone, or null
    record Row(Bytes value, long version, @Nullable Instant expiresAt) {

        boolean isThere(Instant now) {
            return expiresAt == null || now.isBefore(expiresAt);
        }
    }

    private final Store store;
    private final Map<String, NavigableMap<String, Row>> tables = new HashMap<>();

    Rows(Store store) {
        this.store = store;
    }

    /// The row, or null if there is none or its time has come.
    @Nullable Row get(String table, String key) {
        Row row = table(table).get(key);
        return row != null && row.isThere(store.now().wall()) ? row : null;
    }

    void set(String table, String key, @Nullable Row next) {
        Row before = next == null ? table(table).remove(key) : table(table).put(key, next);
        store.journal().changed(() -> set(table, key, before));
    }

    /// The rows of which the key starts with `prefix` and comes behind `after`.
    List<View.RowView> list(String table, String prefix, @Nullable String after) {
        return table(table).tailMap(prefix, true).entrySet().stream()
                .takeWhile(row -> row.getKey().startsWith(prefix))
                .filter(row -> after == null || row.getKey().compareTo(after) > 0)
                .filter(row -> row.getValue().isThere(store.now().wall()))
                .map(row -> view(row.getKey(), row.getValue()))
                .toList();
    }

    static View.RowView view(String key, Row row) {
        return new View.RowView(key, row.value(), row.version(), row.expiresAt());
    }

    private NavigableMap<String, Row> table(String name) {
        return tables.computeIfAbsent(name, _ -> new TreeMap<>());
    }
}
