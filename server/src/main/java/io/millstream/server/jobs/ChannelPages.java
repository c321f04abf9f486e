package io.millstream.server.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.MillstreamException;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.Jobs;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;
import io.millstream.wire.Forms;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/// Queues and topics, as looks at them show them, and the pause of queues.
final class ChannelPages {
    private static final String PREFIX = "prefix";

    private final Backend backend;
    private final Jobs jobs;

    ChannelPages(Backend backend, Jobs jobs) {
        this.backend = backend;
        this.jobs = jobs;
    }

    /// The channel of a name in the default virtual host.
    ///
    /// @param where what gives the name
    static ChannelName name(String where, String name) {
        try {
            return ChannelName.of(name);
        } catch (IllegalArgumentException senseless) {
            throw Parameters.wrong(
                    where,
                    "is no name of a channel",
                    String.valueOf(senseless.getMessage()).replaceFirst("\\.$", ""));
        }
    }

    private static ChannelName named(Asked asked) {
        return name("in the path", asked.part("name"));
    }

    // Looking.

    Reply queues(Asked asked) {
        return list(
                asked,
                "queues",
                (prefix, after) -> new Query.Queues(ChannelName.DEFAULT_HOST, prefix, after, 100));
    }

    Reply topics(Asked asked) {
        return list(
                asked,
                "topics",
                (prefix, after) -> new Query.Topics(ChannelName.DEFAULT_HOST, prefix, after, 100));
    }

    /// Asks for a page.
    @FunctionalInterface
    private interface Asking<V extends View> {
        Query<V> after(String prefix, @Nullable String after);
    }

    /// Leaves out what whoever asks may do nothing with, and goes on after what it was shown last.
    private <V extends View.ChannelView> Reply list(Asked asked, String what, Asking<V> asking) {
        Parameters given = Parameters.of(asked, PREFIX, Parameters.LIMIT, Parameters.AFTER);
        String prefix = given.text(PREFIX);
        int limit = given.limit();
        List<View.ChannelView> shown = new ArrayList<>();
        String after = given.after();
        do {
            Page<V> page = find(asking.after(prefix == null ? "" : prefix, after));
            for (V view : page.items()) {
                if (asked.principal().mayAnything(view.definition().name())) {
                    if (shown.size() == limit) {
                        return page(what, shown, shown.getLast().definition().name().name());
                    }
                    shown.add(view);
                }
            }
            after = page.next();
        } while (after != null);
        return page(what, shown, null);
    }

    private static Reply page(String what, List<View.ChannelView> shown, @Nullable String next) {
        return new JsonOut().all(what, shown, ChannelPages::form).maybe("next", next).ok();
    }

    private static JsonOut form(View view) {
        return JsonOut.of(Forms.VIEW.write(view));
    }

    private <V extends View> Page<V> find(Query<V> query) {
        try {
            Found<V> found = backend.find(query).toCompletableFuture().join();
            return found.page();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof MillstreamException known ? known : failed;
        }
    }

    /// Whether there is such a queue.
    boolean isThere(ChannelName queue) {
        return !find(new Query.QueueNamed(queue)).items().isEmpty();
    }

    Reply queue(Asked asked) {
        return one(asked, Query.QueueNamed::new);
    }

    Reply topic(Asked asked) {
        return one(asked, Query.TopicNamed::new);
    }

    private Reply one(
            Asked asked, Function<ChannelName, Query<? extends View.ChannelView>> asking) {
        Parameters.of(asked);
        ChannelName name = named(asked);
        asked.demandAny(name);
        List<? extends View.ChannelView> found = find(asking.apply(name)).items();
        if (found.isEmpty()) {
            throw Trouble.NO_SUCH_CHANNEL.with("There is nothing of the name " + name + ".");
        }
        return Reply.ok(Forms.VIEW.write(found.getFirst()));
    }

    // Pausing.

    Reply pause(Asked asked) {
        Parameters.of(asked);
        ChannelName name = named(asked);
        asked.demand(Verb.MANAGE, name);
        jobs.pause(name.name());
        return Reply.NOTHING;
    }

    Reply resume(Asked asked) {
        Parameters.of(asked);
        ChannelName name = named(asked);
        asked.demand(Verb.MANAGE, name);
        jobs.resume(name.name());
        return Reply.NOTHING;
    }
}
