package io.millstream.protocols.aws.sign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The two functions of which a signature is made.
final class Signing {
    private static final String MAC = "HmacSHA256";
    private static final String DIGEST = "SHA-256";

    private Signing() {}

    /// In small hexadecimal digits.
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(DIGEST).digest(bytes));
        } catch (GeneralSecurityException e) {
            throw lacking(DIGEST, e);
        }
    }

    /// The signature, in small hexadecimal digits, under the key that is derived for one day, one
    /// region and one service.
    static String signature(String secret, Scope scope, String stringToSign) {
        byte[] key = hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), scope.date());
        key = hmac(key, scope.region());
        key = hmac(key, scope.service());
        key = hmac(key, Scope.TERMINATOR);
        return HexFormat.of().formatHex(hmac(key, stringToSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw lacking(MAC, e);
        }
    }

    private static IllegalStateException lacking(String algorithm, GeneralSecurityException e) {
        return new IllegalStateException(
                "This Java cannot compute " + algorithm + ", which signatures need.", e);
    }
}
