package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.batch.RecordBatch;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.state.Entry.Appended;
import io.millstream.engine.state.Entry.CursorMoved;
import io.millstream.engine.state.Entry.Evacuated;
import io.millstream.engine.state.Entry.Expired;
import io.millstream.engine.state.Entry.Extended;
import io.millstream.engine.state.Entry.ExtentsMoved;
import io.millstream.engine.state.Entry.FannedOut;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.Returned;
import io.millstream.engine.state.Entry.RowWritten;
import io.millstream.engine.state.Entry.Settled;
import io.millstream.engine.state.Entry.Stranded;
import io.millstream.engine.state.Entry.Taken;
import io.millstream.engine.state.Entry.TopicDefined;
import io.millstream.engine.state.Entry.TopicRemoved;
import io.millstream.engine.state.Entry.Trimmed;
import io.millstream.engine.state.Entry.Uncount;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// The bytes of an [Entry] inside a frame.
///
/// ```
///  +------+---------------------------------------------+
///  | type | fields, as the entry's record lists them    |
///  | 1    | varints, texts, and a message's bytes last  |
///  +------+---------------------------------------------+
/// ```
///
/// Types are never renumbered; a new field means a new type. Those that are called old were written
/// by version 0.1.0.
public final class EntryCodec {
    private static final int OPENED = 1;

    private static final int QUEUE_DEFINED_OLD = 2;
    private static final int QUEUE_REMOVED = 3;
    private static final int PUT = 4;
    private static final int TAKEN = 5;
    private static final int SETTLED = 6;
    private static final int RETURNED = 7;
    private static final int EXTENDED = 8;
    private static final int MOVED_OLD = 9;
    private static final int STRANDED_OLD = 10;
    private static final int PURGED = 11;
    private static final int ROW_WRITTEN = 12;
    private static final int EVACUATED = 13;
    private static final int EXPIRED = 14;
    private static final int RESTORED = 15;
    private static final int QUEUE_DEFINED = 16;
    private static final int MOVED = 17;
    private static final int STRANDED = 18;
    private static final int DROPPED = 19;
    private static final int TRANSFERRED = 26;
    private static final int TOPIC_DEFINED = 20;
    private static final int TOPIC_REMOVED = 21;
    private static final int APPENDED = 22;
    private static final int TRIMMED = 23;
    private static final int CURSOR_MOVED = 24;
    private static final int EXTENTS_MOVED = 25;
    // From 30 to 33 they are those of [RouteCodec].
    private static final int FANNED_OUT = 34;
    private static final int ARCHIVE_BEGUN = 35;
    private static final int REPLAYED = 36;
    // 37 is that of [AnswerCodec].

    private static final int BEGINNING_BYTES = 8;

    private EntryCodec() {}

