package io.millstream.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.state.Arrival;
import io.millstream.engine.state.DelayedOrder;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Standing;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Looks at the messages of queues. Decoding them is left to the answering thread.
final class Browser {
    private static final int BYTES_MAX = 16 << 20;

    private final State state;
    private final Pages pages;
    private final RecordReader reader;

    Browser(State state, Pages pages, RecordReader reader) {
        this.state = state;
        this.pages = pages;
        this.reader = reader;
    }

    /// A message as the loop saw it, still encoded.
    private record Seen(
            long sequence,
            View.MessageState status,
            int deliveries,
            long due,
            Location location,
            long channel,
            @Nullable Arrival arrival,
            byte[] entry) {
        View.MessageView toView(int bodyBytesMax) {
            Message message = Handed.message(entry, channel, sequence, arrival);
            Bytes body = message.body();
            return new View.MessageView(
                    sequence,
                    status,
                    deliveries,
                    Instant.ofEpochMilli(location.stored()),
                    due == 0 ? null : Instant.ofEpochMilli(due),
                    body.length(),
                    message.with().body(body.first(bodyBytesMax)).build());
        }
    }

    Supplier<Page<View.MessageView>> browse(Query.Browse query) throws IOException {
        QueueState queue = state.queue(query.queue());
        if (queue == null) {
            return nothing();
        }
        List<Seen> seen = new ArrayList<>();
        int limit = Pages.limit(query);
        long bytes = 0;
        long sequence = queue.next(number(query.after(), 0));
        while (sequence >= 0 && seen.size() < limit && bytes < BYTES_MAX) {
            seen.add(look(queue, sequence));
            bytes += seen.getLast().location.bytes();
            sequence = queue.next(sequence);
        }
        String next = sequence < 0 ? null : Long.toString(seen.getLast().sequence());
        return page(seen, next, query.queue(), query.bodyBytesMax());
    }

    Supplier<Page<View.MessageView>> delayed(Query.Delayed query) throws IOException {
        QueueState queue = state.queue(query.queue());
        if (queue == null) {
            return nothing();
        }
        List<Seen> seen = new ArrayList<>();
        int limit = Pages.limit(query);
        long bytes = 0;
        DelayedOrder order =
                new DelayedOrder(queue, number(query.after(), 0), number(query.after(), 1));
        long sequence = order.next();
        String last = null;
        while (sequence >= 0 && seen.size() < limit && bytes < BYTES_MAX) {
            seen.add(look(queue, sequence));
            bytes += seen.getLast().location.bytes();
            last = order.due() + "." + sequence;
            sequence = order.next();
        }
        return page(seen, sequence < 0 ? null : last, query.queue(), query.bodyBytesMax());
    }

    private Seen look(QueueState queue, long sequence) throws IOException {
        Location location = queue.locate(sequence);
        return new Seen(
                sequence,
                Standing.stateOf(queue, sequence),
                Standing.past(queue, sequence, state.now()).deliveries(),
                Standing.dueOf(queue, sequence),
                location,
                queue.channel(),
                queue.arrival(sequence),
                reader.read(location.position(), location.bytes()));
    }

    private Supplier<Page<View.MessageView>> nothing() {
        Page<View.MessageView> page = pages.none();
        return () -> page;
    }

    private Supplier<Page<View.MessageView>> page(
            List<Seen> seen, @Nullable String next, ChannelName queue, int bodyBytesMax) {
        Instant now = pages.now();
        int most = Math.max(0, bodyBytesMax);
        return () ->
                new Page<>(seen.stream().map(one -> toView(one, queue, most)).toList(), next, now);
    }

    private View.MessageView toView(Seen seen, ChannelName queue, int bodyBytesMax) {
        try {
            return seen.toView(bodyBytesMax);
        } catch (MalformedException damaged) {
            throw reader.damaged(seen.location.position(), seen.sequence, queue, damaged);
        }
    }

    /// One of the numbers of a token; one that no page gave starts from the beginning.
    private static long number(@Nullable String after, int index) {
        try {
            String[] numbers = after == null ? new String[0] : after.split("\\.", -1);
            return index < numbers.length ? Math.max(0, Long.parseLong(numbers[index])) : 0;
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }
}
