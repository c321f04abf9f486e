package io.millstream.engine.route;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition.Binding;
import io.millstream.api.Header;
import io.millstream.api.Target;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Where a message goes, through any number of exchanges.
///
/// Each exchange is asked once, since it says the same each time; so ways in a circle end. The
/// first way that leads to a target counts, where the shortest come first and those of one exchange
/// in the order of their names.
///
/// @param targets queues and topics, and how the message comes there
/// @param alternate whether an alternate exchange was asked
/// @param delays whether an exchange was asked that delays
public record Routing(NavigableMap<ChannelName, Way> targets, boolean alternate, boolean delays) {

    /// How a message comes to a target.
    ///
    /// @param delayed whether through an exchange that delays
    /// @param adds headers that it gets
    public record Way(boolean delayed, List<Header> adds) {
        private static final Way PLAIN = new Way(false, List.of());

        private Way through(boolean delays) {
            return delays && !delayed ? new Way(true, adds) : this;
        }

        private Way with(List<Header> more) {
            if (more.isEmpty()) {
                return this;
            }
            List<Header> all = new ArrayList<>(adds);
            all.addAll(more);
            return new Way(delayed, List.copyOf(all));
        }

        /// Whether the message is as it was published.
        public boolean isPlain() {
            return !delayed && adds.isEmpty();
        }
    }

    private record Step(ChannelName exchange, Way way) {}

    private record Walk(
            Queue<Step> steps, Set<ChannelName> asked, NavigableMap<ChannelName, Way> targets) {
        Walk() {
            this(new ArrayDeque<>(), new HashSet<>(), new TreeMap<>());
        }

        void ask(ChannelName exchange, Way way) {
            if (asked.add(exchange)) {
                steps.add(new Step(exchange, way));
            }
        }

        void follow(Binding binding, Way from) {
            Way way = from.with(binding.adds());
            switch (binding.id().target()) {
                case Target.Channel(ChannelName name) -> targets.putIfAbsent(name, way);
                case Target.Exchange(ChannelName name) -> ask(name, way);
            }
        }
    }

    /// Routes a message.
    ///
    /// @param tables the table of each exchange, or null where there is none
    /// @param exchange where it is published
    /// @param chance any number, by which exchanges choose that do so by chance
    public static Routing of(
            Function<ChannelName, @Nullable RouteTable> tables,
            ChannelName exchange,
            Subject subject,
            long chance) {
        return walk(tables, exchange, subject, chance, new ArrayList<>(), false);
    }

    /// Where a message would go, and what each binding that is asked says to it.
    ///
    /// @param tables see [#of]
    /// @param chance see [#of]
    public static View.RouteView explain(
            Function<ChannelName, @Nullable RouteTable> tables,
            ChannelName exchange,
            Subject subject,
            long chance) {
        List<View.Verdict> verdicts = new ArrayList<>();
        Routing routing = walk(tables, exchange, subject, chance, verdicts, true);
        return new View.RouteView(
                List.copyOf(routing.targets.keySet()), routing.alternate, verdicts);
    }

    private static Routing walk(
            Function<ChannelName, @Nullable RouteTable> tables,
            ChannelName exchange,
            Subject subject,
            long chance,
            List<View.Verdict> verdicts,
            boolean explains) {
        Walk walk = new Walk();
        boolean alternate = false;
        boolean delays = false;
        walk.ask(exchange, Way.PLAIN);
        for (Step step = walk.steps.poll(); step != null; step = walk.steps.poll()) {
            RouteTable table = tables.apply(step.exchange);
            if (table == null) {
                continue;
            }
            delays |= table.exchange().delayed();
            Way way = step.way.through(table.exchange().delayed());
            List<Binding> taking = table.taking(subject, chance);
            taking.forEach(binding -> walk.follow(binding, way));
            if (explains) {
                verdicts.addAll(table.verdicts(subject, chance));
            }
            ChannelName other = table.exchange().alternate();
            if (taking.isEmpty() && other != null && tables.apply(other) != null) {
                alternate = true;
                walk.ask(other, way);
            }
        }
        return new Routing(walk.targets, alternate, delays);
    }
}
