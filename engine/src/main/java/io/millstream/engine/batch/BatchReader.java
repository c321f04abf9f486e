package io.millstream.engine.batch;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Reads the records of an uncompressed batch, one after the other. Bytes that are no batch end in
/// a [MalformedException].
public final class BatchReader {
    private final long baseOffset;
    private final long baseTimestamp;
    private final Input in;
    private int left;

    /// Reads what remains in `batch`, whose checksum has been looked at.
    ///
    /// @throws MalformedException if it is none, or compressed, which takes a codec that the engine
    ///   lacks
    public BatchReader(ByteBuffer batch) {
        if (batch.remaining() < RecordBatch.HEADER_BYTES) {
            throw new MalformedException("A batch ends within its header");
        }
        if (RecordBatch.isCompressed(batch)) {
            throw new MalformedException("A batch is compressed");
        }
        this.baseOffset = RecordBatch.baseOffset(batch);
        this.baseTimestamp = RecordBatch.baseTimestamp(batch);
        this.left = RecordBatch.count(batch);
        this.in = new Input(batch.slice().position(RecordBatch.HEADER_BYTES));
        if (left < 0) {
            throw new MalformedException("A batch has " + left + " records");
        }
    }

    /// One record.
    ///
    /// @param offset its offset in the partition
    /// @param message what was appended
    public record Read(long offset, Message message) {}

    /// Whether there is another record.
    public boolean hasNext() {
        return left > 0;
    }

    /// The next record.
    public Read next() {
        Input record = record();
        record.byteValue();
        Instant timestamp = Instant.ofEpochMilli(baseTimestamp + record.zigzag());
        long offset = baseOffset + record.zigzag();
        Bytes key = optional(record);
        Bytes body = optional(record);
        Message.Builder message = Message.builder(body == null ? Bytes.EMPTY : body).key(key);
        try {
            headers(record, message, timestamp);
            return new Read(offset, message.build());
        } catch (IllegalArgumentException impossible) {
            throw new MalformedException("A record is no message: " + impossible.getMessage());
        }
    }

    /// The key of the next record, which is skipped; null if it has none.
    public @Nullable Bytes nextKey() {
        Input record = record();
        record.byteValue();
        record.zigzag();
        record.zigzag();
        return optional(record);
    }

    private Input record() {
        left--;
        return in.part(in.zigzagInt());
    }

    private static void headers(Input record, Message.Builder message, Instant timestamp) {
        int count = record.zigzagInt();
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = present(optional(record)).utf8();
            Bytes value = optional(record);
            if (i == count - 1 && name.equals(Properties.HEADER) && value != null) {
                Properties.read(new Input(value.asBuffer()), message, headers, timestamp);
                return;
            }
            headers.add(new Header(name, Header.BYTES, value == null ? Bytes.EMPTY : value));
        }
        headers.forEach(message::header);
    }

    private static @Nullable Bytes optional(Input in) {
        int length = in.zigzagInt();
        return length < 0 ? null : in.bytes(length);
    }

    private static Bytes present(@Nullable Bytes value) {
        if (value == null) {
            throw new MalformedException("A header has no name");
        }
        return value;
    }
}
