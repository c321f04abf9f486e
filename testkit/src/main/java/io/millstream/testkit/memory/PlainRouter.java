package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Definition.Binding;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Longest;
import io.millstream.api.Message;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.View;
import io.millstream.engine.route.Subject;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Finds where one message goes, as plainly as it can be said: each binding is looked at. Guarded
/// by the backend's lock.
final class PlainRouter {
    private final MemoryRoutes routes;
    private final String key;
    private final Message message;
    private final Subject subject;
    private final SplittableRandom dice;
    private final Map<ChannelName, Message> targets = new TreeMap<>();
    private final List<View.Verdict> verdicts = new ArrayList<>();
    private boolean alternate;
    private boolean delays;

    private record Step(ChannelName exchange, Message message) {}

    PlainRouter(MemoryRoutes routes, String key, Message message, long seed) {
        this.routes = routes;
        this.key = key;
        this.message = message;
        this.subject = new Subject(key, message);
        this.dice = new SplittableRandom(seed);
    }

    /// What each target gets.
    Map<ChannelName, Message> targets() {
        return targets;
    }

    boolean alternate() {
        return alternate;
    }

    /// Why nobody can say where the message goes, or when; or null.
    @Nullable Refusal refusal() {
        if (subject.isExhausted()) {
            return new Refusal.Invalid("There is more to compare than one message may have.");
        }
        if (!delays) return null;
        String wait = delay(message);
        return wait.matches("-?[0-9]{1,18}")
                ? Longest.CENTURY.refusalOf(Duration.ofMillis(Long.parseLong(wait))).orElse(null)
                : new Refusal.Invalid("The delay is no number: " + wait);
    }

    View.RouteView view() {
        return new View.RouteView(List.copyOf(targets.keySet()), alternate, verdicts);
    }

    void route(ChannelName from) {
        Queue<Step> open = new ArrayDeque<>(List.of(new Step(from, message)));
        Set<ChannelName> asked = new HashSet<>();
        while (!open.isEmpty()) {
            Step step = open.remove();
            var declared = routes.exchange(step.exchange());
            if (declared == null || !asked.add(step.exchange())) continue;
            Definition.Exchange exchange = declared.definition();
            delays |= exchange.delayed();
            Message delayed = exchange.delayed() ? delayed(step.message()) : step.message();
            List<Binding> taking = taking(exchange);
            for (Binding binding : taking) {
                Message more = with(delayed, binding.adds());
                switch (binding.id().target()) {
                    case Target.Channel(ChannelName name) -> targets.putIfAbsent(name, more);
                    case Target.Exchange(ChannelName name) -> open.add(new Step(name, more));
                }
            }
            ChannelName other = exchange.alternate();
            if (taking.isEmpty() && other != null && routes.exchange(other) != null) {
                alternate = true;
                open.add(new Step(other, delayed));
            }
        }
    }

    private static Message with(Message message, List<Header> headers) {
        Message.Builder built = message.with();
        headers.forEach(built::header);
        return built.build();
    }

    private static Message delayed(Message message) {
        if (message.header(Definition.Exchange.DELAY_HEADER).isEmpty()) return message;
        String text = delay(message);
        long millis = text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
        return message.with().delay(Duration.ofMillis(Math.max(0, millis))).build();
    }

    private static String delay(Message message) {
        return message.header(Definition.Exchange.DELAY_HEADER).map(Header::text).orElse("0");
    }

    private List<Binding> taking(Definition.Exchange exchange) {
        List<Binding> all = routes.bindingsOf(exchange.name());
        List<Binding> passing =
                all.stream().filter(binding -> whyNot(exchange, binding).isEmpty()).toList();
        List<Binding> taking =
                switch (exchange.kind()) {
                    case DIRECT, FANOUT, TOPIC, HEADERS -> passing;
                    case RANDOM ->
                            passing.isEmpty()
                                    ? List.of()
                                    : List.of(passing.get(dice.nextInt(passing.size())));
                    case CONSISTENT_HASH ->
                            passing.stream()
                                    .max(Comparator.comparingInt(one -> score(exchange, one)))
                                    .stream()
                                    .toList();
                };
        for (Binding binding : all) {
            boolean takes = taking.contains(binding);
            String no = whyNot(exchange, binding);
            String why = takes ? "takes it" : no.isEmpty() ? "another one is chosen" : no;
            verdicts.add(new View.Verdict(binding.id(), takes, why));
        }
        return taking;
    }

    /// Why a binding does not take part, or nothing.
    private String whyNot(Definition.Exchange exchange, Binding binding) {
        String pattern = binding.id().pattern();
        boolean fits =
                switch (exchange.kind()) {
                    case DIRECT -> pattern.equals(key);
                    case TOPIC -> fits(words(pattern), words(key));
                    case HEADERS -> binding.match() == null || fits(binding.match());
                    case FANOUT, RANDOM, CONSISTENT_HASH -> true;
                };
        if (!fits) return "does not fit";
        return binding.filter() == null || subject.passes(binding.filter()) ? "" : "filtered";
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\.", -1));
    }

    private static boolean fits(List<String> pattern, List<String> words) {
        if (pattern.isEmpty()) return words.isEmpty();
        List<String> rest = pattern.subList(1, pattern.size());
        if (pattern.getFirst().equals("#")) {
            return fits(rest, words)
                    || (!words.isEmpty() && fits(pattern, words.subList(1, words.size())));
        }
        return !words.isEmpty()
                && (pattern.getFirst().equals("*") || pattern.getFirst().equals(words.getFirst()))
                && fits(rest, words.subList(1, words.size()));
    }

    private boolean fits(HeaderMatch match) {
        List<Boolean> fits = new ArrayList<>();
        for (Header asked : match.equal()) {
            if (match.mode().looksAt(asked.name())) {
                fits.add(message.headers().stream().anyMatch(one -> isEqual(asked, one)));
            }
        }
        for (String asked : match.present()) {
            if (match.mode().looksAt(asked)) fits.add(message.header(asked).isPresent());
        }
        return match.mode().isAny() ? fits.contains(true) : !fits.contains(false);
    }

    private static boolean isEqual(Header asked, Header there) {
        String kind = asked.type().split("\\.", 2)[0];
        if (!asked.name().equals(there.name()) || !there.type().split("\\.", 2)[0].equals(kind)) {
            return false;
        }
        return kind.equals(Header.NUMBER)
                ? new BigDecimal(asked.text()).compareTo(new BigDecimal(there.text())) == 0
                : asked.value().equals(there.value());
    }

    /// The best of as many tries as it has weight.
    private int score(Definition.Exchange exchange, Binding binding) {
        String header = exchange.hashHeader();
        String hashed = header == null ? key : message.header(header).map(Header::text).orElse("");
        int best = Integer.MIN_VALUE;
        for (int i = 0; i < Integer.parseInt(binding.id().pattern()); i++) {
            long seed =
                    ((long) hashed.hashCode() << 32) + 31L * binding.id().target().hashCode() + i;
            best = Math.max(best, new SplittableRandom(seed).nextInt());
        }
        return best;
    }
}
