package io.millstream.engine;

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
import java.util.function.Supplier;

/// Looks at the state for a [Query]. What takes time, decoding messages, is left to the answering
/// thread.
final class Finder {
    private final State state;
    private final Pages pages;
    private final Browser browser;
    private final RouteFinder routes;

    Finder(State state, RecordReader reader) {
        this.state = state;
        this.pages = new Pages(state);
        this.browser = new Browser(state, pages, reader);
        this.routes = new RouteFinder(state, pages);
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
                    case Query.Exchanges exchanges -> done(routes.find(exchanges));
                    case Query.ExchangeNamed named -> done(routes.find(named));
                    case Query.Bindings bindings -> done(routes.find(bindings));
                    case Query.Route route -> done(routes.find(route));
                };
        return (Supplier<Page<V>>) page;
    }

    private static <T> Supplier<T> done(T value) {
        return () -> value;
    }

    private Page<View.QueueView> named(Query.QueueNamed named) {
        QueueState queue = state.queue(named.name());
        return pages.ofOne(queue == null ? null : viewOf(queue));
    }

    private Page<View.QueueView> queues(Query.Queues query) {
        return pages.ofHost(
                query,
                query.host(),
                query.prefix(),
                state::queuesFrom,
                Finder::viewOf,
                view -> view.definition().name());
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
        return pages.ofOne(topic == null ? null : viewOf(topic));
    }

    private Page<View.TopicView> topics(Query.Topics query) {
        return pages.ofHost(
                query,
                query.host(),
                query.prefix(),
                state.topics()::from,
                Finder::viewOf,
                view -> view.definition().name());
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
            return pages.none();
        }
        return pages.ofKeys(
                query,
                query.prefix(),
                topic.cursors(),
                cursor -> new View.CursorView(cursor.getKey(), topic.offsetsOf(cursor.getKey())),
                View.CursorView::name);
    }

    private Page<View.RowView> rows(Query.Rows query) {
        return pages.ofKeys(
                query,
                query.prefix(),
                state.tables().from(query.table(), "", true),
                row -> viewOf(row.getKey(), row.getValue()),
                View.RowView::key);
    }

    static View.RowView viewOf(String key, Tables.Row row) {
        return new View.RowView(key, row.value(), row.version(), expiry(row.expiresAt()));
    }

    private static @Nullable Instant expiry(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }
}
