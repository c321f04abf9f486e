package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Via;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Receives of FIFO queues that their receivers gave an id: who asks again under the same id within
/// five minutes gets the same messages by the same handles, with a whole visibility timeout, unless
/// any of them has been deleted, or its visibility changed or ended meanwhile.
///
/// In the table `sqs.attempts`, gone after five minutes: a row for each attempt, one line for each
/// message with its handle and what the backend tells of a message only when it is handed out; and
/// a row for each handle, which a change of its visibility removes.
///
/// @param tools what it uses
record Attempts(Tools tools) {
    private static final String TABLE = "sqs.attempts";
    private static final Duration WINDOW = QueueAttribute.DEDUPLICATION_WINDOW;
    private static final String NOWHERE = "-";

    /// One message of an attempt.
    ///
    /// @param handle by which it was received
    /// @param deliveries how often it had been received by then
    /// @param firstDelivered when for the first time
    /// @param from the queue that it died in, or null
    private record Line(
            Handle handle, int deliveries, Instant firstDelivered, @Nullable ChannelName from) {

        static Line of(Lease lease) {
            return new Line(
                    lease.handle(),
                    lease.deliveries(),
                    lease.firstDelivered(),
                    lease.via() instanceof Via.DeadLettered died ? died.from() : null);
        }

        static Line read(String text, ChannelName queue, Tools tools) {
            String[] words = text.split(" ");
            String from = URLDecoder.decode(words[3], StandardCharsets.UTF_8);
            return new Line(
                    tools.handles().parse(queue, words[0]),
                    Integer.parseInt(words[1]),
                    Instant.ofEpochMilli(Long.parseLong(words[2])),
                    from.equals(NOWHERE) ? null : ChannelName.of(from));
        }

        String text(Tools tools) {
            String died = from == null ? NOWHERE : from.name();
            return tools.handles().write(handle)
                    + ' '
                    + deliveries
                    + ' '
                    + firstDelivered.toEpochMilli()
                    + ' '
                    + URLEncoder.encode(died, StandardCharsets.UTF_8);
        }

        Lease lease(View.MessageView seen, Instant until) {
            return new Lease(
                    handle,
                    deliveries,
                    deliveries,
                    seen.stored(),
                    firstDelivered,
                    until,
                    from == null ? Via.Direct.DIRECT : died(from, seen.stored()),
                    seen.message());
        }

        private static Via died(ChannelName from, Instant at) {
            return new Via.DeadLettered(from, Via.Cause.ATTEMPTS, "", at, 1, List.of());
        }
    }

    private static String key(View.QueueView queue, String id) {
        return "attempt/" + Long.toHexString(queue.incarnation()) + '/' + id;
    }

    private static String key(Handle handle) {
        return "handle/"
                + Long.toHexString(handle.incarnation())
                + '/'
                + handle.sequence()
                + '/'
                + handle.fence().epoch()
                + '/'
                + handle.fence().position();
    }

    /// Forgets that a message was received by an attempt: it has been changed.
    static Operation changed(Handle handle) {
        return new Operation.Write(TABLE, key(handle), null, Expect.Anything.ANYTHING, null);
    }

    /// Notes what an attempt received. Where there is no room for the note, the attempt cannot be
    /// repeated and the messages go out all the same: they are leased already, and consumers make
    /// the room.
    ///
    /// @return whether it was noted
    CompletionStage<Boolean> note(View.QueueView queue, String id, List<Lease> leases) {
        if (leases.isEmpty()) {
            return CompletableFuture.completedStage(true);
        }
        Instant until = tools.store().now().plus(WINDOW);
        List<Operation> rows = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (Lease lease : leases) {
            lines.append(Line.of(lease).text(tools)).append('\n');
            rows.add(row(key(lease.handle()), "", until));
        }
        rows.add(row(key(queue, id), lines.toString(), until));
        return tools.store()
                .commit(rows.toArray(Operation[]::new))
                .thenApply(Receipt.Committed.class::isInstance);
    }

    private static Operation row(String key, String text, Instant until) {
        return new Operation.Write(TABLE, key, Bytes.utf8(text), Expect.Anything.ANYTHING, until);
    }

    /// What the attempt received, or nothing if it cannot be repeated.
    CompletionStage<List<Lease>> again(View.QueueView queue, String id, Duration visibility) {
        return find(key(queue, id))
                .thenCompose(text -> {
                    if (text == null) {
                        return none();
                    }
                    ChannelName name = queue.definition().name();
                    List<Line> lines =
                            text.lines().map(line -> Line.read(line, name, tools)).toList();
                    return untouched(lines, 0)
                            .thenCompose(all -> all ? extend(lines, visibility) : none());
                });
    }

    private static CompletionStage<List<Lease>> none() {
        return CompletableFuture.completedStage(List.of());
    }

    private CompletionStage<@Nullable String> find(String key) {
        return tools.store()
                .find(new Query.Rows(TABLE, key, null, 1))
                .thenApply(page -> {
                    for (View.RowView row : page.items()) {
                        if (row.key().equals(key)) {
                            return row.value().utf8();
                        }
                    }
                    return null;
                });
    }

    private CompletionStage<Boolean> untouched(List<Line> lines, int index) {
        if (index == lines.size()) {
            return CompletableFuture.completedStage(true);
        }
        return find(key(lines.get(index).handle()))
                .thenCompose(row ->
                        row == null
                                ? CompletableFuture.completedStage(false)
                                : untouched(lines, index + 1));
    }

    /// All of them or none: a handle that has ended refuses the whole commit.
    private CompletionStage<List<Lease>> extend(List<Line> lines, Duration visibility) {
        List<Operation> extensions = new ArrayList<>();
        for (Line line : lines) {
            extensions.add(new Operation.Extend(line.handle(), visibility, true));
        }
        return tools.store()
                .commit(List.of(Commit.of(extensions.toArray(Operation[]::new))))
                .thenCompose(receipts ->
                        receipts.getFirst() instanceof Receipt.Committed done
                                ? read(lines, 0, done.now().plus(visibility), new ArrayList<>())
                                : none());
    }

    private CompletionStage<List<Lease>> read(
            List<Line> lines, int index, Instant until, List<Lease> read) {
        if (index == lines.size()) {
            return CompletableFuture.completedStage(read);
        }
        Line line = lines.get(index);
        return tools.store()
                .find(message(line.handle(), Integer.MAX_VALUE))
                .thenCompose(page -> {
                    for (View.MessageView seen : page.items()) {
                        if (seen.sequence() == line.handle().sequence()) {
                            read.add(line.lease(seen, until));
                        }
                    }
                    return read(lines, index + 1, until, read);
                });
    }

    /// Looks at the message of a handle, or at the next one if it is gone.
    static Query.Browse message(Handle handle, int bodyBytesMax) {
        return new Query.Browse(
                handle.queue(), bodyBytesMax, Long.toString(handle.sequence() - 1), 1);
    }
}
