package io.millstream.engine.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// CRC32C, begun with the id of the data directory: bytes of another directory, or a message's body
/// that looks like a frame, never pass.
final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer id = ByteBuffer.allocate(Long.BYTES);

    Checksum(long directoryId) {
        id.putLong(0, directoryId);
    }

    /// The checksum of `length` bytes from index `from` on.
    int of(ByteBuffer bytes, int from, int length) {
        crc.reset();
        crc.update(id.duplicate());
        crc.update(bytes.duplicate().limit(from + length).position(from));
        return (int) crc.getValue();
    }
}
