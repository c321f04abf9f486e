package io.millstream.testkit.postgres;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Header;
import io.millstream.api.Longest;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.View;
import io.millstream.engine.route.RouteTable;
import io.millstream.engine.route.Routing;
import io.millstream.engine.route.Subject;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// Exchanges and bindings. Where a message goes is the engine's pure code, on tables that each
/// transaction reads for itself.
final class Routes {

    private static final int BINDINGS_MAX = 10_000;

    private static final String EXCHANGES = "SELECT definition, version FROM exchange ";
    private static final String BINDINGS = "SELECT definition, version FROM binding ";

    private final Tx tx;

    Routes(Tx tx) {
        this.tx = tx;
    }

    // Looking.

    List<View.ExchangeView> exchanges(String where, Object... values) throws SQLException {
        List<View.ExchangeView> views = new ArrayList<>();
        try (PreparedStatement statement = tx.prepare(EXCHANGES + where, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                var definition = Pickle.read(Definition.Exchange.class, row.getBytes(1));
                int bindings = bindingsOf(definition.name()).size();
                views.add(new View.ExchangeView(definition, row.getLong(2), bindings));
            }
        }
        return views;
    }

    View.ExchangeView exchange(ChannelName name) throws SQLException {
        var found =
                exchanges(
                        "WHERE host = ? AND name = ?", Tx.utf8(name.host()), Tx.utf8(name.name()));
        return found.isEmpty() ? null : found.getFirst();
    }

    /// In the order of their names.
    List<View.BindingView> bindings(String where, Object... values) throws SQLException {
        List<View.BindingView> views = new ArrayList<>();
        try (PreparedStatement statement = tx.prepare(BINDINGS + where, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                var definition = Pickle.read(Definition.Binding.class, row.getBytes(1));
                views.add(new View.BindingView(definition, row.getLong(2)));
            }
        }
        views.sort(Comparator.comparing(view -> view.definition().id()));
        return views;
    }

    private List<View.BindingView> bindingsOf(ChannelName exchange) throws SQLException {
        return bindings("WHERE exchange = ?", Pickle.write(exchange));
    }

    View.RouteView explain(String key, ChannelName exchange, Message message) throws SQLException {
        return Routing.explain(tables(exchange)::get, exchange, new Subject(key, message), 0);
    }

