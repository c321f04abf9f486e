package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;
import io.millstream.bench.Table;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;
import io.millstream.engine.state.StoredMessage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// How many bytes of heap messages of each kind and their keys take, beside what is charged for
/// them: folds the entries that the engine makes, and looks at what the heap holds more than
/// before.
final class QueueHeap {
    private static final long FILE_BYTES = 64L << 20;
    private static final int FRAME_BYTES = 4096;
    private static final int PER_FRAME = 50;
    private static final int MESSAGE_BYTES = 1060;
    private static final int AT_ONCE = 1000;
    private static final int KEYS = 1000;
    private static final int TYPES = 10;
    private static final int PRIORITIES = 10;
    private static final int COPIES = 10;
    private static final Duration FIRST_DELAY = Duration.ofHours(1);
    private static final long YEARS_SECONDS = Duration.ofDays(3650).toSeconds();
    private static final Duration WINDOW = Duration.ofDays(1);

    private final int many;

    /// @param many how many messages there are
    QueueHeap(int many) {
        this.many = many;
    }

    /// What happens to the messages once they are put.
    private enum Then {
        WAITING,
        LEASED,
        SETTLED
    }

    /// @param copies in how many queues each message is
    private record Kind(
            String words, QueueBuilder queue, QueueKind.Making makes, Then then, int copies) {}

    private static Kind kind(String words, QueueBuilder queue, QueueKind.Making makes, Then then) {
        return new Kind(words, queue, makes, then, 1);
    }

    private static QueueBuilder queue() {
        return Definition.Queue.builder(ChannelName.of("heap"));
    }

    private static QueueKind.Making keyed(int keys) {
        return (number, body) ->
                Message.builder(body).group("group-" + QueueKinds.mixed(number, keys)).build();
    }

    private static Message own(long number, Bytes body) {
        return Message.builder(body).group("group-" + number).build();
    }

    private static List<Kind> waiting() {
        QueueKind.Making plain = (_, body) -> Message.of(body);
        return List.of(
                kind("plain", queue(), plain, Then.WAITING),
                kind("plain, leased", queue(), plain, Then.LEASED),
                kind(
                        "priorities 0 to 9",
                        queue(),
                        (number, body) ->
                                Message.builder(body)
                                        .priority((int) QueueKinds.mixed(number, PRIORITIES))
                                        .build(),
                        Then.WAITING),
                kind(
                        "delayed, over ten years",
                        queue(),
                        (number, body) -> Message.builder(body).delay(delay(number)).build(),
                        Then.WAITING),
                kind(
                        "time to live of an hour each",
                        queue(),
                        (_, body) -> Message.builder(body).timeToLive(Duration.ofHours(1)).build(),
                        Then.WAITING),
                kind(
                        "10 types",
                        queue().typed(true),
                        (number, body) ->
                                Message.builder(body)
                                        .type("type-" + QueueKinds.mixed(number, TYPES))
                                        .build(),
                        Then.WAITING),
                new Kind("plain, each in 10 queues", queue(), plain, Then.WAITING, COPIES));
    }

    /// A time in the next ten years, so late that none comes during a run.
    static Duration delay(long number) {
        return FIRST_DELAY.plusSeconds(QueueKinds.mixed(number, (int) YEARS_SECONDS));
    }

