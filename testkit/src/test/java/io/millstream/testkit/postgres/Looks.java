package io.millstream.testkit.postgres;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Answers queries.
final class Looks {

    private static final String COUNTS =
            """
            SELECT count(*) FILTER (WHERE number IS NOT NULL) AS leased,
                count(*) FILTER (WHERE number IS NULL AND (stuck IS NOT NULL OR due > ?))
                    AS delayed,
                count(*) AS messages, coalesce(sum(size), 0) AS bytes
            FROM message WHERE channel = ?\
            """;

    private static final String TOTALS =
            "SELECT coalesce(sum(stored), 0), coalesce(sum(done), 0), coalesce(sum(dead), 0)"
                    + " FROM tally WHERE channel = ?";

    private final Tx tx;
    private final Ends ends;

    Looks(Tx tx) {
        this.tx = tx;
        this.ends = new Ends(tx);
    }

    @SuppressWarnings("unchecked") // Each query's type parameter is the view that its case makes.
    <V extends View> Page<V> find(Query<V> query) throws SQLException {
        Page<? extends View> page =
                switch (query) {
                    case Query.Queues queues -> queues(queues);
                    case Query.QueueNamed named -> named(named.name());
                    case Query.Browse browse -> browse(browse);
                    case Query.Delayed delayed -> delayed(delayed);
                    case Query.Rows rows ->
                            page(
                                    query,
                                    new Cells(tx)
                                            .list(
                                                    rows.table(),
                                                    rows.prefix(),
                                                    rows.after(),
                                                    clamp(rows.limit()) + 1),
                                    View.RowView::key);
                    case Query.Exchanges exchanges -> exchanges(exchanges);
                    case Query.ExchangeNamed named -> one(new Routes(tx).exchange(named.name()));
                    case Query.Bindings bindings -> bindings(bindings);
                    case Query.Route route -> route(route);
                    case Query.Topics _, Query.TopicNamed _, Query.Cursors _ ->
                            throw new IllegalArgumentException(query + " was not refused");
                };
        return (Page<V>) page;
    }

    private static int clamp(int limit) {
        return Math.clamp(limit, 1, Query.PAGE_ITEMS_MAX);
    }

    private <V extends View> Page<V> page(Query<?> query, List<V> items, Function<V, String> key) {
        int limit = clamp(query.limit());
        if (items.size() <= limit) return new Page<>(items, null, tx.wall());
        return new Page<>(items.subList(0, limit), key.apply(items.get(limit - 1)), tx.wall());
    }

    // Queues.

    private Page<View.QueueView> named(ChannelName name) throws SQLException {
        QueueRow queue = tx.queue(name);
        return new Page<>(queue == null ? List.of() : List.of(view(queue)), null, tx.wall());
    }

    private Page<View.QueueView> queues(Query.Queues query) throws SQLException {
        byte[] prefix = Tx.utf8(query.prefix());
        List<QueueRow> rows =
                rows(
                        "WHERE host = ? AND substring(name FROM 1 FOR ?) = ? AND name > ?"
                                + " ORDER BY name LIMIT ?",
                        Tx.utf8(query.host()),
                        prefix.length,
                        prefix,
                        Tx.utf8(query.after() == null ? "" : query.after()),
                        clamp(query.limit()) + 1);
        return page(query, views(rows), view -> view.definition().name().name());
    }

    List<QueueRow> all() throws SQLException {
        return rows("ORDER BY host, name");
    }

    private List<QueueRow> rows(String where, Object... values) throws SQLException {
        List<QueueRow> rows = new ArrayList<>();
        try (PreparedStatement statement = tx.prepare("SELECT * FROM channel " + where, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) rows.add(Tx.row(row));
        }
        return rows;
    }

    List<View.QueueView> views(List<QueueRow> rows) throws SQLException {
        List<View.QueueView> views = new ArrayList<>();
        for (QueueRow row : rows) views.add(view(row));
        return views;
    }

    /// Counts what is in the queue, row by row: nobody keeps these numbers.
    View.QueueView view(QueueRow queue) throws SQLException {
        Tally own = tx.tally(queue.id());
        try (PreparedStatement count = tx.prepare(COUNTS, tx.now(), queue.id());
                ResultSet counted = count.executeQuery();
                PreparedStatement sum = tx.prepare(TOTALS, queue.id());
                ResultSet total = sum.executeQuery()) {
            counted.next();
            total.next();
            long leased = counted.getLong("leased");
            long delayed = counted.getLong("delayed");
            return new View.QueueView(
                    queue.definition(),
                    queue.id(),
                    queue.version(),
                    Instant.ofEpochMilli(queue.created()),
                    Instant.ofEpochMilli(queue.modified()),
                    new View.QueueCounts(
                            counted.getLong("messages") - leased - delayed,
                            leased,
                            delayed,
                            counted.getLong("bytes"),
                            total.getLong(1) + own.stored(),
                            total.getLong(2) + own.done(),
                            total.getLong(3) + own.dead(),
                            0,
                            0));
        }
    }

