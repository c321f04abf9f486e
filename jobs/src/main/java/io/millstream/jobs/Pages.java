package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.Predicate;

/// Looks at all there is, page after page.
///
/// @param backend where
record Pages(Backend backend) {

    /// Asks for a page.
    @FunctionalInterface
    interface Asking<V extends View> {
        Query<V> after(@Nullable String after);
    }

    /// Looks until something is as asked. Blocks.
    ///
    /// @return that, or null if nothing is
    <V extends View> @Nullable V until(Asking<V> asking, Predicate<V> asked) {
        String after = null;
        do {
            Page<V> page = Answer.of(backend.find(asking.after(after))).page();
            for (V item : page.items()) {
                if (asked.test(item)) {
                    return item;
                }
            }
            after = page.next();
        } while (after != null);
        return null;
    }

    /// Looks at everything. Blocks.
    <V extends View> void each(Asking<V> asking, Consumer<V> consumer) {
        until(
                asking,
                item -> {
                    consumer.accept(item);
                    return false;
                });
    }

    /// Looks at all rows of which the keys begin so. Blocks.
    void eachRow(String table, String prefix, Consumer<View.RowView> consumer) {
        each(after -> new Query.Rows(table, prefix, after, Query.PAGE_ITEMS_MAX), consumer);
    }
}
