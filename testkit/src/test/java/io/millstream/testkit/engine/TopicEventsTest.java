package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.Codec;
import io.millstream.EventHandler;
import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.StoppedException;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Publishing, subscribing and replaying, in process.
class TopicEventsTest {
    private static final Definition.Topic TWO =
            Definition.Topic.of(ChannelName.of("orders")).withPartitions(2);

    private final MemoryDisk disk = new MemoryDisk();
    private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    private Engine engine;
    private Millstream millstream;

    TopicEventsTest() {
        open();
    }

    private void open() {
        engine = Engine.open(disk, EngineOptions.inMemory());
        millstream = Millstream.over(engine);
    }

    private void killAndReopen() {
        engine.kill();
        open();
    }

    @AfterEach
    void close() {
        millstream.close();
    }

    private Topic<String> orders() {
        return millstream.topic("orders", Codec.text());
    }

    private String next() throws InterruptedException {
        return handled.poll(20, TimeUnit.SECONDS);
    }

    private void note(StoredEvent<String> event) {
        handled.add(event.data());
    }

    @Test
    void events_of_a_sealed_interface_come_back_as_the_records_they_were() throws Exception {
        Topic<AccountEvent> accounts = millstream.topic("accounts", AccountEvent.codec());
        List<AccountEvent> events =
                List.of(
                        new AccountEvent.Renamed(0, "a", "Ada, Countess"),
                        new AccountEvent.Deposited(1, "b", 100),
                        new AccountEvent.Withdrawn(2, "c", 30));
        BlockingQueue<AccountEvent> seen = new LinkedBlockingQueue<>();
        try (TopicSubscription subscription =
                accounts.subscribe("ledger", event -> seen.add(event.data()))) {
            for (AccountEvent event : events) {
                accounts.publish("ada", event);
            }

            for (AccountEvent event : events) {
                assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(event);
            }
            assertThat(subscription.failure()).isNull();
        }
    }

