package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/// Part of what a [Query] sees.
///
/// @param items in the query's order
/// @param next what to ask after for the next page, or null if this is the last
/// @param asOf the backend's clock when it looked
/// @param <V> what is seen
public record Page<V extends View>(List<V> items, @Nullable String next, Instant asOf)
        implements Found<V> {
    /// Copies the items.
    public Page {
        items = List.copyOf(items);
    }

    /// This.
    @Override
    public Page<V> page() {
        return this;
    }
}
