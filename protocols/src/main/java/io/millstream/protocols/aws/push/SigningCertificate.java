package io.millstream.protocols.aws.push;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Makes a certificate that signs itself, which the JDK has no public way to do.
///
/// ```
/// SEQUENCE                      certificate
///   SEQUENCE                    what is signed
///     [0] INTEGER 2             version 3
///     INTEGER                   serial number
///     SEQUENCE                  algorithm: SHA-256 with RSA
///     SEQUENCE SET SEQUENCE     issuer: one common name
///     SEQUENCE                  from when until when it is good
///     SEQUENCE SET SEQUENCE     subject: the same
///     SEQUENCE                  the public key, as the JDK encodes it
///   SEQUENCE                    algorithm
///   BIT STRING                  signature
/// ```
final class SigningCertificate {
    private static final Duration GOOD_FOR = Duration.ofDays(20 * 365);
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0C;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xA0;

    /// 1.2.840.113549.1.1.11 and no parameters.
    private static final byte[] SHA256_WITH_RSA =
            sequence(
                    new byte[] {
                        0x06,
                        0x09,
                        0x2A,
                        (byte) 0x86,
                        0x48,
                        (byte) 0x86,
                        (byte) 0xF7,
                        0x0D,
                        0x01,
                        0x01,
                        0x0B
                    },
                    new byte[] {0x05, 0x00});

    /// 2.5.4.3
    private static final byte[] COMMON_NAME = {0x06, 0x03, 0x55, 0x04, 0x03};

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private SigningCertificate() {}

    /// The certificate of a pair of RSA keys, encoded.
    ///
    /// @param serial its number, positive and of at most 16 bytes
    static byte[] make(KeyPair pair, String name, byte[] serial, Instant now)
            throws GeneralSecurityException {
        byte[] who =
                sequence(
                        element(
                                SET,
                                sequence(
                                        COMMON_NAME,
                                        element(
                                                UTF8_STRING,
                                                name.getBytes(StandardCharsets.UTF_8)))));
        byte[] signed =
                sequence(
                        element(VERSION, element(INTEGER, new byte[] {2})),
                        element(INTEGER, serial),
                        SHA256_WITH_RSA,
                        who,
                        sequence(time(now.minus(Duration.ofDays(1))), time(now.plus(GOOD_FOR))),
                        who,
                        pair.getPublic().getEncoded());
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(signed);
        byte[] bits = joined(new byte[] {0}, signature.sign());
        return sequence(signed, SHA256_WITH_RSA, element(BIT_STRING, bits));
    }

    private static byte[] time(Instant time) {
        return element(GENERALIZED_TIME, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] sequence(byte[]... parts) {
        return element(SEQUENCE, joined(parts));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// A tag, a length in as few bytes as can be, and what it is about.
    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.length;
        if (length < 0x80) {
            element.write(length);
        } else if (length <= 0xFF) {
            element.write(0x81);
            element.write(length);
        } else {
            element.write(0x82);
            element.write(length >> 8);
            element.write(length);
        }
        element.writeBytes(content);
        return element.toByteArray();
    }
}
