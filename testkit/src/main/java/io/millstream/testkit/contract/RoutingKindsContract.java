package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.Filter;
import io.millstream.api.From;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.WhenFull;
import io.millstream.api.Partitioner;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Which bindings take a message, for each kind of exchange and each way between them.
public abstract class RoutingKindsContract extends RoutingFixture {
    private static final int KEYS = 400;

    @BeforeEach
    void needs_routing() {
        needs(Feature.QUEUES, Feature.ROUTING);
    }

    // Kinds.

    @Test
    void a_direct_exchange_compares_the_whole_key() {
        ChannelName orders = exchange("orders", ExchangeKind.DIRECT);
        bind(orders, "a", "x.y");
        bind(orders, "b", "x.*");
        bind(orders, "c", "");

        assertReaches(orders, "x.y", "a");
        assertReaches(orders, "x.*", "b");
        assertReaches(orders, "", "c");
        assertReaches(orders, "X.Y");
    }

    @Test
    void a_topic_exchange_knows_one_word_and_any_number_of_words() {
        ChannelName orders = exchange("orders", ExchangeKind.TOPIC);
        bind(orders, "all", "#");
        bind(orders, "one", "*");
        bind(orders, "exact", "stock.usd.nyse");
        bind(orders, "middle", "stock.*.nyse");
        bind(orders, "ends", "stock.#.nyse");
        bind(orders, "begins", "stock.#");
        bind(orders, "two", "*.*");

        assertReaches(orders, "stock.usd.nyse", "all", "begins", "ends", "exact", "middle");
        assertReaches(orders, "stock.nyse", "all", "begins", "ends", "two");
        assertReaches(orders, "stock.a.b.nyse", "all", "begins", "ends");
        assertReaches(orders, "stock", "all", "begins", "one");
        assertReaches(orders, "", "all");
        assertReaches(orders, ".", "all", "two");
    }

    @Test
    void a_headers_exchange_asks_for_all_or_one_of_its_headers() {
        ChannelName orders = exchange("orders", ExchangeKind.HEADERS);
        Header red = Header.text("color", "red");
        Header ten = new Header("size", "number.int", Bytes.utf8("10"));
        bindHeaders(orders, "all", HeaderMatch.all(red, ten));
        bindHeaders(orders, "any", HeaderMatch.any(red, ten));
        bindHeaders(
                orders,
                "there",
                new HeaderMatch(HeaderMatch.Mode.ALL, List.of(), List.of("color")));
        bind(orders, "unasked", "");

        Message message = Message.of("1");
        assertReaches(orders, "", message, "unasked");
        assertReaches(orders, "", message.with().header(red).build(), "any", "there", "unasked");
        assertReaches(
                orders,
                "",
                message.with()
                        .header("color", "red")
                        .header(new Header("size", "number.long", Bytes.utf8("10.0")))
                        .build(),
                "all",
                "any",
                "there",
                "unasked");
        assertReaches(
                orders,
                "",
                message.with().header("color", "blue").header("size", "10").build(),
                "there",
                "unasked");
    }

    @Test
    void headers_that_begin_with_x_count_only_if_asked_to() {
        ChannelName orders = exchange("orders", ExchangeKind.HEADERS);
        List<Header> asked = List.of(Header.text("x-a", "1"), Header.text("b", "2"));
        for (HeaderMatch.Mode mode : HeaderMatch.Mode.values()) {
            bindHeaders(
                    orders,
                    mode.name().toLowerCase(Locale.ROOT),
                    new HeaderMatch(mode, asked, List.of()));
        }

        Message message = Message.of("1");
        assertReaches(
                orders, "", message.with().header("b", "2").build(), "all", "any", "any_with_x");
        assertReaches(orders, "", message.with().header("x-a", "1").build(), "any_with_x");
        assertReaches(
                orders,
                "",
                message.with().header("x-a", "1").header("b", "2").build(),
                "all",
                "all_with_x",
                "any",
                "any_with_x");
    }

    private void bindHeaders(ChannelName exchange, String queue, HeaderMatch match) {
        bind(Definition.Binding.of(exchange, name(queue), "").withMatch(match));
    }

