package io.millstream.protocols.aws.sqs;

import io.millstream.api.Query;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

/// Which page of a list a request asks for.
///
/// @param list what is listed, for the token
/// @param after behind which name it begins, or null for the first page
/// @param limit how many items at most
/// @param paged whether there may be a token for the next page: without `MaxResults` AWS gives none
record Pages(String list, @Nullable String after, int limit, boolean paged) {

    /// Reads the parameters `MaxResults` and `NextToken`.
    static Pages read(Input input, Tools tools, String list) {
        Integer limit = input.whole("MaxResults");
        if (limit != null && (limit < 1 || limit > Query.PAGE_ITEMS_MAX)) {
            throw input.invalid(
                    "MaxResults", limit.toString(), "MaxResults must be between 1 and 1000.");
        }
        String token = input.text("NextToken");
        String after = null;
        if (token != null && !token.isEmpty()) {
            after = tools.tokens().read(list, token);
            if (after == null) {
                throw input.invalid("NextToken", token, "It is not one that this action gave.");
            }
        }
        return new Pages(list, after, limit == null ? Query.PAGE_ITEMS_MAX : limit, limit != null);
    }

    /// The answer with the token for what comes behind `next`, if anything does.
    Tree.Fields withToken(Tree.Fields answer, Tools tools, @Nullable String next) {
        return next == null || !paged
                ? answer
                : answer.with("NextToken", tools.tokens().write(list, next));
    }
}
