package io.millstream.protocols.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// How a user proves who it is. None of them shows its secret in `toString`.
public sealed interface Verifier {

    /// A password, of which only a salted hash is kept: PBKDF2 with HMAC-SHA-256.
    ///
    /// @param salt random bytes
    /// @param iterations how often the hash is computed over, so that guessing is slow
    /// @param hash the result
    record Password(byte[] salt, int iterations, byte[] hash) implements Verifier {
        /// What OWASP's password storage cheat sheet asks of PBKDF2-HMAC-SHA256 (2023 and later).
        public static final int ITERATIONS = 600_000;

        /// The shortest password, in characters.
        public static final int CHARS_MIN = 8;

        /// The longest password, in characters.
        public static final int CHARS_MAX = 256;

        private static final int SALT_BYTES = 16;
        private static final int HASH_BITS = 256;
        private static final int GENERATED_BYTES = 18;

        /// Copies the bytes.
        public Password {
            salt = salt.clone();
            hash = hash.clone();
            if (iterations < 1 || salt.length == 0 || hash.length == 0) {
                throw new IllegalArgumentException("A password's hash has a salt and iterations.");
            }
        }

        /// The verifier of this password. Takes a processor some tenths of a second.
        ///
        /// @throws IllegalArgumentException if it is too short or too long
        public static Password of(String password) {
            if (password.length() < CHARS_MIN || password.length() > CHARS_MAX) {
                throw new IllegalArgumentException(
                        "A password has "
                                + CHARS_MIN
                                + " to "
                                + CHARS_MAX
                                + " characters, not "
                                + password.length()
                                + ".");
            }
            byte[] salt = random(SALT_BYTES);
            return new Password(salt, ITERATIONS, hash(password, salt, ITERATIONS));
        }

        /// The verifier of no password at all, which takes as long as any other to say so.
        static Password ofNobody() {
            return new Password(random(SALT_BYTES), ITERATIONS, random(HASH_BITS / Byte.SIZE));
        }

        /// A password that nobody guesses, in 24 letters, digits, hyphens and underscores.
        public static String generate() {
            return Base64.getUrlEncoder().encodeToString(random(GENERATED_BYTES));
        }

        /// Whether this is the password. Takes a processor some tenths of a second.
        boolean isOf(String password) {
            return password.length() <= CHARS_MAX
                    && MessageDigest.isEqual(hash, hash(password, salt, iterations));
        }

        private static byte[] hash(String password, byte[] salt, int iterations) {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
            try {
                return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                        .generateSecret(spec)
                        .getEncoded();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(
                        "This Java cannot compute PBKDF2WithHmacSHA256, which passwords need.", e);
            } finally {
                spec.clearPassword();
            }
        }

        @Override
        public byte[] salt() {
            return salt.clone();
        }

        @Override
        public byte[] hash() {
            return hash.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Password that
                    && iterations == that.iterations
                    && Arrays.equals(salt, that.salt)
                    && MessageDigest.isEqual(hash, that.hash);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(salt);
        }

        @Override
        public String toString() {
            return "Password[…]";
        }
    }

    /// A key pair for AWS's Signature Version 4. The secret is kept readable, because a signature
    /// can only be checked by computing it again.
    ///
    /// @param id the access key id: 16 to 128 letters, digits and underscores
    /// @param secret the secret access key: 1 to 128 characters of ASCII
    record AwsKey(String id, String secret) implements Verifier {
        private static final String PREFIX = "AKMS";
        private static final int ID_CHARS = 20;
        private static final int SECRET_BYTES = 30;
        private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

        /// Refuses what AWS's libraries could not hold.
        public AwsKey {
            if (!id.matches("[A-Za-z0-9_]{16,128}")) {
                throw new IllegalArgumentException(
                        "An access key id has 16 to 128 letters, digits and underscores.");
            }
            if (!secret.matches("[!-~]{1,128}")) {
                throw new IllegalArgumentException(
                        "A secret access key has 1 to 128 visible characters of ASCII.");
            }
        }

        /// A new key pair, in the form of AWS's: 20 characters and 40.
        public static AwsKey generate() {
            StringBuilder id = new StringBuilder(PREFIX);
            for (byte b : random(ID_CHARS - PREFIX.length())) {
                id.append(LETTERS.charAt(b & 31));
            }
            String secret = Base64.getEncoder().encodeToString(random(SECRET_BYTES));
            return new AwsKey(id.toString(), secret);
        }

        @Override
        public String toString() {
            return "AwsKey[" + id + "]";
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
