package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Rate;
import io.millstream.api.RefusedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// What jobs and queues declare: limits, order, shares, pauses.
@ParameterizedClass
@EnumSource(Store.class)
class LimitedJobsTest extends JobsFixture {
    private static final JobType<Order, String> ONE_AT_A_TIME =
            CHARGE.key(Order::customer).limit(Limit.concurrency(1));

    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger begun = new AtomicInteger();

    LimitedJobsTest(Store store) {
        super(store);
    }

    /// Workers whose handlers begin and then wait for a permit.
    private Workers.Builder held(JobType<Order, String> type) {
        return workers()
                .handle(
                        type,
                        (order, _) -> {
                            begun.incrementAndGet();
                            permits.acquire();
                            done.add(order.customer() + order.number());
                            return order.customer();
                        });
    }

    private List<Order> orders(int count, String... customers) {
        return IntStream.range(0, count * customers.length)
                .mapToObj(i -> new Order(i / customers.length, customers[i % customers.length]))
                .toList();
    }

    @Test
    void a_type_s_limit_holds_over_all_workers() {
        jobs.enqueueAll(ONE_AT_A_TIME, orders(3, "a"));
        open(held(ONE_AT_A_TIME).start());
        open(held(ONE_AT_A_TIME).start());

        for (int i = 1; i <= 3; i++) {
            int now = i;
            await(() -> begun.get() == now);
            assertThat(counts("orders").leased()).isEqualTo(1);
            permits.release();
        }
        await(() -> done.size() == 3);
        assertThat(view("orders").definition().limits().types().exceptions())
                .containsExactly(Map.entry("order.charge", Limit.concurrency(1)));
    }

