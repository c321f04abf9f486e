package io.millstream.engine.batch;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/// Lays out messages as one batch with base offset 0, uncompressed and without a producer's
/// numbers. Each record is
///
/// ```
///  +--------+------------+-----------+--------+--------+-----+--------+-------+-------+---------+
///  | length | attributes | timestamp | offset | length | key | length | value | count | headers |
///  |        | 1, zero    | delta     | delta  | or -1  |     | or -1  |       |       |         |
///  +--------+------------+-----------+--------+--------+-----+--------+-------+-------+---------+
/// ```
///
/// and each header a name and a value with their lengths; numbers are zigzag varints. What Kafka
/// has no field for goes into one more header, see [Properties].
public final class BatchWriter {
    private static final int RECORD_BYTES = 64;
    private static final int ABSENT = -1;
    private static final byte[] HEADER = new byte[RecordBatch.HEADER_BYTES];

    private final Output record = new Output(256);
    private final Output properties = new Output(64);

    private BatchWriter() {}

    /// The bytes of a batch of `messages`, of which there is at least one.
    ///
    /// @param nowMillis the timestamp of those that have no time of their own, since 1970
    public static byte[] write(List<Message> messages, long nowMillis) {
        int capacity = RecordBatch.HEADER_BYTES;
        for (Message message : messages) {
            capacity += RECORD_BYTES + message.body().length();
        }
        Output out = new Output(capacity);
        out.raw(HEADER);
        long base = timestamp(messages.getFirst(), nowMillis);
        long highest = base;
        BatchWriter writer = new BatchWriter();
        for (int i = 0; i < messages.size(); i++) {
            long timestamp = timestamp(messages.get(i), nowMillis);
            highest = Math.max(highest, timestamp);
            writer.record(messages.get(i), timestamp - base, i);
            out.zigzag(writer.record.length());
            out.raw(writer.record.array(), writer.record.length());
        }
        byte[] batch = out.toArray();
        head(ByteBuffer.wrap(batch), messages.size(), base, highest);
        return batch;
    }

    private static long timestamp(Message message, long nowMillis) {
        Instant time = message.time();
        return time == null ? nowMillis : time.toEpochMilli();
    }

    private static void head(ByteBuffer batch, int count, long base, long highest) {
        batch.putInt(RecordBatch.LENGTH_AT, batch.limit() - RecordBatch.LEADER_EPOCH_AT)
                .put(RecordBatch.MAGIC_AT, (byte) RecordBatch.MAGIC)
                .putInt(RecordBatch.LAST_DELTA_AT, count - 1)
                .putLong(RecordBatch.BASE_TIMESTAMP_AT, base)
                .putLong(RecordBatch.MAX_TIMESTAMP_AT, highest)
                .putLong(RecordBatch.PRODUCER_ID_AT, RecordBatch.NO_PRODUCER)
                .putShort(RecordBatch.PRODUCER_EPOCH_AT, (short) RecordBatch.NO_PRODUCER)
                .putInt(RecordBatch.BASE_NUMBER_AT, (int) RecordBatch.NO_PRODUCER)
                .putInt(RecordBatch.COUNT_AT, count)
                .putInt(RecordBatch.CRC_AT, RecordBatch.checksum(batch));
    }

    private void record(Message message, long timestampDelta, int offsetDelta) {
        record.clear();
        record.byteValue(0);
        record.zigzag(timestampDelta);
        record.zigzag(offsetDelta);
        optional(message.key());
        optional(message.body());
        boolean more = Properties.has(message);
        record.zigzag(message.headers().size() + (more ? 1 : 0));
        for (Header header : message.headers()) {
            text(header.name());
            optional(header.value());
        }
        if (more) {
            properties.clear();
            Properties.write(message, properties);
            text(Properties.HEADER);
            record.zigzag(properties.length());
            record.raw(properties.array(), properties.length());
        }
    }

    private void optional(@Nullable Bytes value) {
        record.zigzag(value == null ? ABSENT : value.length());
        if (value != null) {
            record.append(value);
        }
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        record.zigzag(utf8.length);
        record.raw(utf8);
    }
}
