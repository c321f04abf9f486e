package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// The bytes of one message in the log, made and read outside the engine loop.
///
/// ```
///  0        4        5
///  +--------+--------+---------------------------------------------------+
///  | CRC32C | format | key id type contentType correlationId replyTo     |
///  | 4, of  | 1      | group priority delay ttl trace time               |
///  | the    |        | headers: count (name type value)*  body           |
///  | rest   |        |                                                   |
///  +--------+--------+---------------------------------------------------+
/// ```
///
/// The checksum is the message's own, beside the frame's, so that a body read back alone is still
/// proved.
public final class StoredMessage {
    private static final int CRC_BYTES = 4;
    private static final int FORMAT = 1;

    private StoredMessage() {}

    /// The bytes of `message`.
    public static byte[] encode(Message message) {
        Output out = new Output(128 + message.body().length());
        out.fixedInt(0);
        out.byteValue(FORMAT);
        out.optionalBytes(message.key());
        out.optionalText(message.id());
        out.optionalText(message.type());
        out.optionalText(message.contentType());
        out.optionalText(message.correlationId());
        out.optionalText(message.replyTo());
        out.optionalText(message.group());
        out.varint(message.priority());
        out.varint(message.delay().toMillis());
        out.varint(optionalMillis(message.timeToLive()));
        out.optionalText(message.trace());
        Instant time = message.time();
        out.bool(time != null);
        if (time != null) {
            out.varint(time.toEpochMilli());
        }
        out.varint(message.headers().size());
        for (Header header : message.headers()) {
            out.text(header.name());
            out.text(header.type());
            out.bytes(header.value());
        }
        out.bytes(message.body());
        out.patchInt(
                0, checksum(ByteBuffer.wrap(out.array(), CRC_BYTES, out.length() - CRC_BYTES)));
        return out.toArray();
    }

    /// Whether the checksum of what remains in `stored` is right.
    public static boolean isSound(ByteBuffer stored) {
        return stored.remaining() > CRC_BYTES
                && stored.getInt(stored.position()) == checksum(stored.slice().position(CRC_BYTES));
    }

    /// The message whose bytes remain in `stored`. Copies nothing but what the message keeps.
    ///
    /// @throws MalformedException if the checksum or the format is wrong
    public static Message decode(ByteBuffer stored) {
        if (!isSound(stored)) {
            throw new MalformedException("A message's checksum is wrong");
        }
        Input in = new Input(stored.slice().position(CRC_BYTES));
        int format = in.byteValue();
        if (format != FORMAT) {
            throw new MalformedException("A message has format " + format + ", not " + FORMAT);
        }
        return decodeFields(in);
    }

    private static Message decodeFields(Input in) {
        Bytes key = in.optionalBytes();
        String id = in.optionalText();
        String type = in.optionalText();
        String contentType = in.optionalText();
        String correlationId = in.optionalText();
        String replyTo = in.optionalText();
        String group = in.optionalText();
        int priority = in.intValue();
        Duration delay = Duration.ofMillis(in.varint());
        long ttl = in.varint();
        String trace = in.optionalText();
        Instant time = in.bool() ? Instant.ofEpochMilli(in.varint()) : null;
        int count = in.size();
        List<Header> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            headers.add(new Header(in.text(), in.text(), in.bytes()));
        }
        return new Message(
                in.bytes(),
                key,
                headers,
                id,
                type,
                contentType,
                correlationId,
                replyTo,
                group,
                priority,
                delay,
                ttl == 0 ? null : Duration.ofMillis(ttl - 1),
                trace,
                time);
    }

    private static long optionalMillis(@Nullable Duration duration) {
        return duration == null ? 0 : duration.toMillis() + 1;
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
