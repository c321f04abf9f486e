package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Looks for jobs in their queues, message by message: nothing else knows where one is. So it takes
/// time where much waits, about a second for some hundred thousand.
final class Search {
    /// The key of a debounced job is the body of its message.
    private static final int BODY_BYTES = 4096;

    private final Pages pages;

    /// Where a job is.
    ///
    /// @param queue in which queue
    /// @param message as it is there
    record Found(Definition.Queue queue, View.MessageView message) {}

    Search(Backend backend) {
        this.pages = new Pages(backend);
    }

    /// Looks into the queues that jobs wait in, and then where they go, in that order.
    @Nullable Found find(String id) {
        List<Definition.Queue> queues = new ArrayList<>();
        queues.add(Definition.Queue.of(Envelope.DEBOUNCED));
        queues.addAll(queues());
        queues.add(Definition.Queue.of(Envelope.ENDED));
        queues.add(Definition.Queue.of(Envelope.DEAD));
        for (Definition.Queue queue : queues) {
            View.MessageView message =
                    first(queue.name(), one -> idOf(queue.name(), one).equals(id));
            if (message != null) {
                return new Found(queue, message);
            }
        }
        return null;
    }

    static String idOf(ChannelName queue, View.MessageView message) {
        return Envelope.idOf(message.message(), queue, message.sequence());
    }

    /// Those that jobs are put into by those who submit them.
    List<Definition.Queue> queues() {
        List<Definition.Queue> found = new ArrayList<>();
        pages.each(
                after ->
                        new Query.Queues(ChannelName.DEFAULT_HOST, "", after, Query.PAGE_ITEMS_MAX),
                view -> {
                    Definition.Queue queue = view.definition();
                    if (Jobs.isOfJobs(queue)) {
                        found.add(queue);
                    }
                });
        return found;
    }

    /// The first message that is asked for, or null if there is none.
    View.@Nullable MessageView first(ChannelName queue, Predicate<View.MessageView> asked) {
        int bytes = queue.equals(Envelope.DEBOUNCED) ? BODY_BYTES : 0;
        return pages.until(
                after -> new Query.Browse(queue, bytes, after, Query.PAGE_ITEMS_MAX), asked);
    }
}
