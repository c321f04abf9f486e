package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionStage;

/// Lists the queues that give their dead letters to this one, in the order of their names, and none
/// that the caller may not do anything with.
record ListDeadLetterSourceQueues(ChannelName queue, Pages pages) implements Action {

    static ListDeadLetterSourceQueues read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        String list = "ListDeadLetterSourceQueues " + queue.name();
        return new ListDeadLetterSourceQueues(queue, Pages.read(input, tools, list));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .queue(queue)
                .thenCompose(view ->
                        Sources.of(tools.store(), queue)
                                .first(
                                        pages.after(),
                                        pages.limit() + 1,
                                        source ->
                                                QueueAddress.isName(source.name())
                                                        && caller.principal().mayAnything(source)))
                .thenApply(found -> {
                    Tree.Items urls = Tree.Items.of("QueueUrl");
                    @Nullable String next = null;
                    for (ChannelName source : found) {
                        if (urls.items().size() == pages.limit()) {
                            next = found.get(pages.limit() - 1).name();
                            break;
                        }
                        urls.items().add(new Tree.Text(QueueAddress.url(caller, source)));
                    }
                    return pages.withToken(
                            Tree.Fields.empty().with("queueUrls", urls), tools, next);
                });
    }
}
