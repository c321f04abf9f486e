package io.millstream.engine;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.route.Routing;
import io.millstream.engine.route.Subject;
import io.millstream.engine.state.Routes;
import io.millstream.engine.state.State;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;

/// Looks at exchanges and bindings for a [Query].
final class RouteFinder {
    private static final String LOWEST = "\0";

    private final State state;

    RouteFinder(State state) {
        this.state = state;
    }

    private Routes routes() {
        return state.routes();
    }

    Page<View.ExchangeView> find(Query.ExchangeNamed named, Instant now) {
        Routes.Exchange exchange = routes().exchange(named.name());
        return new Page<>(exchange == null ? List.of() : List.of(viewOf(exchange)), null, now);
    }

    private View.ExchangeView viewOf(Routes.Exchange exchange) {
        return new View.ExchangeView(
                exchange.definition(),
                exchange.version(),
                routes().bindingsOfCount(exchange.definition().name()));
    }

    Page<View.ExchangeView> find(Query.Exchanges query, Instant now) {
        String after = query.after();
        boolean begins = after == null || after.compareTo(query.prefix()) < 0;
        String start = begins || after == null ? query.prefix() : after;
        ChannelName from = new ChannelName(query.host(), start.isEmpty() ? LOWEST : start);
        List<View.ExchangeView> found = new ArrayList<>();
        int limit = Finder.limit(query);
        for (Routes.Exchange exchange : routes().exchangesFrom(from, begins).values()) {
            ChannelName name = exchange.definition().name();
            if (!name.host().equals(query.host()) || !name.name().startsWith(query.prefix())) {
                break;
            }
            if (found.size() == limit) {
                String last = found.getLast().definition().name().name();
                return new Page<>(found, last, now);
            }
            found.add(viewOf(exchange));
        }
        return new Page<>(found, null, now);
    }

    Page<View.BindingView> find(Query.Bindings query, Instant now) {
        List<View.BindingView> found = new ArrayList<>();
        int limit = Finder.limit(query);
        for (Routes.Binding binding : candidates(query)) {
            BindingName id = binding.definition().id();
            if (!id.exchange().host().equals(query.host())
                    || (query.exchange() != null && !query.exchange().equals(id.exchange()))) {
                break;
            }
            if (query.target() != null && !Objects.equals(query.target(), id.target())) {
                continue;
            }
            if (found.size() == limit) {
                return new Page<>(found, found.getLast().definition().id().token(), now);
            }
            found.add(new View.BindingView(binding.definition(), binding.version()));
        }
        return new Page<>(found, null, now);
    }

    /// In the order of their names, from where the page begins: those to the target alone, if it is
    /// asked for.
    private Collection<Routes.Binding> candidates(Query.Bindings query) {
        ChannelName exchange = query.exchange();
        BindingName first =
                Routes.firstOf(exchange == null ? new ChannelName(query.host(), LOWEST) : exchange);
        BindingName after = BindingName.ofToken(query.after()).orElse(first);
        boolean goesOn = after.compareTo(first) > 0;
        BindingName from = goesOn ? after : first;
        if (query.target() == null) {
            return routes().bindingsFrom(from, !goesOn).values();
        }
        NavigableSet<BindingName> names = routes().bindingsTo(query.target());
        List<Routes.Binding> found = new ArrayList<>();
        for (BindingName id : names.tailSet(from, !goesOn)) {
            Routes.Binding binding = routes().binding(id);
            if (binding != null) {
                found.add(binding);
            }
        }
        return found;
    }

    Page<View.RouteView> find(Query.Route query, Instant now) {
        if (routes().exchange(query.exchange()) == null) {
            return new Page<>(List.of(), null, now);
        }
        View.RouteView view =
                Routing.explain(
                        routes()::table,
                        query.exchange(),
                        new Subject(query.routingKey(), query.message()),
                        state.entries());
        return new Page<>(List.of(view), null, now);
    }
}
