package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// The MD5 digests by which SQS clients check what they sent and got. For one event loop.
///
/// Attributes are digested in the order of their names, each as
///
/// ```
///  4 bytes   n      4 bytes   m      1 byte    4 bytes   v
/// +--------+------+--------+------+---------+--------+-------+
/// | length | name | length | type | 1 text  | length | value |
/// |        |      |        |      | 2 bytes |        |       |
/// +--------+------+--------+------+---------+--------+-------+
/// ```
///
/// with big-endian lengths in bytes and the type as sent, `String.custom` with its suffix.
final class Digests {
    private static final byte TEXT = 1;
    private static final byte BINARY = 2;

    private final MessageDigest md5;
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);

    Digests() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no MD5, which SQS needs. Add it.", e);
        }
    }

    String ofBody(Bytes body) {
        md5.update(body.asBuffer());
        return HexFormat.of().formatHex(md5.digest());
    }

    /// The SHA-256 of a body, by which equal ones are known.
    static String sha256(Bytes body) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(body.asBuffer());
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SQS needs.", e);
        }
    }

    /// The digest of attributes, of which there is at least one.
    String ofAttributes(List<MessageAttribute> attributes) {
        attributes.stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .forEachOrdered(attribute -> {
                    add(Bytes.utf8(attribute.name()));
                    add(Bytes.utf8(attribute.type()));
                    md5.update(attribute.isBinary() ? BINARY : TEXT);
                    add(attribute.value());
                });
        return HexFormat.of().formatHex(md5.digest());
    }

    private void add(Bytes bytes) {
        md5.update(length.putInt(0, bytes.length()).array());
        md5.update(bytes.asBuffer());
    }
}
