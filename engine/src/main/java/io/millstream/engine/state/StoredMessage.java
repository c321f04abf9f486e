package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.zip.CRC32C;

/// The bytes of one message in the log, made and read outside the engine loop.
///
/// ```
///  0        4        5
///  +--------+--------+----------------------------------------------------------+
///  | CRC32C | format | the Traits                                               |
///  | 4, of  | 1, = 2 | key id contentType correlationId replyTo trace time      |
///  | the    |        | headers: count (name type value)*  body                  |
///  | rest   |        |                                                          |
///  +--------+--------+----------------------------------------------------------+
/// ```
///
/// Version 0.1.0 wrote format 1: no traits, the type behind the id, and null group, priority, delay
/// and ttl, which no message had then, between replyTo and trace.
///
/// The checksum is the message's own, beside the frame's, so that a body read back alone is still
/// proved.
public final class StoredMessage {
    private static final int CRC_BYTES = 4;
    private static final int FORMAT = 2;
    private static final int FORMAT_WITHOUT_TRAITS = 1;

    private StoredMessage() {}

    /// The bytes of `message`.
    public static byte[] encode(Message message) {
        Output out = new Output(128 + message.body().length());
        out.fixedInt(0);
        out.byteValue(FORMAT);
        Traits.write(message, out);
        out.optionalBytes(message.key());
        out.optionalText(message.id());
        out.optionalText(message.contentType());
        out.optionalText(message.correlationId());
        out.optionalText(message.replyTo());
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
        if (format < FORMAT_WITHOUT_TRAITS || format > FORMAT) {
            throw new MalformedException("A message has format " + format + ", not " + FORMAT);
        }
        return decodeFields(in, format);
    }

    /// The message without its body, whose bytes are `stored`; its checksum is not looked at,
    /// because the frame's has been.
    public static Message head(byte[] stored) {
        Input in = new Input(ByteBuffer.wrap(stored, CRC_BYTES, stored.length - CRC_BYTES));
        return decodeHead(in, in.byteValue()).build();
    }

    /// What the message says about being handed out, whose bytes are `stored`; its checksum is not
    /// looked at, because the frame's has been.
    static Traits traits(byte[] stored) {
        if (stored.length <= CRC_BYTES || stored[CRC_BYTES] != FORMAT) {
            return Traits.PLAIN;
        }
        int first = CRC_BYTES + 1;
        return Traits.read(new Input(ByteBuffer.wrap(stored, first, stored.length - first)));
    }

    private static Message decodeFields(Input in, int format) {
        return decodeHead(in, format).body(in.bytes()).build();
    }

    private static Message.Builder decodeHead(Input in, int format) {
        Message.Builder message = Message.builder(Bytes.EMPTY);
        if (format == FORMAT) {
            Traits.read(in, message);
        }
        message.key(in.optionalBytes()).id(in.optionalText());
        if (format == FORMAT_WITHOUT_TRAITS) {
            message.type(in.optionalText());
        }
        message.contentType(in.optionalText())
                .correlationId(in.optionalText())
                .replyTo(in.optionalText());
        if (format == FORMAT_WITHOUT_TRAITS) {
            in.optionalText();
            in.varint();
            in.varint();
            in.varint();
        }
        message.trace(in.optionalText());
        message.time(in.bool() ? Instant.ofEpochMilli(in.varint()) : null);
        for (int i = in.size(); i > 0; i--) {
            message.header(new Header(in.text(), in.text(), in.bytes()));
        }
        return message;
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
