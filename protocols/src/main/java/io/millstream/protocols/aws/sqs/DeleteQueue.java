package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletionStage;

/// Removes a queue and all that is in it. The name is free again at once; AWS keeps it for a
/// minute.
record DeleteQueue(ChannelName queue) implements Action {
    private static final Logger LOG = LoggerFactory.getLogger(DeleteQueue.class);

    /// How many queues are looked at for those that the removed one took dead letters of.
    private static final int LOOKED_AT_MAX = 10 * Query.PAGE_ITEMS_MAX;

    static DeleteQueue read(Input input, Tools tools) {
        return new DeleteQueue(QueueAddress.of(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .commit(
                        new Operation.Remove(queue, Expect.Anything.ANYTHING),
                        MoveTasks.forget(queue))
                .thenApply(receipt -> {
                    Refusals.committed(receipt);
                    lookForSources(tools, null, LOOKED_AT_MAX);
                    return Tree.NOTHING;
                });
    }

    /// Says which queues have no dead-letter queue any more: their messages that have been received
    /// too often stay and are not handed out. Nobody waits for that.
    private void lookForSources(Tools tools, @Nullable String after, int left) {
        tools.store()
                .find(new Query.Queues(ChannelName.DEFAULT_HOST, "", after, Query.PAGE_ITEMS_MAX))
                .thenAccept(page -> warnOf(tools, page, left - page.items().size()));
    }

    private void warnOf(Tools tools, Page<View.QueueView> page, int left) {
        for (View.QueueView view : page.items()) {
            if (queue.equals(view.definition().deadLetter())) {
                tools.traffic().orphaned();
                LOG.warn(
                        "The queue {} was deleted, to which {} gives messages that were received {}"
                                + " times. They stay in {} now and are not received. Make {} again,"
                                + " or change the RedrivePolicy",
                        queue.name(),
                        view.definition().name().name(),
                        view.definition().maxAttempts(),
                        view.definition().name().name(),
                        queue.name());
            }
        }
        if (page.next() != null && left > 0) {
            lookForSources(tools, page.next(), left);
        }
    }
}
