package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.lossy.LosingBackend;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// What a subscription does when something happens to it, to its topic or to the store.
class TopicSubscriptionTest {
    private static final Definition.Topic ONE = Definition.Topic.of(ChannelName.of("orders"));
    private static final long READ_AHEAD_BYTES = 8 << 20;

    private final TappedBackend backend =
            new TappedBackend(Engine.open(new MemoryDisk(), EngineOptions.inMemory()));
    private final Millstream millstream = Millstream.over(backend);
    private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        millstream.close();
    }

    private Topic<String> orders(int partitions) {
        return millstream.topic(ONE.withPartitions(partitions), Codec.text());
    }

    private void note(StoredEvent<String> event) {
        handled.add(event.data());
    }

    private String next() throws InterruptedException {
        return handled.poll(20, TimeUnit.SECONDS);
    }

    private List<View.CursorView> cursors() {
        return backend.find(new Query.Cursors(ONE.name(), "", null, 10))
                .toCompletableFuture()
                .join()
                .page()
                .items();
    }

    /// One event in each partition.
    private void fill(Topic<String> orders, int partitions) {
        for (int i = 0; i < partitions; i++) {
            orders.publish("event " + i);
        }
    }

    @Test
    void a_name_that_no_cursor_may_have_is_refused_when_subscribing() {
        Topic<String> orders = orders(1);

        assertThatThrownBy(() -> orders.subscribe("", this::note))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 255");
        assertThatThrownBy(() -> orders.subscribe("x".repeat(256), this::note))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_subscription_to_a_topic_that_came_again_ends_and_leaves_its_cursors_alone()
            throws Exception {
        Topic<String> old = orders(1);
        old.publish("of the old one");
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (TopicSubscription subscription =
                old.subscribe(
                        "billing",
                        event -> {
                            began.countDown();
                            mayEnd.await();
                        })) {
            assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
            millstream.remove("orders");
            Topic<String> again = orders(1);
            again.publish("first of the new one");
            mayEnd.countDown();

            await().until(() -> subscription.failure() != null);
            assertThat(subscription.failure())
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            why ->
                                    assertThat(why.refusal())
                                            .isInstanceOf(Refusal.NoSuchChannel.class));
            assertThat(cursors()).isEmpty();
        }
        try (TopicSubscription subscription = old.subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("first of the new one");
            assertThat(subscription.failure()).isNull();
        }
        assertThat(cursors()).containsExactly(new View.CursorView("billing", List.of(1L)));
    }

    @Test
    void a_lost_connection_ends_nothing_and_loses_no_event() throws Exception {
        LosingBackend losing = new LosingBackend(backend);
        Topic<String> orders = Millstream.over(losing).topic(ONE, Codec.text());
        orders.publish("first");
        try (TopicSubscription subscription = orders.subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("first");
            losing.loseNext(LosingBackend.Kind.READ, LosingBackend.When.AFTER);
            losing.loseNext(LosingBackend.Kind.READ, LosingBackend.When.BEFORE);
            // What is being read is not lost any more; what is asked for next is.
            millstream.topic(ONE, Codec.text()).publish("second");
            assertThat(next()).isEqualTo("second");
            millstream.topic(ONE, Codec.text()).publish("third");

            assertThat(next()).isEqualTo("third");
            assertThat(losing.hasLostAll()).isTrue();
            assertThat(subscription.failure()).isNull();
        }
        assertThat(cursors()).containsExactly(new View.CursorView("billing", List.of(3L)));
    }

    @Test
    void partitions_that_a_topic_gets_later_are_followed() throws Exception {
        Topic<String> orders = orders(1);
        try (TopicSubscription subscription = orders.subscribe("billing", this::note)) {
            Topic<String> grown = orders(3);
            fill(grown, 3);

            assertThat(List.of(next(), next(), next()))
                    .containsExactlyInAnyOrder("event 0", "event 1", "event 2");
            assertThat(subscription.failure()).isNull();
        }
        assertThat(cursors()).containsExactly(new View.CursorView("billing", List.of(1L, 1L, 1L)));
    }

    @Test
    void a_subscription_goes_on_after_what_nobody_expected() throws Exception {
        Topic<String> orders = orders(1);
        orders.publish("1");
        backend.failReads(2);
        try (TopicSubscription subscription = orders.subscribe("billing", this::note)) {
            assertThat(next()).isEqualTo("1");
            assertThat(backend.hasMisbehaved()).isTrue();
            assertThat(subscription.failure()).isNull();
        }
    }

    @Test
    void all_partitions_share_what_is_read_ahead() throws Exception {
        int partitions = 32;
        Topic<String> orders = orders(partitions);
        for (int i = 0; i < partitions; i++) {
            orders.publish("x".repeat(100_000));
        }
        CountDownLatch all = new CountDownLatch(partitions);
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (TopicSubscription subscription =
                orders.subscribe(
                        "billing",
                        event -> {
                            all.countDown();
                            mayEnd.await();
                        })) {
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(backend.bytesAsked()).hasSize(partitions);
            assertThat(backend.bytesAsked().values()).containsOnly(READ_AHEAD_BYTES / partitions);
            mayEnd.countDown();
            assertThat(subscription.failure()).isNull();
        }
    }

    @Test
    void a_handler_may_close_its_own_subscription() throws Exception {
        int partitions = 3;
        Topic<String> orders = orders(partitions);
        AtomicReference<TopicSubscription> own = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        Phaser inAll = new Phaser(partitions);
        CountDownLatch closed = new CountDownLatch(partitions);
        fill(orders, partitions);
        TopicSubscription subscription =
                orders.subscribe(
                        "billing",
                        event -> {
                            known.await();
                            inAll.arriveAndAwaitAdvance();
                            own.get().close();
                            closed.countDown();
                        });
        own.set(subscription);
        known.countDown();

        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        subscription.close();

        assertThat(subscription.failure()).isNull();
        assertThat(cursors()).containsExactly(new View.CursorView("billing", List.of(1L, 1L, 1L)));
    }

    @Test
    void what_was_handled_last_is_noted_when_closing_though_the_store_is_busy() throws Exception {
        Topic<String> orders = orders(1);
        orders.publish("1");
        CountDownLatch began = new CountDownLatch(1);
        TopicSubscription subscription =
                orders.subscribe(
                        "billing",
                        event -> {
                            began.countDown();
                            while (!Thread.currentThread().isInterrupted()) {
                                LockSupport.park();
                            }
                        });
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        backend.refuseNotes(3);

        subscription.close();

        assertThat(backend.hasMisbehaved()).isTrue();
        assertThat(cursors()).containsExactly(new View.CursorView("billing", List.of(1L)));
    }

    @Test
    void a_subscription_that_is_closed_at_once_forgets_nothing_that_it_handled() {
        int partitions = 4;
        Topic<String> orders = orders(partitions);
        Set<Throwable> uncaught = ConcurrentHashMap.newKeySet();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
        try {
            for (int i = 0; i < 300; i++) {
                fill(orders, partitions);
                try (TopicSubscription subscription = orders.subscribe("billing", this::note)) {
                    assertThat(subscription.failure()).isNull();
                }
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }

        assertThat(uncaught).isEmpty();
        long noted =
                cursors().stream().flatMap(one -> one.offsets().stream()).mapToLong(o -> o).sum();
        assertThat(handled).hasSize((int) noted);
    }
}
