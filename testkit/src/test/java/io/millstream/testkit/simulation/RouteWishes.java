package io.millstream.testkit.simulation;

import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Message;
import io.millstream.api.Retention;
import io.millstream.api.Target;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// What a [RouteClient] asks for, by the dice: of few kinds of exchanges and plain bindings, or of
/// all that there is.
final class RouteWishes {
    private static final String HOST = RouteClient.HOST;
    private static final int QUEUES = 4;
    private static final int PARTITIONS = 2;
    private static final String COLOR = "color";
    private static final String SIZE = "size";
    private static final List<String> PATTERNS = List.of("a", "a.b", "#", "*", "a.#", "*.b");
    private static final List<String> KEYS = List.of("a", "a.b", "a.b.c", "b", "c.b");

    private static final List<Definition.Exchange> FEW =
            List.of(
                    Definition.Exchange.of(name("fan"), ExchangeKind.FANOUT),
                    Definition.Exchange.of(name("topic"), ExchangeKind.TOPIC),
                    Definition.Exchange.of(name("direct"), ExchangeKind.DIRECT)
                            .withAlternate(name("fan")));

    private static final List<Definition.Exchange> ALL =
            List.of(
                    FEW.get(0),
                    FEW.get(1),
                    FEW.get(2),
                    Definition.Exchange.of(name("headers"), ExchangeKind.HEADERS)
                            .withAlternate(name("late")),
                    Definition.Exchange.of(name("hash"), ExchangeKind.CONSISTENT_HASH),
                    Definition.Exchange.of(name("colors"), ExchangeKind.CONSISTENT_HASH)
                            .withHashHeader(COLOR),
                    Definition.Exchange.of(name("random"), ExchangeKind.RANDOM),
                    Definition.Exchange.of(name("late"), ExchangeKind.FANOUT).withDelayed(true));

    private static final Definition.Topic TOPIC =
            Definition.Topic.of(name("t"))
                    .withPartitions(PARTITIONS)
                    .withRetention(Retention.forever());

    private static final List<HeaderMatch> MATCHES =
            List.of(
                    HeaderMatch.all(Header.text(COLOR, "red")),
                    HeaderMatch.all(Header.text(COLOR, "red"), number(SIZE, "2")),
                    HeaderMatch.any(Header.text(COLOR, "red"), number(SIZE, "2")),
                    new HeaderMatch(
                            HeaderMatch.Mode.ANY,
                            List.of(Header.text(COLOR, "blue")),
                            List.of(Definition.Exchange.DELAY_HEADER)),
                    new HeaderMatch(
                            HeaderMatch.Mode.ALL_WITH_X,
                            List.of(),
                            List.of(Definition.Exchange.DELAY_HEADER, COLOR)));

    /// A filter, and what it means, said without the engine.
    record Sieve(Filter filter, Predicate<Message> passes) {}

    private static final List<Sieve> SIEVES =
            List.of(
                    new Sieve(
                            Filter.onHeaders(Map.of(COLOR, List.of("red"))),
                            message -> text(message, COLOR).equals("red")),
                    new Sieve(
                            Filter.onHeaders(
                                    Map.of(COLOR, List.of(Map.of("anything-but", List.of("red"))))),
                            message -> text(message, COLOR).equals("blue")),
                    new Sieve(
                            Filter.onHeaders(Map.of(COLOR, List.of(Map.of("exists", false)))),
                            message -> text(message, COLOR).isEmpty()),
                    new Sieve(
                            Filter.onHeaders(
                                    Map.of(SIZE, List.of(Map.of("numeric", List.of(">", 2))))),
                            message -> text(message, SIZE).compareTo("2.0") > 0),
                    new Sieve(
                            Filter.onBody(Map.of("kind", List.of("x"))),
                            message -> body(message).startsWith("{\"kind\":\"x\"")),
                    new Sieve(
                            Filter.onBody(
                                    Map.of(
                                            "part",
                                            Map.of(
                                                    "n",
                                                    List.of(Map.of("numeric", List.of("<", 2)))))),
                            message -> body(message).matches("(?s)\\{\"kind\":.*\"n\":[01]}.*")));

    private final RandomGenerator random;

    /// Whether it asks for all that there is.
    private final boolean all;

    private int number;

    RouteWishes(RandomGenerator random, boolean all) {
        this.random = random;
        this.all = all;
    }

    private static ChannelName name(String name) {
        return new ChannelName(HOST, name);
    }

    private static Header number(String name, String value) {
        return new Header(name, Header.NUMBER, Bytes.utf8(value));
    }

