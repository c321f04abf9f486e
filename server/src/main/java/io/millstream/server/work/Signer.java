package io.millstream.server.work;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Says who sent a request, and when: the header `Millstream-Signature: t=1767225600,v1=5257a8…`.
///
/// `t` is the time in seconds since 1970; `v1` the HMAC-SHA256, in hexadecimal, of that number, a
/// dot and the body, with the secret that both sides know. Who receives it refuses what is signed
/// otherwise, and what is some minutes old.
final class Signer {
    static final String HEADER = "Millstream-Signature";
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    private Signer(String secret) {
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /// Null if there is no secret.
    static @Nullable Signer of(@Nullable String secret) {
        return secret == null ? null : new Signer(secret);
    }

    /// The value of the header.
    String sign(long seconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
            return "t=%d,v1=%s".formatted(seconds, HexFormat.of().formatHex(mac.doFinal(body)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, impossible);
        }
    }
}
