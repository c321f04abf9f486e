package io.millstream.testkit.memory;

import io.millstream.api.BindingName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// Answers queries. Guarded by the backend's lock.
final class Looks {

    private final Store store;

    Looks(Store store) {
        this.store = store;
    }

    @SuppressWarnings("unchecked") // Each query's type parameter is the view that its case makes.
    <V extends View> Page<V> find(Query<V> query) {
        Page<? extends View> page =
                switch (query) {
                    case Query.Queues queues -> queues(queues);
                    case Query.QueueNamed named -> named(named);
                    case Query.Topics topics -> topics(topics);
                    case Query.TopicNamed named -> named(named);
                    case Query.Cursors cursors -> cursors(cursors);
                    case Query.Browse browse -> browse(browse);
                    case Query.Delayed delayed -> delayed(delayed);
                    case Query.Rows rows -> rows(rows);
                    case Query.Exchanges exchanges -> exchanges(exchanges);
                    case Query.ExchangeNamed named -> named(named);
                    case Query.Bindings bindings -> bindings(bindings);
                    case Query.Route route -> route(route);
                };
        return (Page<V>) page;
    }

    private Page<View.QueueView> queues(Query.Queues query) {
        Stream<View.QueueView> views =
                store.queues().stream()
                        .filter(queue -> queue.name().host().equals(query.host()))
                        .filter(queue -> queue.name().name().startsWith(query.prefix()))
                        .filter(queue -> isBehind(queue.name().name(), query.after()))
                        .map(MemoryQueue::view);
        return page(query, views.toList(), view -> view.definition().name().name());
    }

    private static boolean isBehind(String name, @Nullable String after) {
        return after == null || name.compareTo(after) > 0;
    }

    private Page<View.QueueView> named(Query.QueueNamed query) {
        MemoryQueue queue = store.queue(query.name());
        List<View.QueueView> views = queue == null ? List.of() : List.of(queue.view());
        return new Page<>(views, null, store.now().wall());
    }

    private Page<View.TopicView> topics(Query.Topics query) {
        Stream<View.TopicView> views =
                store.topics().stream()
                        .filter(topic -> topic.name().host().equals(query.host()))
                        .filter(topic -> topic.name().name().startsWith(query.prefix()))
                        .filter(topic -> isBehind(topic.name().name(), query.after()))
                        .map(MemoryTopic::view);
        return page(query, views.toList(), view -> view.definition().name().name());
    }

    private Page<View.TopicView> named(Query.TopicNamed query) {
        MemoryTopic topic = store.topic(query.name());
        List<View.TopicView> views = topic == null ? List.of() : List.of(topic.view());
        return new Page<>(views, null, store.now().wall());
    }

    private Page<View.CursorView> cursors(Query.Cursors query) {
        MemoryTopic topic = store.topic(query.topic());
        List<View.CursorView> views =
                topic == null
                        ? List.of()
                        : topic.cursors().stream()
                                .filter(cursor -> cursor.name().startsWith(query.prefix()))
                                .filter(cursor -> isBehind(cursor.name(), query.after()))
                                .toList();
        return page(query, views, View.CursorView::name);
    }

    private Page<View.MessageView> browse(Query.Browse query) {
        MemoryQueue queue = store.queue(query.queue());
        long after = number(query.after(), 0);
        List<View.MessageView> views =
                queue == null
                        ? List.of()
                        : queue.entriesAfter(after).stream()
                                .limit(clamp(query.limit()) + 1L)
                                .map(entry -> view(entry, query.bodyBytesMax()))
                                .toList();
        return page(query, views, view -> Long.toString(view.sequence()));
    }

    /// A page ends with a message; the next one begins behind where that one stood.
    private Page<View.MessageView> delayed(Query.Delayed query) {
        MemoryQueue queue = store.queue(query.queue());
        List<Entry> all = queue == null ? List.of() : queue.delayed();
        Place after = query.after() == null ? null : placeOf(query.after());
        List<Entry> found =
                all.stream()
                        .filter(entry -> after == null || entry.place().compareTo(after) > 0)
                        .toList();
        int limit = clamp(query.limit());
        List<Entry> items = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? token(items.getLast().place()) : null;
        return new Page<>(
                items.stream().map(entry -> view(entry, query.bodyBytesMax())).toList(),
                next,
                store.now().wall());
    }

