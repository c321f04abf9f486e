package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import java.nio.ByteBuffer;

/// The bytes of a [State], as checkpoints hold them.
///
/// ```
///  +--------+-----------------------------------------+---------+--------+--------+--------+
///  | format | epoch now entries versions channels     | lineage | tables | queues | topics |
///  | 1, = 2 | last segment                            |         |        |        |        |
///  +--------+-----------------------------------------+---------+--------+--------+--------+
/// ```
final class Snapshot {
    private static final int FORMAT = 2;

    private Snapshot() {}

    static void write(State state, Output out) {
        out.varint(FORMAT);
        out.varint(state.epoch);
        out.varint(state.now);
        out.varint(state.entries);
        out.varint(state.versions);
        out.varint(state.channels);
        out.varint(state.lastSegment);
        state.lineage.write(out);
        state.tables.write(out);
        out.varint(state.byChannel.size());
        state.byChannel.values().forEach(queue -> QueueCodec.write(queue, out));
        state.topics.write(out);
    }

    static State read(ByteBuffer bytes, long fileBytes) {
        Input in = new Input(bytes);
        long format = in.varint();
        if (format != FORMAT) {
            throw new MalformedException("A snapshot has format " + format);
        }
        State state = new State(fileBytes);
        state.epoch = in.intValue();
        state.now = in.varint();
        state.entries = in.varint();
        state.versions = in.varint();
        state.channels = in.varint();
        state.lastSegment = in.intValue();
        state.lineage = Lineage.read(in);
        state.tables = Tables.read(in);
        int queues = in.size();
        for (int i = 0; i < queues; i++) {
            state.restore(QueueCodec.read(in, fileBytes));
        }
        state.topics.read(in);
        return state;
    }
}
