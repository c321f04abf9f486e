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
record ListQueues(String prefix, Pages pages) implements Action {

    /// How many pages are looked through for those that the caller may see.
    private static final int PAGES_MAX = 100;

    static ListQueues read(Input input, Tools tools) {
        String given = input.text("QueueNamePrefix");
        String prefix = given == null ? "" : given;
        return new ListQueues(prefix, Pages.read(input, tools, "ListQueues " + prefix));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return list(tools, caller, Tree.Items.of("QueueUrl"), pages.after(), PAGES_MAX);
    }

    private CompletionStage<Tree> list(
            Tools tools, Caller caller, Tree.Items urls, @Nullable String from, int left) {
        return tools.store()
                .find(new Query.Queues(ChannelName.DEFAULT_HOST, prefix, from, pages.limit()))
                .thenCompose(page -> {
                    addUrls(page, caller, urls);
                    String next = page.next();
                    boolean goOn = !pages.paged() && next != null && left > 1;
                    return goOn && urls.items().size() < pages.limit()
                            ? list(tools, caller, urls, next, left - 1)
                            : CompletableFuture.completedStage(answer(urls, next, tools));
                });
    }

    private void addUrls(Page<View.QueueView> page, Caller caller, Tree.Items urls) {
        for (View.QueueView view : page.items()) {
            ChannelName name = view.definition().name();
            if (urls.items().size() < pages.limit()
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
        return pages.withToken(answer, tools, next);
    }
}