    private static String token(Place place) {
        return place.readyAt() + "." + place.sequence();
    }

    private static Place placeOf(String token) {
        return new Place(number(token, 0), true, number(token, 1));
    }

    /// One of the numbers of a token; one that no page gave starts from the beginning.
    private static long number(@Nullable String token, int index) {
        List<String> numbers = token == null ? List.of() : List.of(token.split("\\.", -1));
        try {
            return index < numbers.size() ? Long.parseLong(numbers.get(index)) : 0;
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    private static View.MessageView view(Entry entry, int bodyBytesMax) {
        MessageState state =
                switch (entry.state()) {
                    case Entry.State.Ready _ -> MessageState.READY;
                    case Entry.State.Leased _ -> MessageState.LEASED;
                    case Entry.State.Delayed _, Entry.State.Stuck _ -> MessageState.DELAYED;
                };
        Message whole = entry.message();
        Message cut = whole.with().body(whole.body().first(Math.max(bodyBytesMax, 0))).build();
        return new View.MessageView(
                entry.sequence(),
                state,
                entry.deliveries(),
                entry.origin().stored().wall(),
                entry.state() instanceof Entry.State.Delayed(Moment due, _) ? due.wall() : null,
                whole.body().length(),
                cut);
    }

    private Page<View.RowView> rows(Query.Rows query) {
        return page(
                query,
                store.rows().list(query.table(), query.prefix(), query.after()),
                View.RowView::key);
    }

    private Page<View.ExchangeView> exchanges(Query.Exchanges query) {
        Stream<View.ExchangeView> views =
                store.routes().exchanges().stream()
                        .map(this::view)
                        .filter(view -> view.definition().name().host().equals(query.host()))
                        .filter(view -> view.definition().name().name().startsWith(query.prefix()))
                        .filter(view -> isBehind(view.definition().name().name(), query.after()));
        return page(query, views.toList(), view -> view.definition().name().name());
    }

    private View.ExchangeView view(MemoryRoutes.Declared<Definition.Exchange> exchange) {
        Definition.Exchange definition = exchange.definition();
        int bindings = store.routes().bindingsOf(definition.name()).size();
        return new View.ExchangeView(definition, exchange.version(), bindings);
    }

    private Page<View.ExchangeView> named(Query.ExchangeNamed query) {
        var exchange = store.routes().exchange(query.name());
        List<View.ExchangeView> views = exchange == null ? List.of() : List.of(view(exchange));
        return new Page<>(views, null, store.now().wall());
    }

    private Page<View.BindingView> bindings(Query.Bindings query) {
        BindingName after = BindingName.ofToken(query.after()).orElse(null);
        Stream<View.BindingView> views =
                store.routes().bindings().stream()
                        .map(one -> new View.BindingView(one.definition(), one.version()))
                        .filter(view -> view.definition().name().host().equals(query.host()))
                        .filter(view -> isAsked(query.exchange(), view.definition().name()))
                        .filter(view -> isAsked(query.target(), view.definition().id().target()))
                        .filter(view ->
                                after == null || view.definition().id().compareTo(after) > 0);
        return page(query, views.toList(), view -> view.definition().id().token());
    }

    private static boolean isAsked(@Nullable Object asked, Object there) {
        return asked == null || asked.equals(there);
    }

    private Page<View.RouteView> route(Query.Route query) {
        PlainRouter router =
                new PlainRouter(store.routes(), query.routingKey(), query.message(), 0);
        router.route(query.exchange());
        boolean there = store.routes().exchange(query.exchange()) != null;
        return new Page<>(there ? List.of(router.view()) : List.of(), null, store.now().wall());
    }

    private <V extends View> Page<V> page(
            Query<V> query, List<V> found, Function<V, String> token) {
        int limit = clamp(query.limit());
        boolean more = found.size() > limit;
        List<V> items = more ? found.subList(0, limit) : found;
        return new Page<>(items, more ? token.apply(items.getLast()) : null, store.now().wall());
    }

    private static int clamp(int limit) {
        return Math.clamp(limit, 1, Query.PAGE_ITEMS_MAX);
    }
}
