package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Tables;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Looks at the state for a [Query]. What takes time, decoding messages, is left to the answering
/// thread.
final class Finder {
    private final State state;
    private final Browser browser;
    private final RouteFinder routes;

    Finder(State state, RecordReader reader) {
        this.state = state;
        this.browser = new Browser(state, reader);
        this.routes = new RouteFinder(state);
    }

    /// The answer, to be finished outside the loop.
    @SuppressWarnings("unchecked")
    <V extends View> Supplier<Page<V>> find(Query<V> query) throws IOException {
        Supplier<? extends Page<? extends View>> page =
                switch (query) {
                    case Query.Queues queues -> done(queues(queues));
                    case Query.QueueNamed named -> done(named(named));
                    case Query.Topics topics -> done(topics(topics));
                    case Query.TopicNamed named -> done(named(named));
                    case Query.Cursors cursors -> done(cursors(cursors));
                    case Query.Rows rows -> done(rows(rows));
                    case Query.Browse browse -> browser.browse(browse);
                    case Query.Delayed delayed -> browser.delayed(delayed);
                    case Query.Exchanges exchanges -> done(routes.find(exchanges, now()));
                    case Query.ExchangeNamed named -> done(routes.find(named, now()));
                    case Query.Bindings bindings -> done(routes.find(bindings, now()));
                    case Query.Route route -> done(routes.find(route, now()));
                };
        return (Supplier<Page<V>>) page;
    }

    private static <T> Supplier<T> done(T value) {
        return () -> value;
    }

    private Page<View.QueueView> named(Query.QueueNamed named) {
        QueueState queue = state.queue(named.name());
        return new Page<>(queue == null ? List.of() : List.of(viewOf(queue)), null, now());
    }

    private Page<View.QueueView> queues(Query.Queues query) {
        Start start = Start.of(query.after(), query.prefix());
        return page(
                query,
                state.queuesFrom(start.in(query.host()), start.inclusive).values(),
                queue -> isIn(queue.definition().name(), query.host(), query.prefix()),
                Finder::viewOf,
                view -> view.definition().name().name());
    }

    /// Where a page begins among names in order.
    ///
    /// @param name the first name to look at, or the one before it
    /// @param inclusive whether that name itself is looked at
    private record Start(String name, boolean inclusive) {
        static Start of(@Nullable String after, String prefix) {
            return after == null || after.compareTo(prefix) < 0
                    ? new Start(prefix, true)
                    : new Start(after, false);
        }

        ChannelName in(String host) {
            return name.isEmpty() ? lowest(host) : new ChannelName(host, name);
        }
    }

    private static boolean isIn(ChannelName name, String host, String prefix) {
        return name.host().equals(host) && name.name().startsWith(prefix);
    }

    /// As many of `all` as the query's limit lets through, up to the first that does not belong.
    ///
    /// @param token what the next page begins after, of the last one that is shown
    private <T, V extends View> Page<V> page(
            Query<V> query,
            Collection<T> all,
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

    private static ChannelName lowest(String host) {
        return new ChannelName(host, "\0");
    }

    static View.QueueView viewOf(QueueState queue) {
        return new View.QueueView(
                queue.definition(),
                queue.channel(),
                queue.version(),
                Instant.ofEpochMilli(queue.created()),
                Instant.ofEpochMilli(queue.modified()),
                queue.counts());
    }

    private Page<View.TopicView> named(Query.TopicNamed named) {
        TopicState topic = state.topics().topic(named.name());
        return new Page<>(topic == null ? List.of() : List.of(viewOf(topic)), null, now());
    }

    private Page<View.TopicView> topics(Query.Topics query) {
        Start start = Start.of(query.after(), query.prefix());
        return page(
                query,
                state.topics().from(start.in(query.host()), start.inclusive).values(),
                topic -> isIn(topic.definition().name(), query.host(), query.prefix()),
                Finder::viewOf,
                view -> view.definition().name().name());
    }

    static View.TopicView viewOf(TopicState topic) {
        return new View.TopicView(
                topic.definition(),
                topic.channel(),
                topic.version(),
                Instant.ofEpochMilli(topic.created()),
                Instant.ofEpochMilli(topic.modified()),
                topic.partitions().stream().map(Finder::viewOf).toList());
    }

    private static View.PartitionView viewOf(PartitionState partition) {
        return new View.PartitionView(partition.start(), partition.end(), partition.bytes());
    }

    private Page<View.CursorView> cursors(Query.Cursors query) {
        TopicState topic = state.topics().topic(query.topic());
        if (topic == null) {
            return new Page<>(List.of(), null, now());
        }
        Start start = Start.of(query.after(), query.prefix());
        return page(
                query,
                topic.cursors().tailMap(start.name, start.inclusive).keySet(),
                name -> name.startsWith(query.prefix()),
                name -> new View.CursorView(name, topic.offsetsOf(name)),
                View.CursorView::name);
    }

    private Page<View.RowView> rows(Query.Rows query) {
        Start start = Start.of(query.after(), query.prefix());
        return page(
                query,
                state.tables().from(query.table(), start.name, start.inclusive).entrySet(),
                entry -> entry.getKey().startsWith(query.prefix()),
                entry -> viewOf(entry.getKey(), entry.getValue()),
                View.RowView::key);
    }

    static View.RowView viewOf(String key, Tables.Row row) {
        return new View.RowView(key, row.value(), row.version(), expiry(row.expiresAt()));
    }

    private static @Nullable Instant expiry(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    static int limit(Query<?> query) {
        return Math.clamp(query.limit(), 1, Query.PAGE_ITEMS_MAX);
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }
}
