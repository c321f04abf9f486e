package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Receipt;
import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.Senders;
import io.millstream.engine.state.Snapshot;
import io.millstream.engine.state.State;

import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/// Measures how many bytes of heap a queued message takes, by the way it came to be queued: folds
/// so many puts, as the engine does, and looks at what the heap holds more than before. Then takes
/// a snapshot as a checkpoint does, times each of its turns, and loads it as a start does. The same
/// of receipts that are remembered, a tenth as many.
public final class HeapBench {
    private static final long FILE_BYTES = 64L << 20;
    private static final int FRAME_BYTES = 4096;
    private static final int MESSAGE_BYTES = 1060;
    private static final int BURST_MESSAGES = 50;
    private static final int SETTLED_AT_ONCE = 1000;
    private static final int SLICE_BYTES = EngineOptions.standard().sliceBytes();
    private static final byte[] NOTHING = {};
    private static final long TODAY_MILLIS = 1_800_000_000_000L;

    private final int messages;

    /// A benchmark of as many messages as `arguments` say.
    public HeapBench(Arguments arguments) {
        this.messages = arguments.number("messages", 10_000_000);
    }

    /// How messages come.
    private enum Shape {
        BURSTS("one queue, 50 in a frame", 1, BURST_MESSAGES, false),
        TRICKLE("one queue, one in a frame", 1, 1, false),
        TWO_QUEUES("2 queues taking turns", 2, BURST_MESSAGES, false),
        THOUSAND_QUEUES("1000 queues taking turns", 1000, BURST_MESSAGES, false),
        EVERY_SECOND("as the first, all taken, every second one settled", 1, BURST_MESSAGES, true);

        private final String words;
        private final int queues;
        private final int perFrame;
        private final boolean settled;

        Shape(String words, int queues, int perFrame, boolean settled) {
            this.words = words;
            this.queues = queues;
            this.perFrame = perFrame;
            this.settled = settled;
        }
    }

    /// Runs and prints.
    public void run() {
        Table table =
                new Table(
                        "messages of 1 KB",
                        "queued",
                        "heap MB",
                        "bytes a message",
                        "accounted MB",
                        "checkpoint MB",
                        "turns",
                        "turn p50 ms",
                        "turn p99 ms",
                        "turn max ms",
                        "load ms");
        for (Shape shape : Shape.values()) {
            long before = Heap.used();
            State state = fold(shape);
            long heap = Heap.used() - before;
            long queued = 0;
            for (int queue = 1; queue <= shape.queues; queue++) {
                queued += queueOf(state, queue);
            }
            Snapshotted snapshot = new Snapshotted(state);
            table.row(
                    shape.words,
                    queued,
                    "%.1f".formatted(heap / 1e6),
                    "%.1f".formatted((double) heap / queued),
                    "%.1f".formatted(state.heap().bytes() / 1e6),
                    "%.1f".formatted(snapshot.bytes / 1e6),
                    snapshot.turns.getTotalCount(),
                    Figures.millis(snapshot.turns, 50),
                    Figures.millis(snapshot.turns, 99),
                    Figures.millis(snapshot.turns, 100),
                    snapshot.loadNanos / 1_000_000);
        }
        System.out.println("## Heap of queued messages\n");
        System.out.println(table);
        receipts();
    }

    /// Of commits that may be sent again: of those that put one message each.
    private void receipts() {
        Table table =
                new Table("receipts", "remembered", "heap MB", "bytes a receipt", "accounted MB");
        for (int each : new int[] {CommitId.ANSWERS_MAX, 100, 1}) {
            int senders = Math.max(1, messages / 10 / each);
            long before = Heap.used();
            State state = remembering(senders, each);
            long heap = Heap.used() - before;
            long receipts = (long) senders * each;
            table.row(
                    "%d of each of %d senders".formatted(each, senders),
                    receipts,
                    "%.1f".formatted(heap / 1e6),
                    "%.1f".formatted((double) heap / receipts),
                    "%.1f".formatted(state.heap().bytes() / 1e6));
        }
        System.out.println("## Heap of receipts that may be asked for again\n");
        System.out.println(table);
    }

    private static State remembering(int senders, int each) {
        State state = new State(FILE_BYTES);
        state.advance(TODAY_MILLIS);
        Instant now = Instant.ofEpochMilli(TODAY_MILLIS);
        for (int number = 0; number < each; number++) {
            for (int sender = 0; sender < senders; sender++) {
                CommitId id = new CommitId("%024d".formatted(sender), number, 0);
                List<Receipt.Effect> effects = List.of(new Receipt.Effect.Stored(1L << 20));
                Entry entry = Senders.entryOf(id, new Receipt.Committed(now, effects));
                state.apply(entry, 0, 1);
            }
        }
        return state;
    }

    private static long queueOf(State state, long channel) {
        var queue = state.queue(channel);
        return queue == null ? 0 : queue.size();
    }

    private State fold(Shape shape) {
        State state = new State(FILE_BYTES);
        state.advance(1);
        for (int queue = 1; queue <= shape.queues; queue++) {
            Definition.Queue definition = Definition.Queue.of(ChannelName.of("queue-" + queue));
            state.apply(new Entry.QueueDefined(queue, queue, definition), 0, 1);
        }
        long position = FRAME_BYTES;
        for (int i = 0; i < messages; i++) {
            if (i % shape.perFrame == 0) {
                // Messages of one frame follow each other; the next frame begins at a new block.
                position = (position + FRAME_BYTES) / FRAME_BYTES * FRAME_BYTES;
                state.advance(state.now() + 1);
            }
            long sequence = 1L + i / shape.queues;
            Entry put = new Entry.Put(1 + i % shape.queues, sequence, NOTHING);
            state.apply(put, position, MESSAGE_BYTES);
            position += MESSAGE_BYTES;
        }
        if (shape.settled) {
            settleEverySecond(state);
        }
        return state;
    }

    private void settleEverySecond(State state) {
        for (long from = 1; from <= messages; from += SETTLED_AT_ONCE) {
            long[] sequences = new long[(int) Math.min(SETTLED_AT_ONCE, messages - from + 1)];
            for (int i = 0; i < sequences.length; i++) {
                sequences[i] = from + i;
            }
            state.apply(new Entry.Taken(1, Entry.Taken.SESSION, sequences), 0, 1);
            for (int i = 0; i < sequences.length; i += 2) {
                state.apply(new Entry.Settled(1, sequences[i], false), 0, 1);
            }
        }
    }

    /// A snapshot that was taken and loaded, slice by slice.
    private static final class Snapshotted {
        private final Histogram turns = new Histogram(3);
        private final State loaded = new State(FILE_BYTES);
        private long bytes;
        private long loadNanos;

        Snapshotted(State state) {
            Snapshot snapshot = state.beginSnapshot(SLICE_BYTES);
            while (!snapshot.isDone()) {
                long start = System.nanoTime();
                snapshot.advance();
                turns.recordValue((System.nanoTime() - start) / 1000);
                snapshot.drainTo(this::load);
            }
            long loading = System.nanoTime();
            loaded.loaded();
            loadNanos += System.nanoTime() - loading;
        }

        private void load(ByteBuffer slice) {
            bytes += slice.remaining();
            long loading = System.nanoTime();
            loaded.load(slice);
            loadNanos += System.nanoTime() - loading;
        }
    }
}
