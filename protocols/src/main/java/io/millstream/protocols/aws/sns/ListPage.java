package io.millstream.protocols.aws.sns;

import io.millstream.protocols.aws.sqs.PageTokens;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

/// Which page of a list a request asks for.
///
/// @param list what is listed, for the token
/// @param after behind what it begins, or null for the first page
/// @param tokens writes the token of the next page
record ListPage(String list, @Nullable String after, PageTokens tokens) {
    /// The most items of a page, as on AWS.
    static final int ITEMS = 100;

    /// Reads the parameter `NextToken`, which a page of the same list must have ended with.
    static ListPage read(Input input, PageTokens tokens, String list) {
        String token = input.text("NextToken");
        if (token == null || token.isEmpty()) {
            return new ListPage(list, null, tokens);
        }
        String after = tokens.read(list, token);
        if (after == null) {
            throw SnsError.invalid("NextToken", "It is none that this server gave.");
        }
        return new ListPage(list, after, tokens);
    }

    /// The token for what comes behind `next`, or null for nothing.
    @Nullable String token(@Nullable String next) {
        return next == null ? null : tokens.write(list, next);
    }
}
