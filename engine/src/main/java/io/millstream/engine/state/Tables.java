package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
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

    // While a snapshot is taken: how far its walk has come, and what it need not write because it
    // was written, or did not exist, before it changed.
    private final HeapAccount heap;
    private final Images images;
    private final Set<Name> written = new HashSet<>();
    private @Nullable Name walked;
    private boolean allWalked;

    private record Name(String table, String key) {}

    /// Without rows.
    ///
    /// @param images where rows are written before they change
    /// @param heap what they are charged to
    Tables(Images images, HeapAccount heap) {
        this.images = images;
        this.heap = heap;
    }

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

    void apply(Entry.RowWritten written) {
        Bytes value = written.value();
        if (value == null) {
            remove(written.table(), written.key());
        } else {
            Row row = new Row(value, written.version(), written.expiresAt());
            put(written.table(), written.key(), row);
        }
    }

    private void put(String table, String key, Row row) {
        changing(table, key);
        remove(table, key);
        tables.computeIfAbsent(table, name -> new TreeMap<>()).put(key, row);
        heap.add(heapBytes(key, row));
        if (row.expiresAt() != Entry.RowWritten.NEVER) {
            expiries.add(new Expiry(row.expiresAt(), table, key));
        }
    }

    private void remove(String table, String key) {
        changing(table, key);
        TreeMap<String, Row> rows = tables.getOrDefault(table, new TreeMap<>());
        Row old = rows.remove(key);
        if (old == null) {
            return;
        }
        heap.add(-heapBytes(key, old));
        if (rows.isEmpty()) {
            tables.remove(table);
        }
        if (old.expiresAt() != Entry.RowWritten.NEVER) {
            expiries.remove(new Expiry(old.expiresAt(), table, key));
        }
    }

    private static long heapBytes(String key, Row row) {
        return HeapCosts.row(key, row.value().length());
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

    /// A snapshot was begun.
    void beginImages() {
        written.clear();
        walked = null;
        allWalked = false;
    }

    private void changing(String table, String key) {
        if (images.areTaken() && !isWalked(table, key) && written.add(new Name(table, key))) {
            Row row = get(table, key);
            if (row != null) {
                write(table, key, row, images.out());
                images.cut();
            }
        }
    }

    private boolean isWalked(String table, String key) {
        Name last = walked;
        if (allWalked || last == null) {
            return allWalked;
        }
        int order = table.compareTo(last.table);
        return order < 0 || (order == 0 && key.compareTo(last.key) <= 0);
    }

    /// Has the next row written, unless it was.
    ///
    /// @return whether there was a next one
    boolean imageNext() {
        Name next = nextAfter(walked);
        if (next == null) {
            allWalked = true;
            written.clear();
            return false;
        }
        changing(next.table, next.key);
        walked = next;
        return true;
    }

    private @Nullable Name nextAfter(@Nullable Name name) {
        if (name != null) {
            String key = from(name.table, name.key, false).keySet().stream().findFirst().orElse("");
            if (!key.isEmpty()) {
                return new Name(name.table, key);
            }
        }
        String table = name == null ? tables.ceilingKey("") : tables.higherKey(name.table);
        return table == null ? null : new Name(table, from(table, "", true).firstKey());
    }

    void write(Output out) {
        tables.forEach((table, rows) -> rows.forEach((key, row) -> write(table, key, row, out)));
    }

    private static void write(String table, String key, Row row, Output out) {
        out.byteValue(Images.ROW);
        out.text(table);
        out.text(key);
        out.bytes(row.value());
        out.varint(row.version());
        out.varint(row.expiresAt());
    }

    /// Takes in what follows [Images#ROW].
    void read(Input in) {
        put(in.text(), in.text(), new Row(in.bytes(), in.varint(), in.varint()));
    }
}
