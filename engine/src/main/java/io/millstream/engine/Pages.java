package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// Cuts pages out of what the state keeps in the order of names.
///
/// What a query asks for may be a name that nothing can have; then nothing is found.
final class Pages {
    private static final String LOWEST = "\0";

    private final State state;

    Pages(State state) {
        this.state = state;
    }

    /// The time that a page is of.
    Instant now() {
        return Instant.ofEpochMilli(state.now());
    }

    /// How many items a page may have.
    static int limit(Query<?> query) {
        return Math.clamp(query.limit(), 1, Query.PAGE_ITEMS_MAX);
    }

    /// An empty page.
    <V extends View> Page<V> none() {
        return new Page<>(List.of(), null, now());
    }

    /// A page of one item, or an empty one for null.
    <V extends View> Page<V> ofOne(@Nullable V view) {
        return view == null ? none() : new Page<>(List.of(view), null, now());
    }

    /// Where a page begins among names in order.
    ///
    /// @param name the first name to look at, or the one before it
    /// @param inclusive whether that name itself is looked at
    record Start(String name, boolean inclusive) {
        static Start of(@Nullable String after, String prefix) {
            return after == null || after.compareTo(prefix) < 0
                    ? new Start(prefix, true)
                    : new Start(after, false);
        }

        /// The same place among names of channels. None of them is longer than
        /// [ChannelName#NAME_CHARS_MAX], so none is between a longer name and what that one is cut
        /// to.
        private Start amongChannels() {
            if (name.isEmpty()) {
                return new Start(LOWEST, true);
            }
            return name.length() > ChannelName.NAME_CHARS_MAX
                    ? new Start(name.substring(0, ChannelName.NAME_CHARS_MAX), false)
                    : this;
        }
    }

    /// What is kept by its name, from a name on.
    interface ByName<T> {
        NavigableMap<ChannelName, T> from(ChannelName name, boolean inclusive);
    }

    /// Those of a host whose names begin with a prefix.
    ///
    /// @param name what an item is called
    <T, V extends View> Page<V> ofHost(
            Query<V> query,
            String host,
            String prefix,
            ByName<T> all,
            Function<T, V> view,
            Function<V, ChannelName> name) {
        if (!isHost(host) || prefix.length() > ChannelName.NAME_CHARS_MAX) {
            return none();
        }
        Start start = Start.of(query.after(), prefix).amongChannels();
        return of(
                query,
                all.from(new ChannelName(host, start.name), start.inclusive).entrySet(),
                entry -> isIn(entry.getKey(), host, prefix),
                entry -> view.apply(entry.getValue()),
                item -> name.apply(item).name());
    }

    /// Whether there can be a host of this name.
    static boolean isHost(String host) {
        return !host.isEmpty() && host.length() <= ChannelName.NAME_CHARS_MAX;
    }

    /// The first of all names in a host.
    static ChannelName lowest(String host) {
        return new ChannelName(host, LOWEST);
    }

    private static boolean isIn(ChannelName name, String host, String prefix) {
        return name.host().equals(host) && name.name().startsWith(prefix);
    }

    /// Those of a plain map whose keys begin with a prefix.
    <T, V extends View> Page<V> ofKeys(
            Query<V> query,
            String prefix,
            NavigableMap<String, T> all,
            Function<Map.Entry<String, T>, V> view,
            Function<V, String> token) {
        Start start = Start.of(query.after(), prefix);
        return of(
                query,
                all.tailMap(start.name, start.inclusive).entrySet(),
                entry -> entry.getKey().startsWith(prefix),
                view,
                token);
    }

    /// As many of `all` as the query's limit lets through, up to the first that does not belong.
    ///
    /// @param token what the next page begins after, of the last one that is shown
    <T, V extends View> Page<V> of(
            Query<V> query,
            Iterable<T> all,
            Predicate<T> belongs,
            Function<T, V> view,
            Function<V, String> token) {
        int limit = limit(query);
        List<V> found = new ArrayList<>();
        for (T one : all) {
            if (!belongs.test(one)) {
                break;
            }
            if (found.size() == limit) {
                return new Page<>(found, token.apply(found.getLast()), now());
            }
            found.add(view.apply(one));
        }
        return new Page<>(found, null, now());
    }
}
