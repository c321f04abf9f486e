package io.millstream.testkit.simulation;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Target;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Where a message has to go, worked out from the definitions alone: each binding is looked at.
///
/// Where an exchange chooses there are several ways it may go. What hashes must choose the same as
/// ever: of two bindings that could have been chosen twice, not once this and once that.
final class RouteMap {
    private final Map<Hashed, List<Choice>> choices = new HashMap<>();

    /// What an exchange chooses by.
    record Hashed(ChannelName exchange, String by) {}

    /// What it chose.
    record Choice(Set<BindingName> among, BindingName chosen) {

        private boolean contradicts(Choice other) {
            return !chosen.equals(other.chosen)
                    && among.contains(other.chosen)
                    && other.among.contains(chosen);
        }
    }

    /// How a message comes to a target.
    ///
    /// @param delayed whether through an exchange that delays
    /// @param adds headers that it gets
    record Way(boolean delayed, List<Header> adds) {

        private Way through(boolean delays) {
            return new Way(delayed || delays, adds);
        }

        private Way with(List<Header> more) {
            List<Header> both = new ArrayList<>(adds);
            both.addAll(more);
            return new Way(delayed, both);
        }

        /// The headers that it has there.
        List<Header> headers(Message message) {
            return new Way(delayed, message.headers()).with(adds).adds;
        }

        /// How long it waits there, in milliseconds.
        long delay(Message message) {
            return delayed
                    ? message.header(Definition.Exchange.DELAY_HEADER)
                            .map(header -> Long.parseLong(header.text()))
                            .orElse(0L)
                    : 0;
        }
    }

    /// One of the ways that all exchanges together may choose.
    record Course(Map<ChannelName, Way> targets, Map<Hashed, Choice> hashed) {}

    /// All that may become of a message.
    List<Course> courses(
            Map<ChannelName, Definition.Exchange> exchanges,
            Collection<Definition.Binding> bindings,
            Operation.Publish publish) {
        List<Course> courses = new ArrayList<>();
        Map<ChannelName, List<Definition.Binding>> fitting = new HashMap<>();
        List<Integer> script = new ArrayList<>();
        do {
            Walk walk = new Walk(exchanges, bindings, publish, fitting, script);
            Course course = walk.go();
            if (course.hashed.entrySet().stream().noneMatch(this::isAgainstBefore)) {
                courses.add(course);
            }
            walk.next();
        } while (!script.isEmpty());
        return courses;
    }

    private boolean isAgainstBefore(Map.Entry<Hashed, Choice> now) {
        return choices.getOrDefault(now.getKey(), List.of()).stream()
                .anyMatch(now.getValue()::contradicts);
    }

    /// One of these is what became of a message.
    void learn(List<Course> some) {
        some.getFirst()
                .hashed
                .forEach((by, choice) -> {
                    if (some.stream().allMatch(one -> choice.equals(one.hashed.get(by)))) {
                        List<Choice> known = choices.computeIfAbsent(by, _ -> new ArrayList<>());
                        if (!known.contains(choice)) {
                            known.add(choice);
                        }
                    }
                });
    }

    /// One way through all exchanges, the nearest first.
    private static final class Walk {
        private final Map<ChannelName, Definition.Exchange> exchanges;
        private final Collection<Definition.Binding> bindings;
        private final String key;
        private final Message message;

        /// Which of the bindings is chosen, at each exchange that chooses.
        private final List<Integer> script;

        /// Of each exchange the bindings that may take it, which is the same on each walk.
        private final Map<ChannelName, List<Definition.Binding>> fitting;

        private final List<Integer> numbers = new ArrayList<>();
        private final Queue<Map.Entry<ChannelName, Way>> open = new ArrayDeque<>();
        private final Set<ChannelName> asked = new TreeSet<>();
        private final Course course = new Course(new TreeMap<>(), new HashMap<>());

        Walk(
                Map<ChannelName, Definition.Exchange> exchanges,
                Collection<Definition.Binding> bindings,
                Operation.Publish publish,
                Map<ChannelName, List<Definition.Binding>> fitting,
                List<Integer> script) {
            this.exchanges = exchanges;
            this.bindings = bindings;
            this.key = publish.routingKey();
            this.message = publish.message();
            this.fitting = fitting;
            this.script = script;
            open.add(Map.entry(publish.exchange(), new Way(false, List.of())));
        }