    private static String text(Message message, String header) {
        return message.header(header).map(Header::text).orElse("");
    }

    private static String body(Message message) {
        return message.body().utf8();
    }

    /// What a filter of these bindings says to a message.
    static boolean passes(Filter filter, Message message) {
        return SIEVES.stream()
                .filter(sieve -> sieve.filter.equals(filter))
                .findFirst()
                .orElseThrow()
                .passes
                .test(message);
    }

    boolean asksForAll() {
        return all;
    }

    private List<Definition.Exchange> exchanges() {
        return all ? ALL : FEW;
    }

    /// All exchanges, and what they lead to.
    List<Definition> everything() {
        List<Definition> everything = new ArrayList<>(exchanges());
        for (int i = 0; i < QUEUES; i++) {
            everything.add(Definition.Queue.of(name("q" + i)));
        }
        everything.add(TOPIC);
        return everything;
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    ChannelName queue() {
        return name("q" + random.nextInt(QUEUES));
    }

    ChannelName exchange() {
        return any(exchanges()).name();
    }

    String key() {
        return any(KEYS);
    }

    /// Something that is to be there, and is not, or a binding.
    Definition definition(RouteRecords records) {
        for (Definition.Exchange exchange : exchanges()) {
            if (!records.hasExchange(exchange.name())) {
                return exchange;
            }
        }
        ChannelName queue = queue();
        if (!records.hasQueue(queue)) {
            return Definition.Queue.of(queue);
        }
        Definition.Binding binding = Definition.Binding.of(id(queue));
        if (random.nextInt(6) == 0) {
            binding = binding.withAdds(List.of(Header.text("added", "by " + number)));
        }
        return all ? chosen(binding) : binding;
    }

    private Definition.Binding chosen(Definition.Binding binding) {
        boolean looksAtHeaders = binding.name().equals(name("headers"));
        Definition.Binding chosen =
                looksAtHeaders && random.nextInt(8) > 0 ? binding.withMatch(any(MATCHES)) : binding;
        return random.nextInt(3) == 0 ? chosen.withFilter(any(SIEVES).filter) : chosen;
    }

    BindingName unbound(RouteRecords records) {
        List<BindingName> there = records.bindings();
        return all && !there.isEmpty() ? any(there) : id(queue());
    }

    private BindingName id(ChannelName queue) {
        if (all) {
            return id(any(ALL), random.nextInt(5) == 0 ? TOPIC.name() : queue);
        }
        boolean further = random.nextInt(6) == 0;
        return new BindingName(
                exchange(),
                further ? new Target.Exchange(exchange()) : new Target.Channel(queue),
                any(PATTERNS),
                "");
    }

    /// One binding to each target, where the pattern says nothing; where it is a weight, too.
    private BindingName id(Definition.Exchange exchange, ChannelName channel) {
        Target target =
                random.nextInt(6) == 0
                        ? new Target.Exchange(exchange())
                        : new Target.Channel(channel);
        String pattern =
                switch (exchange.kind()) {
                    case DIRECT, TOPIC -> any(PATTERNS);
                    case CONSISTENT_HASH -> "" + (1 + target.name().name().length() % 4);
                    case FANOUT, HEADERS, RANDOM -> "";
                };
        return new BindingName(exchange.name(), target, pattern, "");
    }

    Message message() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 4000 : 300)];
        random.nextBytes(bytes);
        Message.Builder message = Message.builder(Bytes.of(bytes)).id("r" + ++number);
        if (!all) {
            return message.build();
        }
        if (random.nextInt(3) > 0) {
            message.body(Bytes.utf8(json(bytes.length)));
        }
        if (random.nextInt(3) > 0) {
            message.header(COLOR, random.nextBoolean() ? "red" : "blue");
        }
        if (random.nextInt(3) > 0) {
            message.header(number(SIZE, random.nextInt(1, 4) + ".0"));
        }
        if (random.nextBoolean()) {
            String millis = "" + (random.nextInt(8) == 0 ? 0 : random.nextInt(1, 4000));
            message.header(Definition.Exchange.DELAY_HEADER, millis);
        }
        if (random.nextBoolean()) {
            message.key(Bytes.utf8("key " + random.nextInt(4)));
        }
        return message.build();
    }

    private String json(int bytes) {
        return "{\"kind\":\"%s\",\"part\":{\"n\":%d},\"rest\":\"%s\"}"
                .formatted(random.nextBoolean() ? "x" : "y", random.nextInt(4), "-".repeat(bytes));
    }
}
