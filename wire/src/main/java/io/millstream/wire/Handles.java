package io.millstream.wire;

import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.api.Handle;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32C;

/// A lease's handle as a text: opaque to its holders, who pass it back as it came.
///
/// In URL-safe base64 without padding, big endian; host and name in UTF-8, the default host empty:
///
/// ```
///  0         1       5          13            21         29       31
/// +---------+-------+----------+-------------+----------+--------+------+------+--------+
/// | version | epoch | position | incarnation | sequence | host's | host | name | CRC32C |
/// |    1    |       |          |             |          | bytes  |      |      | of all |
/// +---------+-------+----------+-------------+----------+--------+------+------+--------+
/// ```
///
/// The checksum finds what was cut, mixed up or made up. It is no secret: that somebody may settle
/// in a queue is for the door to decide, by [Handle#queue]. One text stands for one handle.
final class Handles {
    private static final byte VERSION = 1;
    private static final int EPOCH_AT = 1;
    private static final int POSITION_AT = 5;
    private static final int INCARNATION_AT = 13;
    private static final int SEQUENCE_AT = 21;
    private static final int HOST_BYTES_AT = 29;
    private static final int HOST_AT = 31;
    private static final int SUM_BYTES = Integer.BYTES;
    private static final int UTF8_BYTES_MAX = 3;
    private static final int BYTES_MAX =
            HOST_AT + 2 * UTF8_BYTES_MAX * ChannelName.NAME_CHARS_MAX + SUM_BYTES;

    /// The longest text, in characters.
    static final int CHARS_MAX = (BYTES_MAX * 4 + 2) / 3;

    private Handles() {}

    static String write(Handle handle) {
        ChannelName queue = handle.queue();
        byte[] host =
                queue.host().equals(ChannelName.DEFAULT_HOST)
                        ? new byte[0]
                        : Kinds.unbroken(queue.host()).getBytes(StandardCharsets.UTF_8);
        byte[] name = Kinds.unbroken(queue.name()).getBytes(StandardCharsets.UTF_8);
        int sumAt = HOST_AT + host.length + name.length;
        byte[] bytes = new byte[sumAt + SUM_BYTES];
        ByteBuffer.wrap(bytes)
                .put(0, VERSION)
                .putInt(EPOCH_AT, handle.fence().epoch())
                .putLong(POSITION_AT, handle.fence().position())
                .putLong(INCARNATION_AT, handle.incarnation())
                .putLong(SEQUENCE_AT, handle.sequence())
                .putShort(HOST_BYTES_AT, (short) host.length)
                .put(HOST_AT, host)
                .put(HOST_AT + host.length, name)
                .putInt(sumAt, sum(bytes, sumAt));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// The handle that a text stands for; null if it stands for none.
    static @Nullable Handle read(String text) {
        try {
            byte[] bytes =
                    text.length() > CHARS_MAX ? new byte[0] : Base64.getUrlDecoder().decode(text);
            int sumAt = bytes.length - SUM_BYTES;
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (sumAt <= HOST_AT
                    || bytes[0] != VERSION
                    || buffer.getInt(sumAt) != sum(bytes, sumAt)) {
                return null;
            }
            int hostBytes = buffer.getShort(HOST_BYTES_AT);
            if (hostBytes < 0 || HOST_AT + hostBytes >= sumAt) {
                return null;
            }
            String host = new String(bytes, HOST_AT, hostBytes, StandardCharsets.UTF_8);
            int nameAt = HOST_AT + hostBytes;
            String name = new String(bytes, nameAt, sumAt - nameAt, StandardCharsets.UTF_8);
            Handle handle =
                    new Handle(
                            new ChannelName(hostBytes == 0 ? ChannelName.DEFAULT_HOST : host, name),
                            buffer.getLong(INCARNATION_AT),
                            buffer.getLong(SEQUENCE_AT),
                            new Fence(buffer.getInt(EPOCH_AT), buffer.getLong(POSITION_AT)));
            return write(handle).equals(text) ? handle : null;
        } catch (IllegalArgumentException none) {
            return null;
        }
    }

    private static int sum(byte[] bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }
}