    @Test
    void keys_keep_their_order_and_their_partition() throws Exception {
        Topic<String> orders = millstream.topic(TWO.withPartitions(4), Codec.text());
        int keys = 12;
        int events = 30;
        BlockingQueue<StoredEvent<String>> seen = new LinkedBlockingQueue<>();
        try (TopicSubscription subscription = orders.subscribe("all", seen::add);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int key = 0; key < keys; key++) {
                String name = "key-" + key;
                Future<?> publishing =
                        executor.submit(() -> {
                            for (int i = 0; i < events; i++) {
                                orders.publish(name, "" + i);
                            }
                        });
                assertThat(publishing).isNotNull();
            }
            Map<String, Integer> counts = new HashMap<>();
            Map<String, Integer> partitions = new HashMap<>();
            for (int i = 0; i < keys * events; i++) {
                StoredEvent<String> event = seen.poll(20, TimeUnit.SECONDS);
                String key = event.event().key();
                assertThat(event.data()).isEqualTo("" + (counts.merge(key, 1, Integer::sum) - 1));
                assertThat(event.partition())
                        .isEqualTo(partitions.computeIfAbsent(key, none -> event.partition()));
            }

            Set<Integer> used = new HashSet<>(partitions.values());
            assertThat(used).hasSizeGreaterThan(1);
            assertThat(subscription.failure()).isNull();
        }
    }

    @Test
    void a_subscription_goes_on_where_the_last_of_its_name_was_closed() throws Exception {
        orders().publish("k", "1");
        try (TopicSubscription first = orders().subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("1");
            assertThat(first.failure()).isNull();
        }
        orders().publish("k", "2");
        try (TopicSubscription second = orders().subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("2");
            assertThat(second.failure()).isNull();
        }
        try (TopicSubscription other = orders().subscribe("shipping", this::note)) {
            assertThat(List.of(next(), next())).containsExactly("1", "2");
            assertThat(other.failure()).isNull();
        }
        assertThat(handled).isEmpty();
    }

    @Test
    void a_cursor_outlives_a_kill() throws Exception {
        orders().publish("k", "1");
        try (TopicSubscription first = orders().subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("1");
            assertThat(first.failure()).isNull();
        }
        killAndReopen();
        orders().publish("k", "2");

        try (TopicSubscription second = orders().subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("2");
            assertThat(second.failure()).isNull();
        }
        assertThat(handled).isEmpty();
    }

    @Test
    void a_subscription_that_is_killed_with_its_store_says_so_and_loses_nothing() throws Exception {
        Topic<String> orders = orders();
        TopicSubscription first = orders.subscribe("billing", this::note);
        for (int i = 0; i < 100; i++) {
            orders.publish("k", "" + i);
        }
        Set<String> seen = new HashSet<>();
        seen.add(next());
        killAndReopen();
        await().untilAsserted(
                        () -> assertThat(first.failure()).isInstanceOf(StoppedException.class));
        first.close();

        try (TopicSubscription second = orders().subscribe("billing", this::note)) {
            while (seen.size() < 100) {
                seen.add(next());
            }
            assertThat(second.failure()).isNull();
        }
    }

    @Test
    void an_event_that_fails_is_tried_again_and_holds_up_its_partition_only() throws Exception {
        Topic<String> orders = millstream.topic(TWO, Codec.text());
        List<String> keys = keysOfBothPartitions(orders);
        AtomicInteger failures = new AtomicInteger();
        CountDownLatch otherIsDone = new CountDownLatch(1);
        EventHandler<String> handler =
                event -> {
                    if (event.data().equals("bad")
                            && (failures.incrementAndGet() < 3 || otherIsDone.getCount() > 0)) {
                        assertThat(failures).as("an error first").hasValueGreaterThan(1);
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("an exception then");
                    }
                    note(event);
                };
        try (TopicSubscription subscription = orders.subscribe("billing", handler)) {
            skip(orders);
            orders.publish(keys.getFirst(), "bad");
            orders.publish(keys.getFirst(), "behind it");
            for (int i = 0; i < 10; i++) {
                orders.publish(keys.getLast(), "other");
                assertThat(next()).isEqualTo("other");
            }
            otherIsDone.countDown();

            assertThat(next()).isEqualTo("bad");
            assertThat(next()).isEqualTo("behind it");
            assertThat(failures).hasValueGreaterThan(2);
            assertThat(subscription.failure()).isNull();
        }
    }

    private List<String> keysOfBothPartitions(Topic<String> orders) {
        Map<Integer, String> keys = new HashMap<>();
        for (int i = 0; keys.size() < 2; i++) {
            String key = "key-" + i;
            orders.publish(key, key);
            orders.replay(key, event -> keys.putIfAbsent(event.partition(), event.event().key()));
        }
        return List.copyOf(keys.values());
    }

    private void skip(Topic<String> orders) throws InterruptedException {
        for (String published : replayed(orders)) {
            assertThat(next()).startsWith("key-").hasSameSizeAs(published);
        }
    }

    @Test
    void what_was_handled_before_an_event_that_fails_is_noted() throws Exception {
        Topic<String> orders = orders();
        for (String data : List.of("a", "b", "bad")) {
            orders.publish("k", data);
        }
        CountDownLatch twice = new CountDownLatch(2);
        TopicSubscription first =
                orders.subscribe(
                        "billing",
                        event -> {
                            if (event.data().equals("bad")) {
                                twice.countDown();
                                throw new IllegalStateException("bad");
                            }
                        });
        assertThat(twice.await(20, TimeUnit.SECONDS)).isTrue();
        killAndReopen();
        first.close();

        try (TopicSubscription second = orders().subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("bad");
            assertThat(second.failure()).isNull();
        }
    }

    @Test
    void closing_waits_for_the_handler_and_notes_what_it_did() throws Exception {
        Topic<String> orders = orders();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        TopicSubscription subscription =
                orders.subscribe(
                        "billing",
                        event -> {
                            began.countDown();
                            try {
                                mayEnd.await();
                            } catch (InterruptedException closing) {
                                interrupted.countDown();
                                mayEnd.await();
                            }
                            note(event);
                        });
        orders.publish("k", "slow");
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        Thread closing = Thread.ofVirtual().start(subscription::close);
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(closing.isAlive()).isTrue();
        assertThat(handled).isEmpty();

        mayEnd.countDown();
        closing.join();

        assertThat(handled).containsExactly("slow");
        handled.clear();
        orders.publish("k", "next");
        try (TopicSubscription second = orders.subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("next");
            assertThat(second.failure()).isNull();
        }
    }

    @Test
    void a_subscription_to_a_topic_that_is_removed_ends_and_says_why() {
        Topic<String> orders = orders();
        try (TopicSubscription subscription = orders.subscribe("billing", this::note)) {
            millstream.remove("orders");

            await().untilAsserted(() ->
                    assertThat(subscription.failure()).isInstanceOf(RefusedException.class));
        }
        assertThatThrownBy(() -> orders.publish("x")).isInstanceOf(RefusedException.class);
    }

    private static List<String> replayed(Topic<String> topic) {
        List<String> all = new ArrayList<>();
        topic.replay(event -> all.add(event.data()));
        return all;
    }

    @Test
    void replay_hands_out_all_that_is_kept_now_and_ends() {
        Topic<String> orders = millstream.topic(TWO, Codec.text());
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            all.add("" + i);
            orders.publish("key-" + i % 7, "" + i);
        }
        List<String> threes = new ArrayList<>();
        orders.replay("key-3", event -> threes.add(event.data()));

        assertThat(replayed(orders)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(threes)
                .isEqualTo(all.stream().filter(i -> Integer.parseInt(i) % 7 == 3).toList());
        List<String> none = new ArrayList<>();
        orders.replay("no such key", event -> none.add(event.data()));
        assertThat(none).isEmpty();
    }

    @Test
    void replay_does_not_follow_what_its_reader_publishes() {
        Topic<String> orders = orders();
        orders.publish("k", "1");
        orders.publish("k", "2");
        orders.replay(event -> orders.publish("k", "again " + event.data()));

        assertThat(replayed(orders)).containsExactly("1", "2", "again 1", "again 2");
    }

    @Test
    void replay_never_ends_early_when_the_store_is_closed() {
        Topic<String> orders = orders();
        for (int i = 0; i < 60; i++) {
            orders.publish("k", "x".repeat(100_000));
        }

        assertThatThrownBy(() -> orders.replay(event -> millstream.close()))
                .isInstanceOfAny(StoppedException.class, IllegalStateException.class);
    }

    @Test
    void of_several_that_decide_by_the_same_version_one_succeeds() {
        Topic<String> orders = millstream.topic(TWO.withVersionedKeys(10), Codec.text());

        assertThat(orders.publish("k", 0, List.of("a", "b"))).isEqualTo(2);
        assertThatThrownBy(() -> orders.publish("k", 0, List.of("late")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isInstanceOfSatisfying(
                                                Refusal.Conflict.class,
                                                conflict ->
                                                        assertThat(conflict.version())
                                                                .isEqualTo(2)));
        assertThat(orders.publish("k", 2, List.of("c"))).isEqualTo(3);
        assertThat(replayed(orders)).containsExactly("a", "b", "c");
    }

    @Test
    void who_knows_fewer_partitions_does_not_publish_versions_where_nobody_looks() {
        Definition.Topic one = TWO.withPartitions(1).withVersionedKeys(100);
        Topic<String> early = millstream.topic(one, Codec.text());
        Topic<String> late = millstream.topic(one.withPartitions(5), Codec.text());
        for (int i = 0; i < 20; i++) {
            String key = "key-" + i;

            assertThat(early.publish(key, 0, List.of("a"))).isEqualTo(1);
            assertThat(late.publish(key, 1, List.of("b"))).isEqualTo(2);
        }
    }

    @Test
    void versions_are_refused_where_keys_are_not_counted_and_so_is_nothing() {
        assertThatThrownBy(() -> orders().publish("k", 0, List.of("a")))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> orders().publish("k", 0, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_queue_of_that_name_is_no_topic() {
        millstream.queue("mail");

        assertThatThrownBy(() -> millstream.topic("mail", Codec.text()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("mail");
    }
}
