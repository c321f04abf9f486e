package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;

/// Receipt handles: a lease's handle as a text that nobody can forge. For one event loop.
///
/// In URL-safe base64, 60 characters, big endian:
///
/// ```
///  0         1             9          17      21         29               45
/// +---------+-------------+----------+-------+----------+----------------+
/// | version | incarnation | sequence | epoch | position | HMAC-SHA256,   |
/// |    1    |             |          |       |          | first 16 bytes |
/// +---------+-------------+----------+-------+----------+----------------+
/// ```
///
/// The code is over what precedes it and the queue's name in UTF-8, so that the handle is good for
/// one life of one queue. The secret is kept in the backend: handles outlive a restart.
final class ReceiptHandles {
    private static final String ALGORITHM = "HmacSHA256";
    private static final byte VERSION = 1;
    private static final int INCARNATION_AT = 1;
    private static final int SEQUENCE_AT = 9;
    private static final int EPOCH_AT = 17;
    private static final int POSITION_AT = 21;
    private static final int CODE_AT = 29;
    private static final int CODE_BYTES = 16;
    private static final int HANDLE_BYTES = CODE_AT + CODE_BYTES;
    private static final int HANDLE_CHARS = HANDLE_BYTES / 3 * 4;

    private final Mac mac;

    ReceiptHandles(ReceiptSecret secret) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(secret.key(ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "This Java cannot compute " + ALGORITHM + ", which receipt handles need.", e);
        }
    }

    String write(Handle handle) {
        byte[] bytes = new byte[HANDLE_BYTES];
        ByteBuffer.wrap(bytes)
                .put(0, VERSION)
                .putLong(INCARNATION_AT, handle.incarnation())
                .putLong(SEQUENCE_AT, handle.sequence())
                .putInt(EPOCH_AT, handle.fence().epoch())
                .putLong(POSITION_AT, handle.fence().position());
        System.arraycopy(code(bytes, handle.queue()), 0, bytes, CODE_AT, CODE_BYTES);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    /// The handle in the parameter `ReceiptHandle`, if this server gave it out for this queue.
    Handle read(ChannelName queue, Input input) {
        return parse(queue, input.requiredText("ReceiptHandle"));
    }

    /// The handle that a text names, if this server gave it out for this queue.
    Handle parse(ChannelName queue, String text) {
        if (text.length() != HANDLE_CHARS) {
            throw invalid(text);
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw invalid(text);
        }
        byte[] code = Arrays.copyOf(code(bytes, queue), CODE_BYTES);
        byte[] claimed = Arrays.copyOfRange(bytes, CODE_AT, HANDLE_BYTES);
        if (bytes[0] != VERSION || !MessageDigest.isEqual(code, claimed)) {
            throw invalid(text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Handle(
                queue,
                buffer.getLong(INCARNATION_AT),
                buffer.getLong(SEQUENCE_AT),
                new Fence(buffer.getInt(EPOCH_AT), buffer.getLong(POSITION_AT)));
    }

    private byte[] code(byte[] bytes, ChannelName queue) {
        mac.update(bytes, 0, CODE_AT);
        return mac.doFinal(queue.name().getBytes(StandardCharsets.UTF_8));
    }

    private static FaultException invalid(String text) {
        return SqsError.RECEIPT_HANDLE_IS_INVALID.with(
                "The input receipt handle \"" + text + "\" is not a valid receipt handle.");
    }
}