    // Routes.

    private <V extends View> Page<V> one(V view) {
        return new Page<>(view == null ? List.of() : List.of(view), null, tx.wall());
    }

    private Page<View.RouteView> route(Query.Route route) throws SQLException {
        Routes routes = new Routes(tx);
        boolean there = routes.exchange(route.exchange()) != null;
        return one(
                there
                        ? routes.explain(route.routingKey(), route.exchange(), route.message())
                        : null);
    }

    private Page<View.ExchangeView> exchanges(Query.Exchanges query) throws SQLException {
        byte[] prefix = Tx.utf8(query.prefix());
        var views =
                new Routes(tx)
                        .exchanges(
                                "WHERE host = ? AND substring(name FROM 1 FOR ?) = ? AND name > ?"
                                        + " ORDER BY name LIMIT ?",
                                Tx.utf8(query.host()),
                                prefix.length,
                                prefix,
                                Tx.utf8(query.after() == null ? "" : query.after()),
                                clamp(query.limit()) + 1);
        return page(query, views, view -> view.definition().name().name());
    }

    private Page<View.BindingView> bindings(Query.Bindings query) throws SQLException {
        BindingName after = BindingName.ofToken(query.after()).orElse(null);
        var views =
                new Routes(tx)
                        .bindings("").stream()
                                .filter(view -> isAsked(query, view.definition().id()))
                                .filter(view ->
                                        after == null
                                                || view.definition().id().compareTo(after) > 0)
                                .toList();
        return page(query, views, view -> view.definition().id().token());
    }

    private static boolean isAsked(Query.Bindings query, BindingName id) {
        return id.exchange().host().equals(query.host())
                && (query.exchange() == null || query.exchange().equals(id.exchange()))
                && (query.target() == null || query.target().equals(id.target()));
    }

    // Messages.

    private Page<View.MessageView> browse(Query.Browse query) throws SQLException {
        QueueRow queue = tx.queue(query.queue());
        long after = query.after() == null ? 0 : Long.parseLong(query.after());
        List<Leased> rows =
                queue == null
                        ? List.of()
                        : ends.rows(
                                "WHERE channel = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                                queue.id(),
                                after,
                                clamp(query.limit()) + 1);
        return page(
                query,
                rows.stream().map(row -> view(row, query.bodyBytesMax())).toList(),
                view -> Long.toString(view.sequence()));
    }

    /// A page ends with a time and a sequence; the next one begins behind them.
    private Page<View.MessageView> delayed(Query.Delayed query) throws SQLException {
        QueueRow queue = tx.queue(query.queue());
        String[] after = query.after() == null ? new String[] {"0", "0"} : query.after().split("/");
        List<Leased> rows =
                queue == null
                        ? List.of()
                        : ends.rows(
                                "WHERE channel = ? AND number IS NULL AND stuck IS NULL"
                                        + " AND due > ? AND (due, sequence) > (?, ?)"
                                        + " ORDER BY due, sequence LIMIT ?",
                                queue.id(),
                                tx.now(),
                                Long.parseLong(after[0]),
                                Long.parseLong(after[1]),
                                clamp(query.limit()) + 1);
        return page(
                query,
                rows.stream().map(row -> view(row, query.bodyBytesMax())).toList(),
                view -> view.due().toEpochMilli() + "/" + view.sequence());
    }

    private View.MessageView view(Leased row, int bodyBytesMax) {
        Message message = row.message();
        boolean waits = row.due() != null && row.due() > tx.now();
        MessageState state =
                row.isLeased()
                        ? MessageState.LEASED
                        : waits || row.stuck() != null ? MessageState.DELAYED : MessageState.READY;
        return new View.MessageView(
                row.sequence(),
                state,
                row.deliveries(),
                Instant.ofEpochMilli(row.stored()),
                waits && !row.isLeased() ? Instant.ofEpochMilli(row.due()) : null,
                message.body().length(),
                message.with().body(message.body().first(Math.max(0, bodyBytesMax))).build());
    }
}