    /// The tables of an exchange and of all that may be asked from there.
    private Map<ChannelName, RouteTable> tables(ChannelName from) throws SQLException {
        Map<ChannelName, RouteTable> tables = new HashMap<>();
        List<ChannelName> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            ChannelName name = open.removeFirst();
            View.ExchangeView exchange = tables.containsKey(name) ? null : exchange(name);
            if (exchange == null) continue;
            var bindings = bindingsOf(name).stream().map(View.BindingView::definition).toList();
            tables.put(name, new RouteTable(exchange.definition(), bindings));
            for (Definition.Binding binding : bindings) {
                if (binding.id().target() instanceof Target.Exchange(ChannelName next)) {
                    open.add(next);
                }
            }
            if (exchange.definition().alternate() != null) {
                open.add(exchange.definition().alternate());
            }
        }
        return tables;
    }

    // Changing.

    Effect define(Definition.Exchange definition, Expect expect) throws SQLException, Commits.No {
        ChannelName name = definition.name();
        View.ExchangeView before = exchange(name);
        Commits.expect(expect, "Exchange " + name, before == null ? 0 : before.version());
        if (before != null && before.definition().kind() != definition.kind()) {
            throw new Commits.No(
                    new Refusal.Invalid(
                            "Exchange " + name + " is of another kind. Remove it first."));
        }
        tx.changing();
        long version = tx.nextNumber();
        tx.update(
                "INSERT INTO exchange VALUES (?, ?, ?, ?) ON CONFLICT (host, name) DO UPDATE SET"
                        + " (definition, version) = (EXCLUDED.definition, EXCLUDED.version)",
                Tx.utf8(name.host()),
                Tx.utf8(name.name()),
                Pickle.write(definition),
                version);
        return new Effect.Changed(version);
    }

    Effect define(Definition.Binding definition, Expect expect) throws SQLException, Commits.No {
        BindingName id = definition.id();
        View.ExchangeView exchange = exchange(id.exchange());
        if (exchange == null) throw new Commits.No(new Refusal.NoSuchExchange(id.exchange()));
        checkTarget(id.target());
        long before = version(id);
        Commits.expect(expect, "Binding " + id, before);
        ExchangeKind kind = exchange.definition().kind();
        if (kind == ExchangeKind.CONSISTENT_HASH && !isWeight(id.pattern())) {
            throw new Commits.No(new Refusal.Invalid("The pattern of " + id + " is no weight."));
        }
        if (kind != ExchangeKind.HEADERS && definition.match() != null) {
            throw new Commits.No(new Refusal.Invalid(id + " leads from no headers exchange."));
        }
        if (before == 0 && exchange.bindings() >= BINDINGS_MAX) {
            throw new Commits.No(new Refusal.IsFull(id.exchange(), BINDINGS_MAX + " bindings"));
        }
        tx.changing();
        long version = tx.nextNumber();
        tx.update(
                "INSERT INTO binding VALUES (?, ?, ?, ?, ?) ON CONFLICT (token) DO UPDATE SET"
                        + " (definition, version) = (EXCLUDED.definition, EXCLUDED.version)",
                Tx.utf8(id.token()),
                Pickle.write(id.exchange()),
                Pickle.write(id.target()),
                Pickle.write(definition),
                version);
        return new Effect.Changed(version);
    }

    private void checkTarget(Target target) throws SQLException, Commits.No {
        switch (target) {
            case Target.Channel(ChannelName name) -> {
                if (tx.locked(name) == null) throw new Commits.No(new Refusal.NoSuchChannel(name));
            }
            case Target.Exchange(ChannelName name) -> {
                if (exchange(name) == null) throw new Commits.No(new Refusal.NoSuchExchange(name));
            }
        }
    }

    private static boolean isWeight(String pattern) {
        return pattern.matches("[1-9][0-9]{0,6}")
                && Integer.parseInt(pattern) <= ExchangeKind.WEIGHT_MAX;
    }

    private long version(BindingName id) throws SQLException {
        var found = bindings("WHERE token = ? FOR UPDATE", Tx.utf8(id.token()));
        return found.isEmpty() ? 0 : found.getFirst().version();
    }

    Effect remove(Operation.RemoveExchange remove) throws SQLException, Commits.No {
        ChannelName name = remove.exchange();
        View.ExchangeView before = exchange(name);
        if (before == null) throw new Commits.No(new Refusal.NoSuchExchange(name));
        Commits.expect(remove.expect(), "Exchange " + name, before.version());
        if (remove.ifUnused() && before.bindings() > 0) {
            throw new Commits.No(new Refusal.Invalid("Exchange " + name + " is used."));
        }
        tx.changing();
        tx.update(
                "DELETE FROM exchange WHERE host = ? AND name = ?",
                Tx.utf8(name.host()),
                Tx.utf8(name.name()));
        tx.update("DELETE FROM binding WHERE exchange = ?", Pickle.write(name));
        removeTarget(new Target.Exchange(name));
        return Effect.Plain.PLAIN;
    }

    void removeTarget(Target target) throws SQLException {
        tx.update("DELETE FROM binding WHERE target = ?", Pickle.write(target));
    }

    Effect unbind(Operation.Unbind unbind) throws SQLException, Commits.No {
        BindingName id = unbind.binding();
        long before = version(id);
        if (before == 0) throw new Commits.No(new Refusal.Conflict("Binding " + id, 0));
        Commits.expect(unbind.expect(), "Binding " + id, before);
        tx.changing();
        tx.update("DELETE FROM binding WHERE token = ?", Tx.utf8(id.token()));
        return Effect.Plain.PLAIN;
    }

    /// Puts the message into each queue that it reaches; each keeps a copy of its own.
    Effect publish(Operation.Publish publish, Puts puts) throws SQLException, Commits.No {
        ChannelName exchange = publish.exchange();
        Map<ChannelName, RouteTable> tables = tables(exchange);
        if (!tables.containsKey(exchange)) {
            throw new Commits.No(new Refusal.NoSuchExchange(exchange));
        }
        Routing routing =
                Routing.of(
                        tables::get,
                        exchange,
                        new Subject(publish.routingKey(), publish.message()),
                        ThreadLocalRandom.current().nextLong());
        if (routing.delays()) requireDelay(delay(publish.message()));
        tx.lock(routing.targets().keySet());
        List<Effect.Reached> reached = new ArrayList<>();
        for (var target : routing.targets().entrySet()) {
            Message message = comingBy(publish.message(), target.getValue());
            Effect effect = puts.put(new Operation.Put(target.getKey(), message));
            reached.add(new Effect.Reached(target.getKey(), 0, effect));
        }
        return new Effect.Routed(reached, List.of(), routing.alternate());
    }

    private static void requireDelay(String delay) throws Commits.No {
        if (!delay.matches("-?[0-9]{1,18}")) {
            throw new Commits.No(new Refusal.Invalid("A delay is whole milliseconds."));
        }
        var refusal = Longest.CENTURY.refusalOf(Duration.ofMillis(Long.parseLong(delay)));
        if (refusal.isPresent()) throw new Commits.No(refusal.get());
    }

    private static Message comingBy(Message message, Routing.Way way) {
        if (way.isPlain()) return message;
        Message.Builder built = message.with();
        way.adds().forEach(built::header);
        if (way.delayed() && message.header(Definition.Exchange.DELAY_HEADER).isPresent()) {
            built.delay(Duration.ofMillis(Math.max(0, Long.parseLong(delay(message)))));
        }
        return built.build();
    }

    private static String delay(Message message) {
        return message.header(Definition.Exchange.DELAY_HEADER).map(Header::text).orElse("0");
    }

    /// How a message comes into a queue.
    interface Puts {
        Effect put(Operation.Put put) throws SQLException, Commits.No;
    }
}
