package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import java.nio.ByteBuffer;

/// The items of a [Snapshot], one after the other; a byte says what each is, see [Images]. The
/// first one holds what belongs to no channel:
///
/// ```
///   +---+--------+--------------------------------------------------+---------+
///   | 1 | format | epoch now entries versions channels last-segment | lineage |
///   +---+--------+--------------------------------------------------+---------+
/// ```
///
/// The others are in [Tables], [QueueCodec], [TopicItems], [Routes] and [Senders]. What an item
/// belongs to comes before it; besides that they come in any order.
final class SnapshotCodec {
    private static final int FORMAT = 3;

    private SnapshotCodec() {}

    static void write(State state, Output out) {
        writeGlobals(state, out);
        state.tables.write(out);
        state.byChannel.values().forEach(queue -> QueueCodec.write(queue, out));
        state.topics.write(out);
        state.routes.write(out);
        state.senders.write(out);
    }

    static void writeGlobals(State state, Output out) {
        out.byteValue(Images.GLOBALS);
        out.varint(FORMAT);
        out.varint(state.epoch);
        out.varint(state.now);
        out.varint(state.entries);
        state.numbers.write(out);
        state.lineage.write(out);
    }

    static void load(State state, ByteBuffer slice) {
        Input in = new Input(slice);
        while (!in.atEnd()) {
            int item = in.byteValue();
            switch (item) {
                case Images.GLOBALS -> readGlobals(state, in);
                case Images.ROW -> state.tables.read(in);
                case Images.SENDER -> state.senders.readSender(in);
                case Images.ANSWER -> state.senders.readAnswer(in);
                case Images.EXCHANGE -> state.routes.readExchange(in);
                case Images.BINDING -> state.routes.readBinding(in);
                case Images.QUEUE, Images.QUEUE_OLD ->
                        state.restore(
                                QueueCodec.readHead(
                                        item == Images.QUEUE_OLD,
                                        in,
                                        state.fileBytes,
                                        state.images,
                                        state.heap.part()));
                case Images.RUN, Images.RUN_OLD -> {
                    QueueState queue = queueOf(in, state, "A run");
                    QueueCodec.readRun(item == Images.RUN_OLD, queue, in, state.live, state.now)
                            .forEach(state.agenda::add);
                }
                case Images.SEEN -> {
                    QueueState queue = queueOf(in, state, "A page of keys");
                    queue.equal().restore(SeenKeys.Page.read(in));
                }
                case Images.PACES -> {
                    QueueState queue = queueOf(in, state, "A page of paces");
                    queue.needThrottle().paces().restore(Paces.Page.read(in));
                }
                default -> TopicItems.read(item, in, state.topics);
            }
        }
    }

    /// The queue that the next number names, which something belongs to.
    private static QueueState queueOf(Input in, State state, String what) {
        QueueState queue = state.byChannel.get(in.varint());
        if (queue == null) {
            throw new MalformedException(what + " comes before its queue");
        }
        return queue;
    }

    private static void readGlobals(State state, Input in) {
        long format = in.varint();
        if (format != FORMAT) {
            throw new MalformedException("A snapshot has format " + format);
        }
        state.epoch = in.intValue();
        state.now = in.varint();
        state.entries = in.varint();
        state.numbers.read(in);
        state.lineage = Lineage.read(in);
    }
}
