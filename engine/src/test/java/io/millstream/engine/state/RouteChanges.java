package io.millstream.engine.state;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Target;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/// Makes all that can happen to exchanges and bindings happen.
final class RouteChanges {
    private static final int NAMES = 5;

    private final State state;
    private final Consumer<Entry> log;

    /// Changes `state` by entries that it gives to `log`, which applies them.
    RouteChanges(State state, Consumer<Entry> log) {
        this.state = state;
        this.log = log;
    }

    void change(Random random) {
        ChannelName name = exchange(random);
        boolean there = state.routes().exchange(name) != null;
        long version = state.versions() + 1;
        switch (random.nextInt(8)) {
            case 0, 1 -> log.accept(new Entry.ExchangeDefined(version, definition(name, random)));
            case 2 -> {
                if (there && random.nextInt(4) == 0) {
                    log.accept(new Entry.ExchangeRemoved(version, name));
                }
            }
            case 3 -> {
                BindingName id = id(name, random);
                if (state.routes().binding(id) != null) {
                    log.accept(new Entry.BindingRemoved(version, id));
                }
            }
            default -> {
                if (there) {
                    log.accept(
                            new Entry.BindingDefined(version, binding(id(name, random), random)));
                }
            }
        }
    }

    private static ChannelName exchange(Random random) {
        return ChannelName.of("exchange-" + random.nextInt(NAMES));
    }

    private static Definition.Exchange definition(ChannelName name, Random random) {
        return new Definition.Exchange(
                name,
                random.nextBoolean() ? ExchangeKind.HEADERS : ExchangeKind.FANOUT,
                random.nextBoolean() ? null : exchange(random),
                random.nextBoolean(),
                null,
                Map.of("n", "v" + random.nextInt(9)));
    }

    private static BindingName id(ChannelName exchange, Random random) {
        Target target =
                switch (random.nextInt(3)) {
                    case 0 -> new Target.Channel(ChannelName.of("queue-" + random.nextInt(8)));
                    case 1 -> new Target.Channel(ChannelName.of("topic-" + random.nextInt(4)));
                    default -> new Target.Exchange(exchange(random));
                };
        return new BindingName(exchange, target, "p" + random.nextInt(3), "");
    }

    private static Definition.Binding binding(BindingName id, Random random) {
        return new Definition.Binding(
                id,
                random.nextBoolean() ? null : HeaderMatch.any(Header.text("h", "v")),
                random.nextBoolean() ? null : Filter.onBody(Map.of("a", List.of("b"))),
                List.of(Header.text("added", "v" + random.nextInt(9))),
                Map.of());
    }
}