    @Test
    void only_a_headers_exchange_matches_headers() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        define("a");

        refusal(
                Refusal.Invalid.class,
                defining(
                        Definition.Binding.of(orders, name("a"), "")
                                .withMatch(HeaderMatch.all(Header.text("h", "v")))));
    }

    @Test
    void a_hashing_exchange_sends_equal_keys_the_same_way_and_shares_by_weight() {
        ChannelName orders = exchange("orders", ExchangeKind.CONSISTENT_HASH);
        bind(orders, "one", "1");
        bind(orders, "three", "3");
        Map<String, String> before = ways(orders);

        assertThat(ways(orders)).isEqualTo(before);
        long heavy = before.values().stream().filter("three"::equals).count();
        assertThat(heavy).isBetween(KEYS * 6 / 10L, KEYS * 9 / 10L);

        bind(orders, "new", "1");
        ways(orders).forEach((key, way) -> assertThat(way).isIn(before.get(key), "new"));
        commit(unbinding(orders, "new", "1"));
        assertThat(ways(orders)).isEqualTo(before);
    }

    private Map<String, String> ways(ChannelName exchange) {
        Map<String, String> ways = new HashMap<>();
        for (int i = 0; i < KEYS; i++) {
            List<ChannelName> targets = route(exchange, "key-" + i, Message.of("")).targets();
            assertThat(targets).hasSize(1);
            ways.put("key-" + i, targets.getFirst().name());
        }
        return ways;
    }

    @Test
    void a_hashing_exchange_may_go_by_a_header() {
        ChannelName orders =
                exchange(
                        Definition.Exchange.of(name("orders"), ExchangeKind.CONSISTENT_HASH)
                                .withHashHeader("customer"));
        bind(orders, "a", "1");
        bind(orders, "b", "1");

        for (int i = 0; i < 20; i++) {
            Message message = Message.builder("1").header("customer", "c" + i).build();
            assertThat(targets(publish(orders, "x", message)))
                    .isEqualTo(targets(publish(orders, "y", message)));
        }
        assertThat(counts(name("a")).stored()).isBetween(2L, 38L);
    }

    @Test
    void a_weight_is_a_number() {
        ChannelName orders = exchange("orders", ExchangeKind.CONSISTENT_HASH);
        define("a");

        for (String weight : List.of("", "0", "-1", "x", "1.5", "1000001")) {
            refusal(
                    Refusal.Invalid.class,
                    defining(Definition.Binding.of(orders, name("a"), weight)));
        }
    }

    @Test
    void a_random_exchange_chooses_one_queue_and_not_always_the_same() {
        ChannelName orders = exchange("orders", ExchangeKind.RANDOM);
        bind(orders, "a", "");
        bind(orders, "b", "");

        for (int i = 0; i < 50; i++) assertThat(targets(publish(orders, "", "1"))).hasSize(1);

        assertThat(counts(name("a")).stored()).isBetween(1L, 49L);
        assertThat(counts(name("a")).stored() + counts(name("b")).stored()).isEqualTo(50);
    }

    @Test
    void exchanges_that_choose_by_chance_choose_each_for_itself() {
        ChannelName first = exchange("first", ExchangeKind.RANDOM);
        ChannelName second = exchange("second", ExchangeKind.RANDOM);
        bind(first, "a", "");
        bindExchange(first, second, "");
        bind(second, "b", "");
        bind(second, "c", "");

        for (int i = 0; i < 100; i++) assertThat(targets(publish(first, "", "1"))).hasSize(1);

        for (String queue : List.of("a", "b", "c")) {
            assertThat(counts(name(queue)).stored()).as(queue).isPositive();
        }
    }

    // Ways between exchanges.

    @Test
    void an_exchange_may_lead_to_another_one() {
        ChannelName one = exchange("one", ExchangeKind.DIRECT);
        ChannelName two = exchange("two", ExchangeKind.TOPIC);
        bindExchange(one, two, "x.y");
        bind(one, "a", "x.y");
        bind(two, "b", "x.*");
        bind(two, "c", "z");

        assertReaches(one, "x.y", "a", "b");
    }

    @Test
    void exchanges_in_a_circle_give_a_message_once() {
        ChannelName one = exchange("one", ExchangeKind.FANOUT);
        ChannelName two = exchange("two", ExchangeKind.FANOUT);
        bindExchange(one, two, "");
        bindExchange(two, one, "");
        bindExchange(two, two, "");
        bind(one, "a", "");
        bind(two, "a", "other");
        bind(two, "b", "");

        assertReaches(one, "", "a", "b");
        assertReaches(two, "", "a", "b");
        assertThat(counts(name("a")).stored()).isEqualTo(2);
    }

    @Test
    void the_alternate_exchange_gets_what_no_binding_takes() {
        ChannelName rest = exchange("rest", ExchangeKind.FANOUT);
        ChannelName orders =
                exchange(
                        Definition.Exchange.of(name("orders"), ExchangeKind.DIRECT)
                                .withAlternate(rest));
        bind(orders, "a", "x");
        bind(rest, "b", "");

        Effect.Routed taken = publish(orders, "x", "1");
        assertThat(targets(taken)).containsExactly("a");
        assertThat(taken.alternate()).isFalse();
        Effect.Routed left = publish(orders, "y", "2");
        assertThat(targets(left)).containsExactly("b");
        assertThat(left.alternate()).isTrue();
        assertThat(route(orders, "y", Message.of("2")).alternate()).isTrue();
    }

    @Test
    void an_alternate_exchange_may_have_one_itself_and_may_be_missing() {
        ChannelName last = exchange("last", ExchangeKind.FANOUT);
        ChannelName second =
                exchange(
                        Definition.Exchange.of(name("second"), ExchangeKind.DIRECT)
                                .withAlternate(last));
        ChannelName first =
                exchange(
                        Definition.Exchange.of(name("first"), ExchangeKind.DIRECT)
                                .withAlternate(second));
        bind(last, "a", "");

        assertReaches(first, "x", "a");
        exchange(Definition.Exchange.of(first, ExchangeKind.DIRECT).withAlternate(name("absent")));
        assertThat(publish(first, "x", "1").isNowhere()).isTrue();
        exchange(Definition.Exchange.of(first, ExchangeKind.DIRECT).withAlternate(first));
        assertThat(publish(first, "x", "1").isNowhere()).isTrue();
    }

    // What a binding asks for and adds.

    @Test
    void a_filter_on_headers_lets_some_messages_through() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(
                Definition.Binding.of(orders, name("a"), "")
                        .withFilter(
                                Filter.onHeaders(
                                        Map.of(
                                                "event",
                                                List.of("placed", Map.of("prefix", "re")),
                                                "price",
                                                List.of(Map.of("numeric", List.of(">", 100)))))));
        bind(orders, "b", "");

        assertReaches(orders, "", order("placed", "150"), "a", "b");
        assertReaches(orders, "", order("refunded", "100.5"), "a", "b");
        assertReaches(orders, "", order("placed", "100"), "b");
        assertReaches(orders, "", order("shipped", "150"), "b");
        restart();
        assertReaches(orders, "", order("placed", "150"), "a", "b");
        assertReaches(orders, "", order("shipped", "150"), "b");
    }

    private static Message order(String event, String price) {
        return Message.builder("1")
                .header("event", event)
                .header(new Header("price", Header.NUMBER, Bytes.utf8(price)))
                .build();
    }

    @Test
    void a_filter_on_the_body_looks_into_json() {
        ChannelName orders = exchange("orders", ExchangeKind.DIRECT);
        bind(
                Definition.Binding.of(orders, name("a"), "k")
                        .withFilter(
                                Filter.onBody(Map.of("order", Map.of("store", List.of("books"))))));

        assertReaches(orders, "k", Message.of("{\"order\":{\"store\":\"books\"}}"), "a");
        assertReaches(orders, "k", Message.of("{\"order\":[{\"store\":[\"x\",\"books\"]}]}"), "a");
        assertReaches(orders, "k", Message.of("{\"order\":{\"store\":\"toys\"}}"));
        assertReaches(orders, "k", Message.of("no json"));
        assertReaches(orders, "other", Message.of("{\"order\":{\"store\":\"books\"}}"));
    }

    @Test
    void a_binding_may_add_headers_to_what_takes_its_way() {
        ChannelName one = exchange("one", ExchangeKind.FANOUT);
        ChannelName two = exchange("two", ExchangeKind.FANOUT);
        bind(
                Definition.Binding.of(new BindingName(one, new Target.Exchange(two), "", ""))
                        .withAdds(List.of(Header.text("via", "two"))));
        bind(Definition.Binding.of(two, name("a"), "").withAdds(List.of(Header.text("to", "a"))));
        bind(two, "b", "");
        bind(one, "c", "");

        publish(one, "", Message.builder("1").header("own", "h").build());

        assertThat(takeOne(name("a")).message().headers())
                .containsExactly(
                        Header.text("own", "h"), Header.text("via", "two"), Header.text("to", "a"));
        assertThat(takeOne(name("b")).message().headers())
                .containsExactly(Header.text("own", "h"), Header.text("via", "two"));
        assertThat(takeOne(name("c")).message().headers()).containsExactly(Header.text("own", "h"));
    }

    @Test
    void a_dry_run_says_what_each_binding_says_and_changes_nothing() {
        ChannelName orders = exchange("orders", ExchangeKind.TOPIC);
        bind(orders, "a", "x.*");
        bind(orders, "b", "y");
        bind(
                Definition.Binding.of(orders, name("c"), "#")
                        .withFilter(Filter.onHeaders(Map.of("h", List.of("v")))));

        View.RouteView view = route(orders, "x.y", Message.of("1"));

        assertThat(view.targets()).containsExactly(name("a"));
        assertThat(view.verdicts())
                .extracting(verdict -> verdict.binding().target().name().name())
                .containsExactly("a", "b", "c");
        assertThat(view.verdicts())
                .extracting(View.Verdict::takes)
                .containsExactly(true, false, false);
        assertThat(view.verdicts()).noneMatch(verdict -> verdict.why().isBlank());
        assertNothingToTake(name("a"));
    }

    // Topics, and what is full.

    @Test
    void a_topic_gets_what_is_routed_to_it_in_the_partition_of_its_key() {
        needs(Feature.TOPICS);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        ChannelName events = name("events");
        commit(defining(Definition.Topic.of(events).withPartitions(7)));
        bind(orders, "events", "");
        bind(orders, "queue", "");
        Bytes key = Bytes.utf8("customer 1");
        int partition = Partitioner.partitionOf(key, 7);

        Effect.Routed keyed = publish(orders, "", Message.builder("1").key(key).build());
        Effect.Routed unkeyed = publish(orders, "", "2");

        assertThat(keyed.reached().getFirst())
                .isEqualTo(new Effect.Reached(events, partition, new Effect.Appended(0, 0)));
        assertThat(unkeyed.reached().getFirst().partition()).isZero();
        assertThat(read(events, partition)).contains("1");
        assertThat(read(events, 0)).contains("2");
        assertReadyInOrder(name("queue"), "1", "2");
        commit(removing(events));
        assertReaches(orders, "", "queue");
    }

    private List<String> read(ChannelName topic, int partition) {
        try (TopicReader reader = session().read(new From.Offset(topic, partition, 0))) {
            var fetched = await(reader.next(10, 1000, Duration.ZERO).stage());
            return ((Fetched.Records) fetched)
                    .records().stream().map(TopicRecord::message).map(Message::text).toList();
        }
    }

    @Test
    void what_is_full_refuses_all_or_is_skipped() {
        needs(Feature.TOPICS);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        commit(defining(Definition.Topic.of(name("full")).withVersionedKeys(1)));
        bind(orders, "full", "");
        bind(orders, "a", "");
        publish(orders, "", keyed("k1"));

        Refusal.IsFull full = refusal(Refusal.IsFull.class, publishing(orders, "", keyed("k2")));
        assertThat(full.name()).isEqualTo(name("full"));
        assertThat(counts(name("a")).stored()).isEqualTo(1);

        Effect.Routed routed =
                (Effect.Routed)
                        commit(new Operation.Publish(orders, "", keyed("k2"), WhenFull.SKIP))
                                .effects()
                                .getFirst();
        assertThat(targets(routed)).containsExactly("a");
        assertThat(routed.skipped()).extracting(Refusal.IsFull::name).containsExactly(name("full"));
        assertThat(routed.isNowhere()).isFalse();
        assertReadyInOrder(name("a"), "k1", "k2");
    }

    private static Message keyed(String key) {
        return Message.builder(key).key(Bytes.utf8(key)).build();
    }

    // The rules of queues hold for what is routed to them.

    @Test
    void a_full_queue_refuses_what_is_published_or_is_skipped() {
        needs(Feature.CAPACITY, Feature.ATOMIC_COMMIT);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        define(limited("full", Capacity.Overflow.REFUSE, null));
        bind(orders, "full", "");
        bind(orders, "a", "");
        publish(orders, "", "1");

        refusal(Refusal.IsFull.class, publishing(orders, "", "2"));
        Effect.Routed routed =
                (Effect.Routed)
                        commit(new Operation.Publish(orders, "", Message.of("3"), WhenFull.SKIP))
                                .effects()
                                .getFirst();

        assertThat(targets(routed)).containsExactly("a");
        assertThat(routed.skipped()).extracting(Refusal.IsFull::name).containsExactly(name("full"));
        Lease lease = takeOne(name("a"));
        commit(finishing(lease), publishing(orders, "", "4"));
        assertReadyInOrder(name("a"), "3", "4");
        assertReadyInOrder(name("full"), "1", "4");
    }

    @Test
    void what_drops_out_of_one_target_into_another_comes_there_before_what_is_published() {
        needs(Feature.CAPACITY, Feature.DEAD_LETTER);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        define("b");
        define("z");
        define(limited("a", Capacity.Overflow.DROP_HEAD, "b"));
        define(limited("y", Capacity.Overflow.DEAD_LETTER, "z"));
        for (String queue : List.of("a", "b", "c", "y", "z")) bind(orders, queue, "");

        publish(orders, "", "1");
        publish(orders, "", "2");
        restart();

        assertReadyInOrder(name("a"), "2");
        assertReadyInOrder(name("b"), "1", "1", "2");
        assertReadyInOrder(name("c"), "1", "2");
        assertReadyInOrder(name("y"), "1");
        assertReadyInOrder(name("z"), "1", "2", "2");
    }

    private static Definition.Queue limited(
            String queue, Capacity.Overflow overflow, @Nullable String deadLetter) {
        return Definition.Queue.builder(name(queue))
                .capacity(new Capacity(1, 0, overflow))
                .deadLetter(deadLetter == null ? null : name(deadLetter))
                .build();
    }

    @Test
    void a_queue_that_has_an_equal_message_does_nothing_and_the_receipt_names_the_first_one() {
        needs(Feature.DEDUPLICATION);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        define(
                Definition.Queue.builder(name("a"))
                        .deduplication(
                                new Deduplication(Duration.ofMinutes(5), Deduplication.Scope.QUEUE))
                        .build());
        bind(orders, "a", "");
        bind(orders, "b", "");
        Message message = Message.builder("1").deduplication("same").build();

        Effect first = publish(orders, "", message).reached().getFirst().effect();
        Effect.Routed again = publish(orders, "", message);

        assertThat(again.reached().getFirst().effect())
                .isEqualTo(new Effect.Duplicate(((Effect.Stored) first).sequence()));
        assertThat(again.reached().getLast().effect()).isInstanceOf(Effect.Stored.class);
        assertReadyInOrder(name("a"), "1");
        assertReadyInOrder(name("b"), "1", "1");
    }

    // Delays.

    @Test
    void a_delaying_exchange_has_messages_wait_that_say_so() {
        needs(Feature.DELAY);
        ChannelName later =
                exchange(
                        Definition.Exchange.of(name("later"), ExchangeKind.FANOUT)
                                .withDelayed(true));
        bind(later, "a", "");
        publish(later, "", delayed("1", "5000"));
        publish(later, "", delayed("2", "0"));
        publish(later, "", delayed("3", "-7"));
        publish(later, "", delayed("4", "-" + "9".repeat(18)));
        publish(later, "", "5");

        assertReadyInOrder(name("a"), "2", "3", "4", "5");
        advance(Duration.ofSeconds(4));
        assertNothingToTake(name("a"));
        advance(Duration.ofSeconds(1));
        Lease lease = takeOne(name("a"));
        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.message().delay()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void what_the_header_says_replaces_another_delay() {
        needs(Feature.DELAY);
        ChannelName later =
                exchange(
                        Definition.Exchange.of(name("later"), ExchangeKind.FANOUT)
                                .withDelayed(true));
        bind(later, "a", "");

        publish(later, "", delayed("1", "0").with().delay(SECOND).build());
        publish(later, "", Message.builder("2").delay(SECOND).build());

        assertReadyInOrder(name("a"), "1");
        advance(SECOND);
        assertReadyInOrder(name("a"), "2");
    }

    @Test
    void a_delay_that_is_no_number_is_refused_where_it_would_be_looked_at() {
        needs(Feature.DELAY);
        ChannelName first = exchange("first", ExchangeKind.FANOUT);
        ChannelName later =
                exchange(
                        Definition.Exchange.of(name("later"), ExchangeKind.FANOUT)
                                .withDelayed(true));
        bindExchange(first, later, "");
        bind(later, "a", "");

        for (String delay : List.of("soon", "", "1.5", "1e3", " 1", "9".repeat(19))) {
            for (ChannelName exchange : List.of(first, later)) {
                refusal(Refusal.Invalid.class, publishing(exchange, "", delayed("1", delay)));
            }
        }
        ChannelName now = exchange("now", ExchangeKind.FANOUT);
        bind(now, "a", "");
        publish(now, "", delayed("2", "soon"));

        assertReadyInOrder(name("a"), "2");
    }

    @Test
    void a_delaying_exchange_delays_with_what_lies_behind_it() {
        needs(Feature.DELAY);
        ChannelName first = exchange("first", ExchangeKind.FANOUT);
        ChannelName later =
                exchange(
                        Definition.Exchange.of(name("later"), ExchangeKind.FANOUT)
                                .withDelayed(true));
        ChannelName behind = exchange("behind", ExchangeKind.FANOUT);
        bindExchange(first, later, "");
        bindExchange(later, behind, "");
        bind(behind, "a", "");
        bind(first, "b", "");

        publish(first, "", delayed("1", "5000"));
        publish(behind, "", delayed("2", "5000"));

        assertReadyInOrder(name("a"), "2");
        assertReadyInOrder(name("b"), "1");
        advance(Duration.ofSeconds(5));
        assertReadyInOrder(name("a"), "1");
    }

    @Test
    void a_header_that_says_longer_than_the_longest_wait_is_refused() {
        needs(Feature.DELAY);
        Duration longest = backend().capabilities().longest().delay();
        ChannelName later =
                exchange(
                        Definition.Exchange.of(name("later"), ExchangeKind.FANOUT)
                                .withDelayed(true));
        bind(later, "a", "");
        String longer = Long.toString(longest.toMillis() + 1);

        var refusal = refusal(Refusal.Invalid.class, publishing(later, "", delayed("1", longer)));

        assertThat(refusal.text()).contains(longest.toString());
        publish(later, "", delayed("2", Long.toString(longest.toMillis())));
        assertThat(counts(name("a")).delayed()).isEqualTo(1);
        assertThat(counts(name("a")).stored()).isEqualTo(1);
    }

    private static Message delayed(String text, String millis) {
        return Message.builder(text)
                .header(
                        new Header(
                                Definition.Exchange.DELAY_HEADER,
                                Header.NUMBER,
                                Bytes.utf8(millis)))
                .build();
    }
}