    private static List<Kind> keyed() {
        QueueKind.Making once =
                (number, body) -> Message.builder(body).deduplication("once-" + number).build();
        QueueBuilder deduplicated =
                queue().deduplication(new Deduplication(WINDOW, Deduplication.Scope.QUEUE));
        QueueBuilder paced =
                queue().groups(Groups.FAIR)
                        .limits(Limits.NONE.withGroups(Limit.rate(Rate.of(1, WINDOW))));
        return List.of(
                kind("1000 groups", queue(), keyed(KEYS), Then.WAITING),
                kind("a group each", queue(), QueueHeap::own, Then.WAITING),
                kind("a group each, leased", queue(), QueueHeap::own, Then.LEASED),
                kind("1000 groups, fair", queue().groups(Groups.FAIR), keyed(KEYS), Then.WAITING),
                kind(
                        "a group each, fair",
                        queue().groups(Groups.FAIR),
                        QueueHeap::own,
                        Then.WAITING),
                kind("a group each with a rate", paced, QueueHeap::own, Then.WAITING),
                kind("gone: a group each with a rate", paced, QueueHeap::own, Then.SETTLED),
                kind("deduplicated", deduplicated, once, Then.WAITING),
                kind("gone: deduplicated", deduplicated, once, Then.SETTLED));
    }

    void run() {
        Table table =
                new Table(
                        "messages of 1 KB",
                        "messages",
                        "heap MB",
                        "bytes each",
                        "charged bytes each",
                        "heap / charged");
        List<Kind> kinds = new ArrayList<>(waiting());
        kinds.addAll(keyed());
        for (Kind kind : kinds) {
            long before = Heap.used();
            State state = fold(kind);
            long heap = Heap.used() - before;
            long charged = state.heap().bytes();
            table.row(
                    kind.words,
                    many,
                    "%.1f".formatted(heap / 1e6),
                    "%.1f".formatted((double) heap / many),
                    "%.1f".formatted((double) charged / many),
                    "%.2f".formatted((double) heap / charged));
            System.err.printf("%s: %d bytes, charged %d%n", kind.words, heap, charged);
        }
        System.out.println("### Heap of messages and keys\n");
        System.out.println(
                "What is charged is what the bound on the heap counts. Of what is gone, the keys"
                        + " are left.\n");
        System.out.println(table);
        System.out.flush();
    }

    private State fold(Kind kind) {
        State state = new State(FILE_BYTES);
        state.advance(1);
        for (int channel = 1; channel <= kind.copies; channel++) {
            Definition.Queue definition = kind.queue.build();
            state.apply(
                    new Entry.QueueDefined(
                            channel,
                            channel,
                            kind.copies == 1 ? definition : numbered(definition, channel)),
                    0,
                    1);
        }
        put(state, kind);
        if (kind.then != Then.WAITING) {
            take(state, kind.then == Then.SETTLED);
        }
        return state;
    }

    private static Definition.Queue numbered(Definition.Queue definition, int channel) {
        return Definition.Queue.of(ChannelName.of(definition.name().name() + channel));
    }

    private void put(State state, Kind kind) {
        long position = FRAME_BYTES;
        for (int i = 0; i < many / kind.copies; i++) {
            if (i % PER_FRAME == 0) {
                position = (position + FRAME_BYTES) / FRAME_BYTES * FRAME_BYTES;
                state.advance(state.now() + 1);
            }
            byte[] message = StoredMessage.encode(kind.makes.message(i, Bytes.EMPTY));
            state.apply(put(kind, i + 1, message), position, MESSAGE_BYTES);
            position += MESSAGE_BYTES;
        }
    }

    private static Entry put(Kind kind, long sequence, byte[] message) {
        if (kind.copies == 1) {
            return new Entry.Put(1, sequence, message);
        }
        return new Entry.FannedOut(
                LongStream.rangeClosed(1, kind.copies)
                        .mapToObj(channel -> new Entry.FannedOut.Slot(channel, sequence))
                        .toList(),
                message);
    }

    private void take(State state, boolean settled) {
        for (long first = 1; first <= many; first += AT_ONCE) {
            long[] sequences =
                    LongStream.rangeClosed(first, Math.min(many, first + AT_ONCE - 1)).toArray();
            state.apply(new Entry.Taken(1, Entry.Taken.SESSION, sequences), 0, 1);
            for (long sequence : settled ? sequences : new long[0]) {
                state.apply(new Entry.Settled(1, sequence, false), 0, 1);
            }
        }
    }
}
