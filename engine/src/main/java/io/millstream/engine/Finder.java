package io.millstream.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Tables;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Looks at the state for a [Query]. What takes time, decoding messages, is left to the answering
/// thread.
final class Finder {
    private static final int BROWSE_BYTES_MAX = 16 << 20;

    private final State state;
    private final Dispatcher.RecordReader reader;

    Finder(State state, Dispatcher.RecordReader reader) {
        this.state = state;
        this.reader = reader;
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
                    case Query.Browse browse -> browse(browse);
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
        String after = query.after();
        boolean first = after == null || after.compareTo(query.prefix()) < 0;
        String start = after == null || first ? query.prefix() : after;
        ChannelName from =
                start.isEmpty() ? lowest(query.host()) : new ChannelName(query.host(), start);
        int limit = limit(query);
        List<View.QueueView> found = new ArrayList<>();
        for (Map.Entry<ChannelName, QueueState> entry : state.queuesFrom(from, first).entrySet()) {
            ChannelName name = entry.getKey();
            if (!name.host().equals(query.host()) || !name.name().startsWith(query.prefix())) {
                break;
            }
            if (found.size() == limit) {
                return new Page<>(found, found.getLast().definition().name().name(), now());
            }
            found.add(viewOf(entry.getValue()));
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
        String after = query.after();
        boolean first = after == null || after.compareTo(query.prefix()) < 0;
        String start = after == null || first ? query.prefix() : after;
        ChannelName from =
                start.isEmpty() ? lowest(query.host()) : new ChannelName(query.host(), start);
        int limit = limit(query);
        List<View.TopicView> found = new ArrayList<>();
        for (TopicState topic : state.topics().from(from, first).values()) {
            ChannelName name = topic.definition().name();
            if (!name.host().equals(query.host()) || !name.name().startsWith(query.prefix())) {
                break;
            }
            if (found.size() == limit) {
                return new Page<>(found, found.getLast().definition().name().name(), now());
            }
            found.add(viewOf(topic));
        }
        return new Page<>(found, null, now());
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
        String after = query.after();
        boolean first = after == null || after.compareTo(query.prefix()) < 0;
        String start = after == null || first ? query.prefix() : after;
        int limit = limit(query);
        List<View.CursorView> found = new ArrayList<>();
        for (String name : topic.cursors().tailMap(start, first).keySet()) {
            if (!name.startsWith(query.prefix())) {
                break;
            }
            if (found.size() == limit) {
                return new Page<>(found, found.getLast().name(), now());
            }
            found.add(new View.CursorView(name, topic.offsetsOf(name)));
        }
        return new Page<>(found, null, now());
    }

    private Page<View.RowView> rows(Query.Rows query) {
        String after = query.after();
        boolean first = after == null || after.compareTo(query.prefix()) < 0;
        String start = after == null || first ? query.prefix() : after;
        int limit = limit(query);
        List<View.RowView> found = new ArrayList<>();
        Map<String, Tables.Row> rows = state.tables().from(query.table(), start, first);
        for (Map.Entry<String, Tables.Row> entry : rows.entrySet()) {
            if (!entry.getKey().startsWith(query.prefix())) {
                break;
            }
            if (found.size() == limit) {
                return new Page<>(found, found.getLast().key(), now());
            }
            Tables.Row row = entry.getValue();
            found.add(
                    new View.RowView(
                            entry.getKey(), row.value(), row.version(), expiry(row.expiresAt())));
        }
        return new Page<>(found, null, now());
    }

    private static @Nullable Instant expiry(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    /// A message as the loop saw it, still encoded.
    private record Seen(
            long sequence, View.MessageState status, int deliveries, long stored, byte[] entry) {
        View.MessageView toView(int bodyBytesMax) {
            Message message = Handed.message(entry);
            Bytes body = message.body();
            return new View.MessageView(
                    sequence,
                    status,
                    deliveries,
                    Instant.ofEpochMilli(stored),
                    body.length(),
                    message.with().body(body.first(bodyBytesMax)).build());
        }
    }

    private Supplier<Page<View.MessageView>> browse(Query.Browse query) throws IOException {
        QueueState queue = state.queue(query.queue());
        Instant now = now();
        if (queue == null) {
            return done(new Page<>(List.of(), null, now));
        }
        List<Seen> seen = new ArrayList<>();
        int limit = limit(query);
        long bytes = 0;
        long sequence = queue.next(startOf(query.after()));
        while (sequence >= 0 && seen.size() < limit && bytes < BROWSE_BYTES_MAX) {
            Location location = queue.locate(sequence);
            bytes += location.bytes();
            seen.add(
                    new Seen(
                            sequence,
                            queue.stateOf(sequence),
                            queue.past(sequence, state.now()).deliveries(),
                            location.stored(),
                            reader.read(location.position(), location.bytes())));
            sequence = queue.next(sequence);
        }
        String next = sequence < 0 ? null : Long.toString(seen.getLast().sequence());
        int bodyBytesMax = Math.max(0, query.bodyBytesMax());
        return () ->
                new Page<>(seen.stream().map(one -> one.toView(bodyBytesMax)).toList(), next, now);
    }

    /// A token that no page gave starts from the beginning.
    private static long startOf(@Nullable String after) {
        try {
            return after == null ? 0 : Math.max(0, Long.parseLong(after));
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    private static int limit(Query<?> query) {
        return Math.clamp(query.limit(), 1, Query.PAGE_ITEMS_MAX);
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }
}
