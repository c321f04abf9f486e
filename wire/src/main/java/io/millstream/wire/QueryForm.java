package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;

import org.jspecify.annotations.Nullable;

/// Looks, told apart by `query`. `{"query": "queues"}` is a whole one.
final class QueryForm {
    /// How many items a page has unless said otherwise.
    static final int LIMIT = 100;

    /// To which length bodies are cut unless said otherwise.
    static final int BODY_BYTES = 4096;

    static final Kind<Query<?>> KIND =
            Kind.object(
                    "a query, such as {\"query\":\"queues\"}", QueryForm::write, QueryForm::read);

    private static final String QUERY = "query";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<Integer> LIMITS = Kinds.small(1, Query.PAGE_ITEMS_MAX);

    private enum Tag {
        QUEUES,
        QUEUE_NAMED,
        TOPICS,
        TOPIC_NAMED,
        CURSORS,
        BROWSE,
        DELAYED,
        ROWS,
        EXCHANGES,
        EXCHANGE_NAMED,
        BINDINGS,
        ROUTE
    }

    private QueryForm() {}

    private static void write(Out out, Query<?> query) {
        switch (query) {
            case Query.Queues queues -> {
                host(out.put(QUERY, TAG, Tag.QUEUES), queues.host());
                prefix(out, queues.prefix());
            }
            case Query.QueueNamed named ->
                    out.put(QUERY, TAG, Tag.QUEUE_NAMED).put("name", CHANNEL, named.name());
            case Query.Topics topics -> {
                host(out.put(QUERY, TAG, Tag.TOPICS), topics.host());
                prefix(out, topics.prefix());
            }
            case Query.TopicNamed named ->
                    out.put(QUERY, TAG, Tag.TOPIC_NAMED).put("name", CHANNEL, named.name());
            case Query.Cursors cursors ->
                    prefix(
                            out.put(QUERY, TAG, Tag.CURSORS).put("topic", CHANNEL, cursors.topic()),
                            cursors.prefix());
            case Query.Browse browse ->
                    body(
                            out.put(QUERY, TAG, Tag.BROWSE).put("queue", CHANNEL, browse.queue()),
                            Math.max(0, browse.bodyBytesMax()));
            case Query.Delayed delayed ->
                    body(
                            out.put(QUERY, TAG, Tag.DELAYED).put("queue", CHANNEL, delayed.queue()),
                            Math.max(0, delayed.bodyBytesMax()));
            case Query.Rows rows ->
                    prefix(
                            out.put(QUERY, TAG, Tag.ROWS).put("table", TEXT, rows.table()),
                            rows.prefix());
            case Query.Exchanges exchanges -> {
                host(out.put(QUERY, TAG, Tag.EXCHANGES), exchanges.host());
                prefix(out, exchanges.prefix());
            }
            case Query.ExchangeNamed named ->
                    out.put(QUERY, TAG, Tag.EXCHANGE_NAMED).put("name", CHANNEL, named.name());
            case Query.Bindings bindings ->
                    host(out.put(QUERY, TAG, Tag.BINDINGS), bindings.host())
                            .maybe("exchange", CHANNEL, bindings.exchange())
                            .maybe("target", TargetForm.KIND, bindings.target());
            case Query.Route route ->
                    out.put(QUERY, TAG, Tag.ROUTE)
                            .put("exchange", CHANNEL, route.exchange())
                            .or("routing_key", TEXT, route.routingKey(), "")
                            .put("message", MessageForm.KIND, route.message());
        }
        if (hasPages(query)) {
            // A look shows one item or more, and a thousand at most, whatever it says.
            out.maybe("after", TEXT, query.after())
                    .or("limit", LIMITS, Math.clamp(query.limit(), 1, Query.PAGE_ITEMS_MAX), LIMIT);
        }
    }

    /// Whether there may be more than one page of it, so that it says which.
    private static boolean hasPages(Query<?> query) {
        return switch (query) {
            case Query.QueueNamed _, Query.TopicNamed _, Query.ExchangeNamed _, Query.Route _ ->
                    false;
            case Query.Queues _,
                    Query.Topics _,
                    Query.Cursors _,
                    Query.Browse _,
                    Query.Delayed _,
                    Query.Rows _,
                    Query.Exchanges _,
                    Query.Bindings _ ->
                    true;
        };
    }

    private static Out host(Out out, String host) {
        return out.or("host", TEXT, host, ChannelName.DEFAULT_HOST);
    }

    private static Out prefix(Out out, String prefix) {
        return out.or("prefix", TEXT, prefix, "");
    }

    private static Out body(Out out, int bodyBytesMax) {
        return out.or("body_bytes_max", Kinds.SMALL_COUNT, bodyBytesMax, BODY_BYTES);
    }

    private static Query<?> read(In in) {
        return switch (in.get(QUERY, TAG)) {
            case QUEUES -> new Query.Queues(host(in), prefix(in), after(in), limit(in));
            case QUEUE_NAMED -> new Query.QueueNamed(in.get("name", CHANNEL));
            case TOPICS -> new Query.Topics(host(in), prefix(in), after(in), limit(in));
            case TOPIC_NAMED -> new Query.TopicNamed(in.get("name", CHANNEL));
            case CURSORS ->
                    new Query.Cursors(in.get("topic", CHANNEL), prefix(in), after(in), limit(in));
            case BROWSE ->
                    new Query.Browse(in.get("queue", CHANNEL), body(in), after(in), limit(in));
            case DELAYED ->
                    new Query.Delayed(in.get("queue", CHANNEL), body(in), after(in), limit(in));
            case ROWS -> new Query.Rows(in.get("table", TEXT), prefix(in), after(in), limit(in));
            case EXCHANGES -> new Query.Exchanges(host(in), prefix(in), after(in), limit(in));
            case EXCHANGE_NAMED -> new Query.ExchangeNamed(in.get("name", CHANNEL));
            case BINDINGS ->
                    new Query.Bindings(
                            host(in),
                            in.maybe("exchange", CHANNEL),
                            in.maybe("target", TargetForm.KIND),
                            after(in),
                            limit(in));
            case ROUTE ->
                    new Query.Route(
                            in.get("exchange", CHANNEL),
                            in.or("routing_key", TEXT, ""),
                            in.get("message", MessageForm.KIND));
        };
    }

    private static String host(In in) {
        return in.or("host", TEXT, ChannelName.DEFAULT_HOST);
    }

    private static String prefix(In in) {
        return in.or("prefix", TEXT, "");
    }

    private static int body(In in) {
        return in.or("body_bytes_max", Kinds.SMALL_COUNT, BODY_BYTES);
    }

    private static @Nullable String after(In in) {
        return in.maybe("after", TEXT);
    }

    private static int limit(In in) {
        return in.or("limit", LIMITS, LIMIT);
    }
}
