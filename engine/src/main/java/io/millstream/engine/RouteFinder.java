package io.millstream.engine;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Target;
import io.millstream.api.View;
import io.millstream.engine.route.Routing;
import io.millstream.engine.route.Subject;
import io.millstream.engine.state.Invariant;
import io.millstream.engine.state.Routes;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

/// Looks at exchanges and bindings for a [Query].
final class RouteFinder {
    private final State state;
    private final Pages pages;

    RouteFinder(State state, Pages pages) {
        this.state = state;
        this.pages = pages;
    }

    private Routes routes() {
        return state.routes();
    }

    Page<View.ExchangeView> find(Query.ExchangeNamed named) {
        Routes.Exchange exchange = routes().exchange(named.name());
        return pages.ofOne(exchange == null ? null : viewOf(exchange));
    }

    private View.ExchangeView viewOf(Routes.Exchange exchange) {
        return new View.ExchangeView(
                exchange.definition(),
                exchange.version(),
                routes().bindingsOfCount(exchange.definition().name()));
    }

    Page<View.ExchangeView> find(Query.Exchanges query) {
        return pages.ofHost(
                query,
                query.host(),
                query.prefix(),
                routes()::exchangesFrom,
                this::viewOf,
                view -> view.definition().name());
    }

    Page<View.BindingView> find(Query.Bindings query) {
        ChannelName exchange = query.exchange();
        if (exchange == null && !Pages.isHost(query.host())) {
            return pages.none();
        }
        ChannelName lowest = exchange == null ? Pages.lowest(query.host()) : exchange;
        return pages.of(
                query,
                namesFrom(Routes.firstOf(lowest), query.after(), query.target()),
                id -> isFrom(id.exchange(), query),
                this::viewOf,
                view -> view.definition().id().token());
    }

    /// The names of bindings in order, from `first` on or behind where the last page ended: those
    /// to the target alone, if it is asked for.
    private Iterable<BindingName> namesFrom(
            BindingName first, @Nullable String token, @Nullable Target target) {
        BindingName after = BindingName.ofToken(token).orElse(null);
        boolean begins = after == null || after.compareTo(first) < 0;
        BindingName from = begins || after == null ? first : after;
        return target == null
                ? routes().bindingsFrom(from, begins).keySet()
                : routes().bindingsTo(target).tailSet(from, begins);
    }

    private static boolean isFrom(ChannelName exchange, Query.Bindings query) {
        return exchange.host().equals(query.host())
                && (query.exchange() == null || query.exchange().equals(exchange));
    }

    private View.BindingView viewOf(BindingName id) {
        Routes.Binding binding =
                Invariant.present(routes().binding(id), "There is no binding %s", id);
        return new View.BindingView(binding.definition(), binding.version());
    }

    Page<View.RouteView> find(Query.Route query) {
        if (routes().exchange(query.exchange()) == null) {
            return pages.none();
        }
        return pages.ofOne(
                Routing.explain(
                        routes()::table,
                        query.exchange(),
                        new Subject(query.routingKey(), query.message()),
                        state.entries()));
    }
}