    @Test
    void a_limit_that_is_declared_otherwise_already_is_refused_and_says_both_until_it_is_changed() {
        jobs.enqueue(ONE_AT_A_TIME, new Order(1, "a"));
        JobType<Order, String> two = ONE_AT_A_TIME.limit(Limit.concurrency(2));
        Jobs other = open(Jobs.over(millstream));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> other.enqueue(two, new Order(2, "a")))
                    .isInstanceOf(DeclaredOtherwiseException.class)
                    .hasMessageContaining("orders")
                    .hasMessageContaining("order.charge")
                    .hasMessageContaining("concurrency=1")
                    .hasMessageContaining("concurrency=2")
                    .hasMessageContaining("redeclare");
            assertThatThrownBy(() -> held(two).start())
                    .isInstanceOf(DeclaredOtherwiseException.class);
        }
        assertThat(counts("orders").ready()).isEqualTo(1);

        other.redeclare(two);
        other.enqueue(two, new Order(2, "a"));
        open(held(two).start());
        await(() -> begun.get() == 2);
        permits.release(2);
        await(() -> done.size() == 2);
    }

    @Test
    void what_several_programs_declare_of_one_queue_holds_together() {
        jobs.enqueue(ONE_AT_A_TIME, new Order(1, "a"));
        jobs.declare("orders", queue -> queue.maxInFlight(7).weights(Map.of("gold", 3)));
        open(Jobs.over(millstream))
                .declare(
                        "orders",
                        queue ->
                                queue.weights(Map.of("silver", 2))
                                        .limits(
                                                Limits.NONE.withGroups(
                                                        Limit.rate(
                                                                Rate.of(
                                                                        5,
                                                                        Duration.ofSeconds(1))))));

        Definition.Queue declared = view("orders").definition();
        assertThat(declared.maxInFlight()).isEqualTo(7);
        assertThat(declared.weights()).isEqualTo(Map.of("gold", 3, "silver", 2));
        assertThat(declared.limits().types().exceptions()).containsKey("order.charge");
        assertThat(declared.limits().groups().each()).isNotNull();
        assertThat(declared.deadLetter()).isEqualTo(Envelope.ENDED);

        assertThatThrownBy(() -> jobs.declare("orders", queue -> queue.maxInFlight(8)))
                .isInstanceOf(DeclaredOtherwiseException.class)
                .hasMessageContaining("maxInFlight is 7, and not 8");
        assertThatThrownBy(() -> jobs.declare("orders", q -> q.weights(Map.of("gold", 4))))
                .hasMessageContaining("weight of key gold is 3, and not 4");
        jobs.redeclare("orders", queue -> queue.maxInFlight(8));
        assertThat(view("orders").definition().maxInFlight()).isEqualTo(8);
        assertThat(view("orders").definition().weights()).hasSize(2);
    }

    @Test
    void a_type_s_limit_in_a_queue_that_tells_no_types_apart_and_is_in_use_is_refused() {
        millstream.queue("orders").send("something else");

        assertThatThrownBy(() -> jobs.enqueue(ONE_AT_A_TIME, new Order(1, "a")))
                .isInstanceOf(DeclaredOtherwiseException.class)
                .hasMessageContaining("orders")
                .hasMessageContaining("typed");
    }

    @Test
    void jobs_of_one_key_are_done_in_order_one_by_one_and_others_go_on() {
        JobType<Order, String> ordered = CHARGE.key(Order::customer);
        jobs.declare("orders", queue -> queue.groups(Groups.FAIR_ORDERED));
        jobs.enqueueAll(ordered, orders(3, "a", "b"));
        open(held(ordered).start());

        for (int i = 1; i <= 3; i++) {
            int now = 2 * i;
            await(() -> begun.get() == now);
            permits.release(2);
        }
        await(() -> done.size() == 6);
        assertThat(done.stream().filter(one -> one.startsWith("a")))
                .containsExactly("a0", "a1", "a2");
        assertThat(done.stream().filter(one -> one.startsWith("b")))
                .containsExactly("b0", "b1", "b2");
    }

    @Test
    void a_key_that_fails_holds_up_its_own_jobs_and_nobody_else() {
        JobType<Order, String> ordered =
                CHARGE.key(Order::customer)
                        .with(options ->
                                options.retry(
                                        Retry.exponential()
                                                .first(Duration.ofMinutes(1))
                                                .withoutJitter()));
        jobs.declare("orders", queue -> queue.groups(Groups.FAIR_ORDERED));
        jobs.enqueueAll(ordered, orders(2, "a", "b"));
        open(
                workers()
                        .handle(
                                ordered,
                                (order, context) -> {
                                    if (order.customer().equals("a") && context.attempt() == 1) {
                                        throw new IllegalStateException("not yet");
                                    }
                                    done.add(order.customer() + order.number());
                                    return "";
                                })
                        .start());
        await(() -> done.size() == 2);
        assertThat(done).containsExactly("b0", "b1");
        advanceUntil(Duration.ofMinutes(1), () -> done.size() == 4);
        assertThat(done.subList(2, 4)).containsExactly("a0", "a1");
    }

    @Test
    void keys_share_a_queue_by_their_weights() {
        JobType<Order, String> shared = CHARGE.key(Order::customer);
        jobs.declare("orders", queue -> queue.weights(Map.of("gold", 3)));
        jobs.enqueueAll(shared, orders(40, "gold", "a"));
        permits.release(1000);
        open(held(shared).concurrency(1).start());

        await(() -> done.size() == 80);

        assertThat(done.subList(0, 40).stream().filter(one -> one.startsWith("gold")).count())
                .isBetween(29L, 31L);
    }

    @Test
    void a_rate_holds_over_time() {
        jobs.declare(
                "orders",
                queue ->
                        queue.limits(
                                Limits.NONE.withRate(
                                        Rate.of(2, Duration.ofSeconds(1)).withBurst(1))));
        jobs.enqueueAll(CHARGE, orders(3, "a"));
        permits.release(1000);
        open(held(CHARGE).start());

        await(() -> done.size() == 1);
        advance(Duration.ofMillis(499));
        assertThat(counts("orders").ready()).isEqualTo(2);
        advance(Duration.ofMillis(1));
        await(() -> done.size() == 2);
        advance(Duration.ofMillis(500));
        await(() -> done.size() == 3);
    }

    @Test
    void better_priorities_come_first_and_what_has_waited_long_enough_before_them() {
        jobs.enqueue(CHARGE, new Order(1, "old"), options -> options.priority(5));
        advance(Duration.ofMinutes(4));
        jobs.enqueue(CHARGE, new Order(2, "later"), options -> options.priority(2));
        jobs.enqueue(CHARGE, new Order(3, "first"), options -> options.priority(0));
        permits.release(1000);
        open(held(CHARGE).concurrency(1).start());

        await(() -> done.size() == 3);

        assertThat(done).containsExactly("first3", "old1", "later2");
    }

    @Test
    void a_paused_queue_takes_jobs_and_begins_none_until_it_is_resumed() {
        open(held(CHARGE).start());
        permits.release(1000);
        jobs.pause("orders");
        jobs.pause("orders");
        jobs.enqueueAll(CHARGE, orders(3, "a"));
        assertThat(counts("orders").ready()).isEqualTo(3);
        assertThat(begun).hasValue(0);
        // Whoever starts meanwhile does not resume it.
        open(Jobs.over(millstream)).declare("orders", queue -> queue.paused(false));
        assertThat(counts("orders").ready()).isEqualTo(3);

        jobs.resume("orders");

        await(() -> done.size() == 3);
        assertThatThrownBy(() -> jobs.pause("absent"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void what_fails_again_and_again_leaves_room_for_what_was_never_tried() throws Exception {
        JobType<Order, String> stubborn =
                CHARGE.with(options ->
                        options.retry(Retry.exponential().first(Duration.ZERO).attempts(50)));
        CountDownLatch free = new CountDownLatch(1);
        AtomicInteger retries = new AtomicInteger();
        jobs.enqueueAll(stubborn, orders(40, "bad"));
        jobs.enqueueAll(stubborn, orders(40, "good"));
        open(
                workers()
                        .concurrency(4)
                        .retryShare(0.5)
                        .handle(
                                stubborn,
                                (order, context) -> {
                                    if (context.attempt() > 1) {
                                        retries.incrementAndGet();
                                        free.await();
                                    } else if (order.customer().equals("bad")) {
                                        throw new IllegalStateException("as always");
                                    }
                                    done.add(order.customer());
                                    return "";
                                })
                        .start());

        await(() -> done.size() == 40);
        assertThat(done).containsOnly("good");
        assertThat(retries.get()).isBetween(1, 3);

        free.countDown();
        advanceUntil(Duration.ofSeconds(1), () -> done.size() == 80);
        assertThat(retries).hasValue(40);
    }

    @Test
    void a_queue_that_nobody_declares_has_no_limits_for_jobs() {
        jobs.enqueue(CHARGE, new Order(1, "a"));
        assertThat(view("orders").definition()).isEqualTo(Envelope.queue(ChannelName.of("orders")));
    }
}
