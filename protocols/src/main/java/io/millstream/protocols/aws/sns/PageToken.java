package io.millstream.protocols.aws.sns;

import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Where a list goes on, as a client is told it.
final class PageToken {
    /// The most items of a page, as on AWS.
    static final int ITEMS = 100;

    private PageToken() {}

    static @Nullable String read(Input input) {
        String token = input.text("NextToken");
        if (token == null || token.isEmpty()) {
            return null;
        }
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
    }

    static FaultException invalid() {
        return SnsError.invalid("NextToken", "It is none that this server gave.");
    }

    static @Nullable String write(@Nullable String next) {
        return next == null
                ? null
                : Base64.getUrlEncoder().encodeToString(next.getBytes(StandardCharsets.UTF_8));
    }
}
