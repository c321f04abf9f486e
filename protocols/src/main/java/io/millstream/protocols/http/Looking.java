package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/// One look. Lists show what their asker may do something with and leave out the rest; where such a
/// list goes on is sealed, since it names what was looked at last. A page may have fewer items than
/// were asked for: as many as there is room for.
final class Looking {
    /// How many bytes of memory an item takes besides what is counted.
    private static final int ITEM_BYTES = 1_024;

    private final Premises premises;
    private final Asker asker;
    private final Principal who;

    Looking(Premises premises, Asker asker) {
        this.premises = premises;
        this.asker = asker;
        this.who = asker.principal();
    }

    void run(Query<?> query) {
        Rights.demand(Rights.of(query), who);
        find(opened(query));
    }

    private <V extends View> void find(Query<V> query) {
        if (!asker.holdAnswer(premises.limits().takeBytesMax())) {
            throw asker.noRoom();
        }
        asker.when(
                fitting(limited(query, Math.min(query.limit(), itemsMax(query)))),
                found -> {
                    Found<V> shown = shown(found, isSealed(query));
                    asker.found(query, shown, bytes(shown));
                });
    }

    /// Rows are as large as a mebibyte, and known to be small only when they are there.
    private int itemsMax(Query<?> query) {
        return query instanceof Query.Rows ? query.limit() : premises.limits().lookItemsMax();
    }

    /// Asks again for half as much, as long as it is too much for one answer.
    private <V extends View> CompletionStage<Found<V>> fitting(Query<V> query) {
        return premises.backend()
                .find(query)
                .thenCompose(found -> {
                    boolean fits = bytes(found) <= premises.limits().takeBytesMax();
                    return fits || query.limit() == 1
                            ? CompletableFuture.completedStage(found)
                            : fitting(limited(query, query.limit() / 2));
                });
    }

    private static long bytes(Found<? extends View> found) {
        return switch (found) {
            case Page<? extends View> page -> page.items().stream().mapToLong(Looking::bytes).sum();
            case Found.Refused<? extends View> _ -> ITEM_BYTES;
        };
    }

    private static long bytes(View view) {
        return ITEM_BYTES
                + switch (view) {
                    case View.RowView row -> row.value().length();
                    case View.MessageView message -> Taking.bytes(message.message());
                    case View.TopicView topic -> 64L * topic.partitions().size();
                    case View.CursorView cursor -> 8L * cursor.offsets().size();
                    case View.RouteView route -> 512L * route.verdicts().size();
                    case View.QueueView _, View.ExchangeView _, View.BindingView _ -> 0;
                };
    }

    private <V extends View> Found<V> shown(Found<V> found, boolean sealed) {
        return switch (found) {
            case Found.Refused<V> refused -> refused;
            case Page<V> page ->
                    new Page<>(
                            page.items().stream().flatMap(this::visible).toList(),
                            sealed ? closed(page.next()) : page.next(),
                            page.asOf());
        };
    }

    @SuppressWarnings("unchecked") // A view is shown as a view of its own type.
    private <V extends View> Stream<V> visible(V view) {
        return switch (view) {
            case View.QueueView queue -> known(view, queue.definition().name());
            case View.TopicView topic -> known(view, topic.definition().name());
            case View.ExchangeView exchange -> known(view, exchange.definition().name());
            case View.BindingView binding ->
                    known(
                            (V) Closed.shown(binding),
                            binding.definition().id().exchange(),
                            binding.definition().id().target().name());
            case View.CursorView _, View.MessageView _, View.RowView _, View.RouteView _ ->
                    Stream.of(view);
        };
    }

    private <V extends View> Stream<V> known(V view, ChannelName... names) {
        return Stream.of(names).allMatch(who::mayAnything) ? Stream.of(view) : Stream.empty();
    }

    /// Whether where it goes on names a channel that its asker may not know of.
    private boolean isSealed(Query<?> query) {
        return host(query) != null && Stream.of(Verb.values()).noneMatch(who::mayEverywhere);
    }

    private @Nullable String closed(@Nullable String next) {
        return next == null ? null : premises.seal().close(next, who.name());
    }

    private Query<?> opened(Query<?> query) {
        String host = host(query);
        if (host != null && Closed.isHost(host)) {
            throw Trouble.FORBIDDEN.with(Closed.hostIs(host));
        }
        String after = query.after();
        if (after == null || !isSealed(query)) {
            return query;
        }
        String opened = premises.seal().open(after, who.name());
        if (opened == null) {
            throw Trouble.MALFORMED.at(
                    "$.after",
                    "$.after is not where a list of yours ended, or the server was restarted since."
                            + " Begin again, without it.");
        }
        return with(query, opened, query.limit());
    }

    /// The virtual host of which it lists what there is, or null if it is no such list.
    private static @Nullable String host(Query<?> query) {
        return switch (query) {
            case Query.Queues queues -> queues.host();
            case Query.Topics topics -> topics.host();
            case Query.Exchanges exchanges -> exchanges.host();
            case Query.Bindings bindings -> bindings.host();
            case Query.QueueNamed _,
                    Query.TopicNamed _,
                    Query.ExchangeNamed _,
                    Query.Cursors _,
                    Query.Browse _,
                    Query.Delayed _,
                    Query.Rows _,
                    Query.Route _ ->
                    null;
        };
    }

    private static <V extends View> Query<V> limited(Query<V> query, int limit) {
        return limit == query.limit() ? query : with(query, query.after(), limit);
    }

    @SuppressWarnings("unchecked") // It is the same query but for where it begins and ends.
    private static <V extends View> Query<V> with(
            Query<V> query, @Nullable String after, int limit) {
        Query<?> changed =
                switch (query) {
                    case Query.Queues q -> new Query.Queues(q.host(), q.prefix(), after, limit);
                    case Query.Topics q -> new Query.Topics(q.host(), q.prefix(), after, limit);
                    case Query.Cursors q -> new Query.Cursors(q.topic(), q.prefix(), after, limit);
                    case Query.Browse q ->
                            new Query.Browse(q.queue(), q.bodyBytesMax(), after, limit);
                    case Query.Delayed q ->
                            new Query.Delayed(q.queue(), q.bodyBytesMax(), after, limit);
                    case Query.Rows q -> new Query.Rows(q.table(), q.prefix(), after, limit);
                    case Query.Exchanges q ->
                            new Query.Exchanges(q.host(), q.prefix(), after, limit);
                    case Query.Bindings q ->
                            new Query.Bindings(q.host(), q.exchange(), q.target(), after, limit);
                    case Query.QueueNamed q -> q;
                    case Query.TopicNamed q -> q;
                    case Query.ExchangeNamed q -> q;
                    case Query.Route q -> q;
                };
        return (Query<V>) changed;
    }
}