        Course go() {
            while (!open.isEmpty()) {
                var step = open.remove();
                Definition.Exchange exchange = exchanges.get(step.getKey());
                if (exchange != null && asked.add(step.getKey())) {
                    ask(exchange, step.getValue().through(exchange.delayed()));
                }
            }
            return course;
        }

        private void ask(Definition.Exchange exchange, Way way) {
            List<Definition.Binding> taking =
                    fitting.computeIfAbsent(exchange.name(), _ -> fitting(exchange));
            if (taking.isEmpty() && exchange.alternate() != null) {
                open.add(Map.entry(exchange.alternate(), way));
            }
            for (Definition.Binding binding : chosen(exchange, taking)) {
                Way on = way.with(binding.adds());
                switch (binding.id().target()) {
                    case Target.Channel(ChannelName name) -> course.targets.putIfAbsent(name, on);
                    case Target.Exchange(ChannelName name) -> open.add(Map.entry(name, on));
                }
            }
        }

        private List<Definition.Binding> fitting(Definition.Exchange exchange) {
            return bindings.stream()
                    .filter(one -> one.name().equals(exchange.name()))
                    .filter(one -> fits(exchange, one))
                    .filter(one ->
                            one.filter() == null || RouteWishes.passes(one.filter(), message))
                    .toList();
        }

        private List<Definition.Binding> chosen(
                Definition.Exchange exchange, List<Definition.Binding> taking) {
            if (taking.isEmpty()) {
                return taking;
            }
            return switch (exchange.kind()) {
                case DIRECT, FANOUT, TOPIC, HEADERS -> taking;
                case RANDOM -> List.of(choose(taking));
                case CONSISTENT_HASH -> {
                    Definition.Binding one = choose(taking);
                    String header = exchange.hashHeader();
                    String by =
                            header == null
                                    ? key
                                    : message.header(header).map(Header::text).orElse("");
                    Set<BindingName> among = new TreeSet<>();
                    taking.forEach(other -> among.add(other.id()));
                    course.hashed.put(new Hashed(exchange.name(), by), new Choice(among, one.id()));
                    yield List.of(one);
                }
            };
        }

        private Definition.Binding choose(List<Definition.Binding> some) {
            if (numbers.size() == script.size()) {
                script.add(0);
            }
            int number = script.get(numbers.size());
            numbers.add(some.size());
            return some.get(number);
        }

        /// Changes the script to another one; when there is none any more, it is empty.
        void next() {
            while (!script.isEmpty()) {
                int last = script.removeLast();
                if (last + 1 < numbers.get(script.size())) {
                    script.add(last + 1);
                    return;
                }
            }
        }

        private boolean fits(Definition.Exchange exchange, Definition.Binding binding) {
            String pattern = binding.id().pattern();
            return switch (exchange.kind()) {
                case FANOUT, CONSISTENT_HASH, RANDOM -> true;
                case DIRECT -> pattern.equals(key);
                case HEADERS -> binding.match() == null || fits(binding.match());
                case TOPIC ->
                        // The patterns that are asked for are few.
                        switch (pattern) {
                            case "#" -> true;
                            case "*" -> !key.contains(".");
                            case "a.#" -> key.equals("a") || key.startsWith("a.");
                            case "*.b" -> key.matches("[^.]*\\.b");
                            default -> pattern.equals(key);
                        };
            };
        }

        private boolean fits(HeaderMatch match) {
            List<Boolean> met = new ArrayList<>();
            boolean any = match.mode() == HeaderMatch.Mode.ANY;
            boolean all = match.mode() == HeaderMatch.Mode.ALL;
            for (Header one : match.equal()) {
                String there = message.header(one.name()).map(Header::text).orElse("");
                met.add(there.equals(one.text()) || there.equals(one.text() + ".0"));
            }
            for (String name : match.present()) {
                if (!name.startsWith("x-") || !(any || all)) {
                    met.add(message.header(name).isPresent());
                }
            }
            return any ? met.contains(true) : !met.contains(false);
        }
    }
}
