package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/// A row as a look at it has seen it.
///
/// @param row what is there, or null if there is none
/// @param asOf the backend's clock at the look
record RowLook(View.@Nullable RowView row, Instant asOf) {

    /// Looks. Does not block.
    static CompletionStage<RowLook> ask(Backend backend, String table, String key) {
        return backend.find(new Query.Rows(table, key, null, 1))
                .thenApply(found -> of(found.page(), key));
    }

    /// Looks. Blocks.
    static RowLook at(Backend backend, String table, String key) {
        return Answer.of(ask(backend, table, key));
    }

    /// Rows are asked for by how their keys begin, in the order of their keys.
    private static RowLook of(Page<View.RowView> page, String key) {
        boolean isThere = !page.items().isEmpty() && page.items().getFirst().key().equals(key);
        return new RowLook(isThere ? page.items().getFirst() : null, page.asOf());
    }

    /// The row's version, or 0 if there is none.
    long version() {
        return row == null ? 0 : row.version();
    }

    /// Writes the row, or removes it, unless it has changed since the look.
    static Operation.Write write(
            String table,
            String key,
            @Nullable Bytes value,
            long version,
            @Nullable Instant expiresAt) {
        Expect same = version == 0 ? Expect.Nothing.NOTHING : new Expect.Version(version);
        return new Operation.Write(table, key, value, same, expiresAt);
    }
}