    /// Appends the bytes of `entry`.
    public static void encode(Entry entry, Output out) {
        switch (entry) {
            case Entry.Opened(int epoch, long graceMillis) ->
                    numbers(out, OPENED, epoch, graceMillis);
            case Entry.Restored(int epoch) -> numbers(out, RESTORED, epoch);
            case QueueDefined(long channel, long version, Definition.Queue definition) -> {
                numbers(out, QUEUE_DEFINED, channel, version);
                DefinitionCodec.encode(definition, out);
            }
            case Entry.QueueRemoved(long channel, long version) ->
                    numbers(out, QUEUE_REMOVED, channel, version);
            case Put(long channel, long sequence, byte[] message) -> {
                numbers(out, PUT, channel, sequence);
                out.raw(message);
            }
            case FannedOut fanned -> encodeFannedOut(fanned, out);
            case Entry.OfRoute ofRoute -> RouteCodec.encode(ofRoute, out);
            case Taken taken -> encodeTaken(taken, out);
            case Settled(long channel, long sequence, boolean dead) ->
                    numbers(out, SETTLED, channel, sequence, dead ? 1 : 0);
            case Returned(long channel, long sequence, long due, Uncount uncount) ->
                    numbers(out, RETURNED, channel, sequence, due, uncount.code);
            case Extended(long channel, long sequence, long deadline) ->
                    numbers(out, EXTENDED, channel, sequence, deadline);
            case Moved(long channel, long sequence, long target, long end, var cause, var why) -> {
                numbers(out, MOVED, channel, sequence, target, end);
                Deaths.write(cause, out);
                out.text(why);
            }
            case Entry.Transferred(long channel, long sequence, long target, long targetSequence) ->
                    numbers(out, TRANSFERRED, channel, sequence, target, targetSequence);
            case Entry.OfArchive ofArchive -> encodeOfArchive(ofArchive, out);
            case Entry.Answered answered -> AnswerCodec.encode(answered, out);
            case Entry.Dropped(long channel, long sequence) ->
                    numbers(out, DROPPED, channel, sequence);
            case Stranded stranded -> {
                numbers(out, STRANDED, stranded.channel(), stranded.sequence());
                Deaths.write(stranded.cause(), out);
                out.text(stranded.reason());
            }
            case Entry.Purged(long channel, long upTo) -> numbers(out, PURGED, channel, upTo);
            case Evacuated evacuated -> encodeEvacuated(evacuated, out);
            case Expired expired -> encodeExpired(expired, out);
            case TopicDefined(long channel, long version, Definition.Topic definition) -> {
                numbers(out, TOPIC_DEFINED, channel, version);
                TopicCodec.encode(definition, out);
            }
            case TopicRemoved(long channel, long version) ->
                    numbers(out, TOPIC_REMOVED, channel, version);
            case Appended appended -> encodeAppended(appended, out);
            case Trimmed(long channel, int partition, long start) ->
                    numbers(out, TRIMMED, channel, partition, start);
            case CursorMoved(long channel, int partition, String cursor, long offset) -> {
                numbers(out, CURSOR_MOVED, channel, partition, offset + 1);
                out.text(cursor);
            }
            case ExtentsMoved moved -> encodeExtentsMoved(moved, out);
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

    /// The message of a put, or of one into several queues, as frames and segments hold it: the
    /// entry's length, then the entry. Copies nothing.
    ///
    /// @param channel where it was put, or 0 if that may be anywhere
    /// @throws MalformedException if it is neither, or was put elsewhere
    public static ByteBuffer messageIn(byte[] framed, long channel, long sequence) {
        ByteBuffer buffer = ByteBuffer.wrap(framed);
        List<FannedOut.Slot> slots = slotsIn(buffer);
        if (channel != 0 && !slots.contains(new FannedOut.Slot(channel, sequence))) {
            throw new MalformedException("Another message lies where one was stored");
        }
        return buffer;
    }

    /// The places that the message behind them was put into; moves on to the message.
    private static List<FannedOut.Slot> slotsIn(ByteBuffer framed) {
        Input in = new Input(framed);
        boolean whole = in.varint() == framed.remaining();
        int type = in.byteValue();
        if (!whole || (type != PUT && type != FANNED_OUT)) {
            throw new MalformedException("There is no message where one was stored");
        }
        return slots(in, type == PUT ? 1 : in.size());
    }

    private static void encodeOfArchive(Entry.OfArchive entry, Output out) {
        switch (entry) {
            case Entry.ArchiveBegun(long channel, long archive) ->
                    numbers(out, ARCHIVE_BEGUN, channel, archive);
            case Entry.Replayed(long channel, long kept, long sequence) ->
                    numbers(out, REPLAYED, channel, kept, sequence);
        }
    }

    private static void encodeFannedOut(FannedOut fanned, Output out) {
        numbers(out, FANNED_OUT, fanned.slots().size());
        for (FannedOut.Slot slot : fanned.slots()) {
            out.varint(slot.channel());
            out.varint(slot.sequence());
        }
        out.raw(fanned.message());
    }

    private static List<FannedOut.Slot> slots(Input in, int count) {
        List<FannedOut.Slot> slots = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            slots.add(new FannedOut.Slot(in.varint(), in.varint()));
        }
        return slots;
    }

    /// The bytes of the next entry of `framed`, as frames and segments hold it after its length;
    /// moves on. Copies nothing.
    ///
    /// @throws MalformedException if there is no whole one
    public static ByteBuffer next(ByteBuffer framed) {
        int length = new Input(framed).size();
        ByteBuffer entry = framed.slice(framed.position(), length);
        framed.position(framed.position() + length);
        return entry;
    }

    /// A batch as an append stored it.
    ///
    /// @param stored when, in milliseconds since 1970
    /// @param batch its bytes
    public record StoredBatch(long stored, ByteBuffer batch) {
        /// How many offsets it takes.
        public int offsets() {
            return RecordBatch.offsets(batch);
        }

        /// The offset of its first record.
        public long offset() {
            return RecordBatch.baseOffset(batch);
        }
    }

    /// The batch in `entry`, which should be an append to this partition at this offset. Copies
    /// nothing.
    ///
    /// @throws MalformedException if it is not, or its checksum is wrong
    public static StoredBatch batchIn(ByteBuffer entry, long channel, int partition, long offset) {
        StoredBatch batch = batchIn(entry, channel, partition);
        if (batch.offset() != offset) {
            throw new MalformedException("A batch has the offset of another one");
        }
        return batch;
    }

    /// The batch in `entry`, which should be an append to this partition. Copies nothing.
    ///
    /// @throws MalformedException if it is not, or a checksum is wrong
    public static StoredBatch batchIn(ByteBuffer entry, long channel, int partition) {
        Input in = new Input(entry);
        if (in.byteValue() != APPENDED || in.varint() != channel || in.varint() != partition) {
            throw new MalformedException("There is no batch where one was stored");
        }
        long stored = in.varint();
        int check = in.fixedInt();
        if (!RecordBatch.isSound(entry)) {
            throw new MalformedException("A batch's checksum is wrong");
        }
        StoredBatch batch = new StoredBatch(stored, entry);
        if (check != placeCheck(channel, partition, stored, batch.offset())) {
            throw new MalformedException("The checksum of a batch's offset and time is wrong");
        }
        return batch;
    }

    /// The first bytes of each append to a partition.
    public static byte[] beginningOfBatch(long channel, int partition) {
        Output out = new Output(BEGINNING_BYTES);
        numbers(out, APPENDED, channel, partition);
        return out.toArray();
    }

    /// Proves what a batch's own checksum does not cover.
    private static int placeCheck(long channel, int partition, long stored, long baseOffset) {
        byte[] place = new byte[3 * Long.BYTES + Integer.BYTES];
        ByteBuffer.wrap(place)
                .putLong(channel)
                .putLong(stored)
                .putLong(baseOffset)
                .putInt(partition);
        CRC32C crc = new CRC32C();
        crc.update(place, 0, place.length);
        return (int) crc.getValue();
    }

    /// How many bytes a put takes where it is stored, its length included.
    static int putBytes(long channel, long sequence, int messageBytes) {
        int bytes = 1 + Output.varintBytes(channel) + Output.varintBytes(sequence) + messageBytes;
        return Output.varintBytes(bytes) + bytes;
    }

    /// A put, or one into several queues, as [#messageIn] takes it; malformed if it is neither.
    public static FannedOut putIn(byte[] framed) {
        ByteBuffer buffer = ByteBuffer.wrap(framed);
        List<FannedOut.Slot> slots = slotsIn(buffer);
        return new FannedOut(slots, new Input(buffer).rest());
    }

    /// The entry whose bytes remain in `buffer`.
    ///
    /// @throws MalformedException if no version of this codec wrote them
    public static Entry decode(ByteBuffer buffer) {
        Input in = new Input(buffer);
        int type = in.byteValue();
        return switch (type) {
            case OPENED -> new Entry.Opened(in.intValue(), in.varint());
            case RESTORED -> new Entry.Restored(in.intValue());
            case QUEUE_DEFINED ->
                    new QueueDefined(in.varint(), in.varint(), DefinitionCodec.decode(in));
            case QUEUE_DEFINED_OLD -> OldEntries.queueDefined(in);
            case QUEUE_REMOVED -> new Entry.QueueRemoved(in.varint(), in.varint());
            case PUT -> new Put(in.varint(), in.varint(), in.rest());
            case FANNED_OUT -> new FannedOut(slots(in, in.size()), in.rest());
            case TAKEN -> decodeTaken(in);
            case SETTLED -> new Settled(in.varint(), in.varint(), in.bool());
            case RETURNED ->
                    new Returned(in.varint(), in.varint(), in.varint(), Uncount.of(in.byteValue()));
            case EXTENDED -> new Extended(in.varint(), in.varint(), in.varint());
            case MOVED ->
                    new Moved(
                            in.varint(),
                            in.varint(),
                            in.varint(),
                            in.varint(),
                            Deaths.readCause(in),
                            in.text());
            case MOVED_OLD -> OldEntries.moved(in);
            case TRANSFERRED ->
                    new Entry.Transferred(in.varint(), in.varint(), in.varint(), in.varint());
            case ARCHIVE_BEGUN -> new Entry.ArchiveBegun(in.varint(), in.varint());
            case REPLAYED -> new Entry.Replayed(in.varint(), in.varint(), in.varint());
            case AnswerCodec.ANSWERED -> AnswerCodec.decode(in);
            case DROPPED -> new Entry.Dropped(in.varint(), in.varint());
            case STRANDED ->
                    new Stranded(in.varint(), in.varint(), Deaths.readCause(in), in.text());
            case STRANDED_OLD -> OldEntries.stranded(in);
            case PURGED -> new Entry.Purged(in.varint(), in.varint());
            case EVACUATED -> decodeEvacuated(in);
            case EXPIRED -> decodeExpired(in);
            case TOPIC_DEFINED -> new TopicDefined(in.varint(), in.varint(), TopicCodec.decode(in));
            case TOPIC_REMOVED -> new TopicRemoved(in.varint(), in.varint());
            case APPENDED -> decodeAppended(in);
            case TRIMMED -> new Trimmed(in.varint(), in.intValue(), in.varint());
            case CURSOR_MOVED -> decodeCursorMoved(in);
            case EXTENTS_MOVED -> decodeExtentsMoved(in);
            case ROW_WRITTEN ->
                    new RowWritten(
                            in.text(), in.text(), in.optionalBytes(), in.varint(), in.varint());
            default -> decodeOther(type, in);
        };
    }

    private static Entry decodeOther(int type, Input in) {
        if (RouteCodec.isOfRoute(type)) {
            return RouteCodec.decode(type, in);
        }
        throw new MalformedException(
                "An entry has type "
                        + type
                        + ", which this version does not know. Was the directory"
                        + " written by a later version?");
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

    /// Each range by its distance from the one before, and its length.
    private static void encodeExpired(Expired expired, Output out) {
        numbers(out, EXPIRED, expired.channel(), expired.ranges().size());
        long previous = 0;
        for (Expired.Range range : expired.ranges()) {
            out.varint(range.first() - previous);
            out.varint(range.end() - range.first());
            previous = range.end();
        }
    }

    private static Expired decodeExpired(Input in) {
        long channel = in.varint();
        int size = in.size();
        List<Expired.Range> ranges = new ArrayList<>(size);
        long previous = 0;
        for (int i = 0; i < size; i++) {
            long first = previous + in.varint();
            previous = first + in.varint();
            ranges.add(new Expired.Range(first, previous));
        }
        return new Expired(channel, ranges);
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static void encodeAppended(Appended appended, Output out) {
        long stored = appended.stored();
        long offset = appended.baseOffset();
        byte[] batch = appended.batch();
        numbers(out, APPENDED, appended.channel(), appended.partition(), stored);
        out.fixedInt(placeCheck(appended.channel(), appended.partition(), stored, offset));
        out.raw(batch);
        out.patchLong(out.length() - batch.length, offset);
    }

    private static Appended decodeAppended(Input in) {
        long channel = in.varint();
        int partition = in.intValue();
        long stored = in.varint();
        // The frame's checksum has proved it.
        in.fixedInt();
        byte[] batch = in.rest();
        if (batch.length < RecordBatch.HEADER_BYTES) {
            throw new MalformedException("A batch has " + batch.length + " bytes");
        }
        long baseOffset = RecordBatch.baseOffset(ByteBuffer.wrap(batch));
        return new Appended(channel, partition, stored, baseOffset, batch);
    }

    private static CursorMoved decodeCursorMoved(Input in) {
        long channel = in.varint();
        int partition = in.intValue();
        long offset = in.varint() - 1;
        return new CursorMoved(channel, partition, in.text(), offset);
    }

    private static void encodeExtentsMoved(ExtentsMoved moved, Output out) {
        numbers(out, EXTENTS_MOVED, moved.channel(), moved.partition(), moved.parts().size());
        for (ExtentsMoved.Place part : moved.parts()) {
            out.varint(part.first());
            out.varint(part.position());
        }
    }

    private static ExtentsMoved decodeExtentsMoved(Input in) {
        long channel = in.varint();
        int partition = in.intValue();
        int size = in.size();
        List<ExtentsMoved.Place> parts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            parts.add(new ExtentsMoved.Place(in.varint(), in.varint()));
        }
        return new ExtentsMoved(channel, partition, parts);
    }

    private static void numbers(Output out, int type, long... fields) {
        out.byteValue(type);
        for (long field : fields) {
            out.varint(field);
        }
    }
}
