package io.millstream.protocols.aws.sqs;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;

/// Tokens that say where the next page begins, as texts that nobody can forge. For one event loop.
///
/// In URL-safe base64: 16 bytes of code, then the place in UTF-8. The code is over what is listed
/// and the place, so that a token is good for the list that it came from.
public final class PageTokens {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int CODE_BYTES = 16;

    private final Mac mac;

    PageTokens(ReceiptSecret secret) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(secret.key(ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "This Java cannot compute " + ALGORITHM + ", which tokens need.", e);
        }
    }

    /// The token for a place in a list.
    public String write(String list, String place) {
        byte[] text = place.getBytes(StandardCharsets.UTF_8);
        byte[] token = Arrays.copyOf(code(list, text), CODE_BYTES + text.length);
        System.arraycopy(text, 0, token, CODE_BYTES, text.length);
        return Base64.getUrlEncoder().encodeToString(token);
    }

    /// The place, or null if this token was not given out for that list.
    public @Nullable String read(String list, String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (bytes.length < CODE_BYTES) {
            return null;
        }
        byte[] text = Arrays.copyOfRange(bytes, CODE_BYTES, bytes.length);
        byte[] claimed = Arrays.copyOf(bytes, CODE_BYTES);
        boolean genuine =
                MessageDigest.isEqual(Arrays.copyOf(code(list, text), CODE_BYTES), claimed);
        return genuine ? new String(text, StandardCharsets.UTF_8) : null;
    }

    private byte[] code(String list, byte[] place) {
        byte[] name = list.getBytes(StandardCharsets.UTF_8);
        // The length keeps what belongs to the one from passing as the other's.
        mac.update((byte) (name.length >> 8));
        mac.update((byte) name.length);
        mac.update(name);
        return mac.doFinal(place);
    }
}
