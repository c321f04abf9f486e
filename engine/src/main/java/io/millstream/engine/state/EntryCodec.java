package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.state.Entry.Evacuated;
import io.millstream.engine.state.Entry.Extended;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.Opened;
import io.millstream.engine.state.Entry.Purged;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.QueueRemoved;
import io.millstream.engine.state.Entry.Returned;
import io.millstream.engine.state.Entry.RowWritten;
import io.millstream.engine.state.Entry.Settled;
import io.millstream.engine.state.Entry.Stranded;
import io.millstream.engine.state.Entry.Taken;
import io.millstream.engine.state.Entry.Uncount;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The bytes of an [Entry] inside a frame.
///
/// ```
///  +------+---------------------------------------------+
///  | type | fields, as the entry's record lists them    |
///  | 1    | varints, texts, and a message's bytes last  |
///  +------+---------------------------------------------+
/// ```
///
/// Types are never renumbered; a new field means a new type.
public final class EntryCodec {
    private static final int OPENED = 1;
    private static final int QUEUE_DEFINED = 2;
    private static final int QUEUE_REMOVED = 3;
    private static final int PUT = 4;
    private static final int TAKEN = 5;
    private static final int SETTLED = 6;
    private static final int RETURNED = 7;
    private static final int EXTENDED = 8;
    private static final int MOVED = 9;
    private static final int STRANDED = 10;
    private static final int PURGED = 11;
    private static final int ROW_WRITTEN = 12;
    private static final int EVACUATED = 13;

    private EntryCodec() {}

    /// Appends the bytes of `entry`.
    public static void encode(Entry entry, Output out) {
        switch (entry) {
            case Opened(int epoch, long graceMillis) -> numbers(out, OPENED, epoch, graceMillis);
            case QueueDefined(long channel, long version, Definition.Queue definition) -> {
                numbers(out, QUEUE_DEFINED, channel, version);
                encodeQueue(definition, out);
            }
            case QueueRemoved(long channel, long version) ->
                    numbers(out, QUEUE_REMOVED, channel, version);
            case Put(long channel, long sequence, byte[] message) -> {
                numbers(out, PUT, channel, sequence);
                out.raw(message);
            }
            case Taken taken -> encodeTaken(taken, out);
            case Settled(long channel, long sequence, boolean dead) ->
                    numbers(out, SETTLED, channel, sequence, dead ? 1 : 0);
            case Returned(long channel, long sequence, long due, Uncount uncount) ->
                    numbers(out, RETURNED, channel, sequence, due, uncount.code);
            case Extended(long channel, long sequence, long deadline) ->
                    numbers(out, EXTENDED, channel, sequence, deadline);
            case Moved(
                            long channel,
                            long sequence,
                            long target,
                            long targetSequence,
                            String reason) -> {
                numbers(out, MOVED, channel, sequence, target, targetSequence);
                out.text(reason);
            }
            case Stranded(long channel, long sequence, String reason) -> {
                numbers(out, STRANDED, channel, sequence);
                out.text(reason);
            }
            case Purged(long channel, long upTo) -> numbers(out, PURGED, channel, upTo);
            case Evacuated evacuated -> encodeEvacuated(evacuated, out);
            case RowWritten row -> {
                out.byteValue(ROW_WRITTEN);
                out.text(row.table());
                out.text(row.key());
                out.optionalBytes(row.value());
                out.varint(row.version());
                out.varint(row.expiresAt());
            }
        }
    }

    /// The message of a put, as frames and segments hold it: the put's length, then the put. Copies
    /// nothing.
    ///
    /// @throws MalformedException if it is no put
    public static ByteBuffer messageIn(byte[] framed) {
        ByteBuffer buffer = ByteBuffer.wrap(framed);
        Input in = new Input(buffer);
        if (in.varint() != buffer.remaining() || in.byteValue() != PUT) {
            throw new MalformedException("There is no message where one was stored");
        }
        in.varint();
        in.varint();
        return buffer;
    }

    /// A put as frames and segments hold it: its length, then its bytes.
    ///
    /// @throws MalformedException if it is no put
    public static Put putIn(byte[] framed) {
        ByteBuffer buffer = ByteBuffer.wrap(framed);
        Input in = new Input(buffer);
        if (in.varint() != buffer.remaining() || in.byteValue() != PUT) {
            throw new MalformedException("There is no message where one was stored");
        }
        return new Put(in.varint(), in.varint(), in.rest());
    }

