package io.millstream.protocols.aws.sns;

import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The texts that only an endpoint is told: by one it confirms its subscription, by another it ends
/// it. Whoever says one needs no name, so nobody may be able to guess them.
final class Tokens {
    private static final SecureRandom SECRETS = new SecureRandom();
    private static final String PARAMETER = "Token";
    private static final int BYTES = 32;

    private Tokens() {}

    /// A new one.
    static String make() {
        byte[] bytes = new byte[BYTES];
        SECRETS.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// The one that a request says, or null.
    static @Nullable String said(Input input) {
        String token = input.text(PARAMETER);
        return token == null ? null : checked(token);
    }

    /// The one that a request has to say.
    static String required(Input input) {
        return checked(input.requiredText(PARAMETER));
    }

    /// One that is too long is none, and refused before anything is read or hashed for its sake.
    private static String checked(String token) {
        if (token.length() > 2 * BYTES) {
            throw wrong();
        }
        return token;
    }

    /// The fault that says that a token is none, or none any more.
    static FaultException wrong() {
        return SnsError.INVALID_PARAMETER.with("Invalid parameter: Token");
    }

    /// What is kept of one that is told once.
    static String digest(String token) {
        try {
            byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SNS needs.", e);
        }
    }

    /// Whether both are the same; how long it takes does not say how much of them is.
    static boolean areSame(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
