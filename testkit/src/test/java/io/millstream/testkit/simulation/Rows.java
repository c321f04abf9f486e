package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.Operation;
import io.millstream.api.View;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What the rows of the one table must be.
final class Rows {
    static final String TABLE = "rows";

    private record Row(Bytes value, long version, long expiresAt) {
        boolean isExpired(long now) {
            return expiresAt != 0 && expiresAt <= now;
        }
    }

    private final Names names;
    private final Map<String, Row> rows = new HashMap<>();

    /// Rows that had expired when they were written: they are there for a moment or not.
    private final Set<String> moot = new HashSet<>();

    /// The last row of each key that was looked for and had expired.
    private final Map<String, Row> expired = new HashMap<>();

    Rows(Names names) {
        this.names = names;
    }

    /// The version that a client may know, or 0.
    long version(String key) {
        Row row = rows.get(key);
        return row == null ? 0 : row.version;
    }

    private long version(String key, long now) {
        Row row = rows.get(key);
        return row == null || row.isExpired(now) ? 0 : row.version;
    }

    private static String subject(String key) {
        return "row " + key;
    }

    /// A write was acknowledged.
    ///
    /// @param version what it was given, or 0 for a removal
    void written(Operation.Write write, long version, long now) {
        String key = write.key();
        if (!moot.remove(key)) {
            Names.requireMet(write.expect(), version(key, now), subject(key));
        }
        if (write.value() != null && write.expiresAt() != null && expiryOf(write) <= now) {
            moot.add(key);
        }
        if (write.value() == null) {
            rows.remove(key);
        } else {
            names.version(version, subject(key));
            rows.put(key, new Row(write.value(), version, expiryOf(write)));
        }
    }

    private static long expiryOf(Operation.Write write) {
        return write.expiresAt() == null ? 0 : write.expiresAt().toEpochMilli();
    }

    /// A write was refused because of what was there.
    void conflicted(String key, long reported, long now) {
        PromiseBroken.unless(
                reported == version(key, now) || moot.contains(key),
                subject(key),
                "Refused because of version %d, but %d is there",
                reported,
                version(key, now));
    }

    /// Whether this write is what the row shows now, which no other write could have made.
    static boolean shows(List<View.RowView> found, Operation.Write write) {
        return found.stream()
                .anyMatch(
                        row -> row.key().equals(write.key()) && row.value().equals(write.value()));
    }

    /// Takes over what is there when nothing is under way.
    ///
    /// @param unknown writes of which nobody knows whether they happened
    void compare(List<View.RowView> found, List<Operation.Write> unknown, long now) {
        Map<String, View.RowView> views = new HashMap<>();
        found.forEach(view -> views.put(view.key(), view));
        for (View.RowView view : found) {
            Row row = rows.get(view.key());
            long expiresAt = view.expiresAt() == null ? 0 : view.expiresAt().toEpochMilli();
            boolean same =
                    row != null
                            && row.equals(new Row(view.value(), view.version(), expiresAt))
                            && !row.isExpired(now);
            // If the wall clock is behind, an engine that comes back does not know how late it was.
            boolean again =
                    new Row(view.value(), view.version(), expiresAt)
                            .equals(expired.get(view.key()));
            boolean changed =
                    unknown.stream()
                            .anyMatch(write ->
                                    write.key().equals(view.key())
                                            && view.value().equals(write.value())
                                            && expiryOf(write) == expiresAt);
            PromiseBroken.unless(
                    same || again || changed,
                    subject(view.key()),
                    "It is %s version %d, but %s was acknowledged",
                    view.value().utf8(),
                    view.version(),
                    row == null ? "nothing" : row.value.utf8() + " version " + row.version);
            rows.put(view.key(), new Row(view.value(), view.version(), expiresAt));
        }
        for (Map.Entry<String, Row> entry : List.copyOf(rows.entrySet())) {
            if (!views.containsKey(entry.getKey())) {
                boolean removable =
                        entry.getValue().isExpired(now)
                                || unknown.stream()
                                        .anyMatch(write ->
                                                write.key().equals(entry.getKey())
                                                        && (write.value() == null
                                                                || write.expiresAt() != null));
                PromiseBroken.unless(
                        removable,
                        subject(entry.getKey()),
                        "The row is gone, but %s was acknowledged",
                        Objects.toString(entry.getValue().value.utf8()));
                expired.put(entry.getKey(), entry.getValue());
                rows.remove(entry.getKey());
            }
        }
    }
}