    /// The entry whose bytes remain in `buffer`.
    ///
    /// @throws MalformedException if no version of this codec wrote them
    public static Entry decode(ByteBuffer buffer) {
        Input in = new Input(buffer);
        int type = in.byteValue();
        return switch (type) {
            case OPENED -> new Opened(in.intValue(), in.varint());
            case QUEUE_DEFINED -> new QueueDefined(in.varint(), in.varint(), decodeQueue(in));
            case QUEUE_REMOVED -> new QueueRemoved(in.varint(), in.varint());
            case PUT -> new Put(in.varint(), in.varint(), in.rest());
            case TAKEN -> decodeTaken(in);
            case SETTLED -> new Settled(in.varint(), in.varint(), in.bool());
            case RETURNED ->
                    new Returned(in.varint(), in.varint(), in.varint(), Uncount.of(in.byteValue()));
            case EXTENDED -> new Extended(in.varint(), in.varint(), in.varint());
            case MOVED -> new Moved(in.varint(), in.varint(), in.varint(), in.varint(), in.text());
            case STRANDED -> new Stranded(in.varint(), in.varint(), in.text());
            case PURGED -> new Purged(in.varint(), in.varint());
            case EVACUATED -> decodeEvacuated(in);
            case ROW_WRITTEN ->
                    new RowWritten(
                            in.text(), in.text(), in.optionalBytes(), in.varint(), in.varint());
            default ->
                    throw new MalformedException(
                            "An entry has type "
                                    + type
                                    + ", which this version does not know. Was the directory"
                                    + " written by a later version?");
        };
    }

    static void encodeQueue(Definition.Queue queue, Output out) {
        encodeName(queue.name(), out);
        out.varint(queue.maxAttempts());
        ChannelName deadLetter = queue.deadLetter();
        out.bool(deadLetter != null);
        if (deadLetter != null) {
            encodeName(deadLetter, out);
        }
        out.varint(queue.maxInFlight());
        out.texts(queue.arguments());
    }

    static Definition.Queue decodeQueue(Input in) {
        ChannelName name = decodeName(in);
        int maxAttempts = in.intValue();
        ChannelName deadLetter = in.bool() ? decodeName(in) : null;
        return new Definition.Queue(name, maxAttempts, deadLetter, in.intValue(), in.texts());
    }

    static void encodeName(ChannelName name, Output out) {
        out.text(name.host());
        out.text(name.name());
    }

    static ChannelName decodeName(Input in) {
        return new ChannelName(in.text(), in.text());
    }

    private static void encodeTaken(Taken taken, Output out) {
        numbers(out, TAKEN, taken.channel(), taken.deadline(), taken.sequences().length);
        long previous = 0;
        for (long sequence : taken.sequences()) {
            out.varint(zigzag(sequence - previous));
            previous = sequence;
        }
    }

    private static Taken decodeTaken(Input in) {
        long channel = in.varint();
        long deadline = in.varint();
        long[] sequences = new long[in.size()];
        long previous = 0;
        for (int i = 0; i < sequences.length; i++) {
            long encoded = in.varint();
            previous += (encoded >>> 1) ^ -(encoded & 1);
            sequences[i] = previous;
        }
        return new Taken(channel, deadline, sequences);
    }

    private static void encodeEvacuated(Evacuated evacuated, Output out) {
        numbers(out, EVACUATED, evacuated.channel(), evacuated.parts().size());
        for (Evacuated.Part part : evacuated.parts()) {
            out.varint(part.first());
            out.varint(part.position());
            out.varint(part.copied());
        }
    }

    private static Evacuated decodeEvacuated(Input in) {
        long channel = in.varint();
        int size = in.size();
        List<Evacuated.Part> parts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            parts.add(new Evacuated.Part(in.varint(), in.varint(), in.varint()));
        }
        return new Evacuated(channel, parts);
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static void numbers(Output out, int type, long... fields) {
        out.byteValue(type);
        for (long field : fields) {
            out.varint(field);
        }
    }
}
