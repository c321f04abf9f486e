package io.millstream.protocols.http;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Makes texts unreadable to who passes them back: where a list goes on says the name of a channel
/// that its reader may not know of. The key dies with the process. Safe for threads.
final class Seal {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecureRandom random = new SecureRandom();
    private final SecretKey key;

    Seal() {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        key = new SecretKeySpec(bytes, "AES");
    }

    /// @param who whom the text is for; others cannot use it
    String close(String text, String who) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] closed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, who)
                            .doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + closed.length);
            System.arraycopy(closed, 0, all, NONCE_BYTES, closed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + CIPHER + ".", e);
        }
    }

    /// The text; null if it was not closed by this seal for this one.
    @Nullable String open(String closed, String who) {
        try {
            byte[] all = Base64.getUrlDecoder().decode(closed);
            if (all.length < NONCE_BYTES) {
                return null;
            }
            byte[] nonce = Arrays.copyOf(all, NONCE_BYTES);
            byte[] text =
                    cipher(Cipher.DECRYPT_MODE, nonce, who)
                            .doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
            return new String(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException | GeneralSecurityException none) {
            return null;
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String who) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(who.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
