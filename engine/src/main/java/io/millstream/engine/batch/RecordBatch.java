package io.millstream.engine.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The head of a batch: where its fields lie, and whether its bytes are sound.
///
/// ```
///  0            8        12       16      17       21           23
///  +------------+--------+--------+-------+--------+------------+-------------+
///  | base       | length | leader | magic | CRC32C | attributes | last offset |
///  | offset     |        | epoch  | = 2   |        |            | delta       |
///  +------------+--------+--------+-------+--------+------------+-------------+
///  27          35         43         51         53       57      61
///  +-----------+----------+----------+----------+--------+-------+- - - - - - -
///  | base      | highest  | producer | producer | base   | count | records
///  | timestamp | timestamp| id       | epoch    | number |       |
///  +-----------+----------+----------+----------+--------+-------+- - - - - - -
/// ```
///
/// Big-endian. The length counts what follows it; the checksum covers everything from the
/// attributes on, so a batch gets its base offset without being touched otherwise. (Kafka protocol
/// guide, "Record Batch".)
public final class RecordBatch {
    /// The bytes before the first record.
    public static final int HEADER_BYTES = 61;

    static final int BASE_OFFSET_AT = 0;
    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_NUMBER_AT = 53;
    static final int COUNT_AT = 57;
    static final int MAGIC = 2;
    static final long NO_PRODUCER = -1;

    private static final int LENGTH_END = 12;
    private static final int CODEC_MASK = 7;

    private RecordBatch() {}

    /// Whether what remains in `batch` is one whole batch with the right checksum.
    public static boolean isSound(ByteBuffer batch) {
        int start = batch.position();
        return batch.remaining() >= HEADER_BYTES
                && batch.getInt(start + LENGTH_AT) == batch.remaining() - LENGTH_END
                && batch.get(start + MAGIC_AT) == MAGIC
                && batch.getInt(start + CRC_AT) == checksum(batch);
    }

    /// The offset of its first record.
    public static long baseOffset(ByteBuffer batch) {
        return batch.getLong(batch.position() + BASE_OFFSET_AT);
    }

    /// How many offsets it takes.
    public static int offsets(ByteBuffer batch) {
        return batch.getInt(batch.position() + LAST_DELTA_AT) + 1;
    }

    /// How many records it holds.
    static int count(ByteBuffer batch) {
        return batch.getInt(batch.position() + COUNT_AT);
    }

    static long baseTimestamp(ByteBuffer batch) {
        return batch.getLong(batch.position() + BASE_TIMESTAMP_AT);
    }

    /// Whether its records are compressed, so that reading them needs a codec.
    static boolean isCompressed(ByteBuffer batch) {
        return (batch.getShort(batch.position() + ATTRIBUTES_AT) & CODEC_MASK) != 0;
    }

    /// The checksum of what remains in `batch`, from the attributes on.
    static int checksum(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.slice().position(ATTRIBUTES_AT));
        return (int) crc.getValue();
    }
}
