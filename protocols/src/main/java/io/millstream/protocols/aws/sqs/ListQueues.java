package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Lists the addresses of queues, in the order of their names.
///
/// Queues of other protocols are listed too, unless SQS has no way to name them, and none that the
/// caller may not do anything with. Then a page holds fewer than were asked for, and still names
/// the next one.
record ListQueues(String prefix, @Nullable String after, int limit, boolean paged)
        implements Action {
    private static final String LIST = "ListQueues ";

    /// How many pages are looked through for those that the caller may see.
    private static final int PAGES_MAX = 100;

    static ListQueues read(Input input, Tools tools) {
        String given = input.text("QueueNamePrefix");
        String prefix = given == null ? "" : given;
        Integer limit = input.whole("MaxResults");
        if (limit != null && (limit < 1 || limit > Query.PAGE_ITEMS_MAX)) {
            throw input.invalid(
                    "MaxResults", limit.toString(), "MaxResults must be between 1 and 1000.");
        }
        String token = input.text("NextToken");
        return new ListQueues(
                prefix,
                token == null || token.isEmpty() ? null : decode(input, tools, prefix, token),
                limit == null ? Query.PAGE_ITEMS_MAX : limit,
                limit != null);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return list(tools, caller, Tree.Items.of("QueueUrl"), after, PAGES_MAX);
    }

    private CompletionStage<Tree> list(
            Tools tools, Caller caller, Tree.Items urls, @Nullable String from, int pages) {
        return tools.store()
                .find(new Query.Queues(ChannelName.DEFAULT_HOST, prefix, from, limit))
                .thenCompose(page -> {
                    addUrls(page, caller, urls);
                    String next = page.next();
                    boolean goOn = !paged && next != null && pages > 1;
                    return goOn && urls.items().size() < limit
                            ? list(tools, caller, urls, next, pages - 1)
                            : CompletableFuture.completedStage(answer(urls, next, tools));
                });
    }

    private void addUrls(Page<View.QueueView> page, Caller caller, Tree.Items urls) {
        for (View.QueueView view : page.items()) {
            ChannelName name = view.definition().name();
            if (urls.items().size() < limit
                    && QueueAddress.isName(name.name())
                    && caller.principal().mayAnything(name)) {
                urls.items().add(new Tree.Text(QueueAddress.url(caller, name)));
            }
        }
    }

    private Tree.Fields answer(Tree.Items urls, @Nullable String next, Tools tools) {
        Tree.Fields answer = Tree.Fields.empty();
        if (!urls.items().isEmpty()) {
            answer.with("QueueUrls", urls);
        }
        return next == null || !paged
                ? answer
                : answer.with("NextToken", tools.tokens().write(LIST + prefix, next));
    }

    private static String decode(Input input, Tools tools, String prefix, String token) {
        String place = tools.tokens().read(LIST + prefix, token);
        if (place == null) {
            throw input.invalid("NextToken", token, "It is not one that this action gave.");
        }
        return place;
    }
}
