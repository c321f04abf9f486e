package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.RefusedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/// Workers of several queues, which share their places.
@ParameterizedClass
@EnumSource(Store.class)
class SharedWorkersTest extends JobsFixture {
    private static final Queues STRICT = Queues.strict("urgent", "orders");

    private final Semaphore free = new Semaphore(0);
    private final List<String> begun = Collections.synchronizedList(new ArrayList<>());

    SharedWorkersTest(Store store) {
        super(store);
    }

    @AfterEach
    void release() {
        free.release(100_000);
    }

    private Workers.Builder workersOf(Queues queues) {
        return jobs.workers(queues).lease(Duration.ofSeconds(30)).grace(Duration.ofMillis(200));
    }

    /// They say what they begin, and end one for each permit.
    private Workers.Builder holding(Queues queues) {
        return workersOf(queues)
                .handle(
                        CHARGE,
                        (order, context) -> {
                            begun.add(context.queue() + " " + order.number());
                            free.acquire();
                            return context.queue() + " " + context.attempt();
                        });
    }

    private List<JobRef<String>> enqueue(String queue, int from, int count) {
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            orders.add(new Order(from + i, "a"));
        }
        return jobs.enqueueAll(CHARGE, orders, options -> options.queue(queue));
    }

    private long leased() {
        return counts("urgent").leased() + counts("orders").leased();
    }

    @Test
    void of_strict_queues_the_second_one_is_worked_when_the_first_one_has_nothing() {
        enqueue("orders", 1, 3);
        enqueue("urgent", 1, 3);
        free.release(6);
        open(holding(STRICT).concurrency(1).start());

        await(() -> begun.size() == 6);
        assertThat(begun)
                .containsExactly(
                        "urgent 1", "urgent 2", "urgent 3", "orders 1", "orders 2", "orders 3");
    }

    @Test
    void a_job_of_the_first_queue_gets_the_next_place_though_others_have_waited_longer() {
        open(holding(STRICT).concurrency(1).start());
        enqueue("orders", 1, 1);
        await(() -> begun.size() == 1);
        enqueue("orders", 2, 2);
        enqueue("urgent", 1, 1);

        free.release();
        await(() -> begun.size() == 2);
        assertThat(begun).containsExactly("orders 1", "urgent 1");
    }

    @Test
    void weighted_queues_begin_as_many_as_their_weights_say() {
        enqueue("urgent", 1, 300);
        enqueue("orders", 1, 300);
        free.release(600);
        open(holding(Queues.weighted(Map.of("urgent", 3, "orders", 1))).concurrency(4).start());

        await(() -> begun.size() >= 200);
        List<String> first = List.copyOf(begun.subList(0, 200));
        // 150, but for those that were taken and have not begun.
        assertThat(first.stream().filter(one -> one.startsWith("urgent")).count())
                .isBetween(125L, 175L);
        await(() -> begun.size() == 600);
    }

    @Test
    void no_place_stays_free_while_one_queue_has_jobs() {
        Workers workers =
                open(
                        holding(Queues.weighted(Map.of("urgent", 100, "orders", 1)))
                                .concurrency(6)
                                .start());
        enqueue("orders", 1, 10);

        await(() -> workers.running() == 6);
        assertThat(leased()).isEqualTo(6);
    }

    @Test
    void with_one_place_for_two_queues_nothing_is_leased_that_nobody_does() {
        Workers workers = open(holding(STRICT).concurrency(1).start());
        List<JobRef<String>> refs = new ArrayList<>(enqueue("orders", 1, 20));
        refs.addAll(enqueue("urgent", 1, 20));
        for (int i = 1; i <= 40; i++) {
            int count = i;
            await(() -> begun.size() == count && leased() == 1);
            assertThat(workers.running()).isEqualTo(1);
            free.release();
        }
        assertThat(refs.stream().map(ref -> ref.await(LONG)).distinct())
                .containsExactlyInAnyOrder("orders 1", "urgent 1");
    }

    @Test
    void whatever_comes_when_is_done_once_and_never_more_than_there_are_places() throws Exception {
        Map<String, AtomicInteger> times = new ConcurrentHashMap<>();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Queues queues = Queues.weighted(Map.of("urgent", 2, "orders", 1, "third", 1));
        open(
                workersOf(queues)
                        .concurrency(2)
                        .handle(
                                CHARGE,
                                (order, context) -> {
                                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                    times.computeIfAbsent(
                                                    context.queue() + order.number(),
                                                    _ -> new AtomicInteger())
                                            .incrementAndGet();
                                    LockSupport.parkNanos(1_000);
                                    running.decrementAndGet();
                                    return "" + context.attempt();
                                })
                        .start());
        List<Thread> senders = new ArrayList<>();
        for (String queue : List.of("urgent", "orders", "third")) {
            senders.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                Random random = new Random(queue.hashCode());
                                for (int sent = 0; sent < 200; ) {
                                    int some = random.nextInt(1, 9);
                                    enqueue(queue, sent, some)
                                            .forEach(ref ->
                                                    assertThat(ref.await(LONG)).isEqualTo("1"));
                                    sent += some;
                                }
                            }));
        }
        for (Thread sender : senders) {
            sender.join();
        }
        assertThat(times.size()).isGreaterThanOrEqualTo(600);
        assertThat(times.values()).allMatch(count -> count.get() == 1);
        assertThat(most.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void between_two_bounds_they_are_as_many_as_all_queues_need() {
        Workers workers = open(holding(STRICT).concurrency(2, 5).start());
        enqueue("orders", 1, 4);
        enqueue("urgent", 1, 4);

        await(() -> workers.running() == 5);
        assertThat(workers.places()).isEqualTo(5);
    }

    @Test
    void they_are_resized_while_they_wait_and_while_they_work() {
        Workers workers = open(holding(STRICT).concurrency(8).start());
        workers.resize(1);
        enqueue("orders", 1, 3);
        enqueue("urgent", 1, 3);
        await(() -> workers.running() == 1);
        assertThat(leased()).isEqualTo(1);
        workers.resize(4);
        await(() -> workers.running() == 4 && leased() == 4);
    }

    @Test
    void when_they_stop_what_they_do_goes_back_to_its_queue_without_an_attempt() {
        Workers workers = holding(STRICT).concurrency(4).start();
        List<JobRef<String>> refs = new ArrayList<>(enqueue("orders", 1, 5));
        refs.addAll(enqueue("urgent", 1, 2));
        await(() -> workers.running() == 4);

        workers.stop(Duration.ofMillis(20));

        assertThat(leased()).isZero();
        assertThat(counts("orders").ready()).isEqualTo(5);
        free.release(100);
        open(holding(STRICT).start());
        assertThat(refs.stream().map(ref -> ref.await(LONG)).distinct())
                .containsExactlyInAnyOrder("orders 1", "urgent 1");
    }

    @Test
    void a_queue_that_is_paused_leaves_its_places_to_the_others() {
        Workers workers = open(holding(STRICT).concurrency(1).start());
        jobs.pause("urgent");
        enqueue("urgent", 1, 1);
        enqueue("orders", 1, 1);
        await(() -> workers.running() == 1);
        assertThat(begun).containsExactly("orders 1");

        jobs.resume("urgent");
        free.release();
        await(() -> begun.size() == 2);
        assertThat(begun).containsExactly("orders 1", "urgent 1");
    }

    @Test
    void a_queue_at_its_limit_leaves_its_places_to_the_others() {
        jobs.declare("urgent", queue -> queue.maxInFlight(1));
        enqueue("urgent", 1, 3);
        enqueue("orders", 1, 9);

        Workers workers = open(holding(STRICT).concurrency(4).start());

        await(() -> workers.running() == 4);
        assertThat(counts("urgent").leased()).isEqualTo(1);
    }

    @Test
    void a_type_s_limit_holds_in_each_queue_for_itself() {
        JobType<Order, String> limited = CHARGE.limit(Limit.concurrency(1));
        Workers workers =
                open(
                        workersOf(STRICT)
                                .handle(
                                        limited,
                                        (order, context) -> {
                                            begun.add(context.queue() + " " + order.number());
                                            free.acquire();
                                            return "";
                                        })
                                .start());
        enqueue("urgent", 1, 3);
        enqueue("orders", 1, 3);

        await(() -> workers.running() == 2);
        assertThat(begun).containsExactlyInAnyOrder("urgent 1", "orders 1");
        assertThat(leased()).isEqualTo(2);
    }

    @Test
    void of_what_two_queues_have_at_the_same_moment_one_place_does_one_after_the_other() {
        jobs.declare("urgent", UnaryOperator.identity());
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<Integer> attempts = ConcurrentHashMap.newKeySet();
        open(
                workersOf(STRICT)
                        .concurrency(1)
                        .handle(
                                CHARGE,
                                (order, context) -> {
                                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                    attempts.add(context.attempt());
                                    begun.add(context.queue() + " " + order.number());
                                    running.decrementAndGet();
                                    return "";
                                })
                        .start());
        for (int i = 0; i < 30; i++) {
            // Both queues are waited for by now, most of the time.
            int before = i;
            await(() -> counts("urgent").done() + counts("orders").done() == 2L * before);
            begun.clear();
            millstream.commit(
                    new Operation.Put(ORDERS, order(i)),
                    new Operation.Put(ChannelName.of("urgent"), order(i)));
            await(() -> begun.size() == 2);
            assertThat(begun).containsExactlyInAnyOrder("urgent " + i, "orders " + i);
        }
        assertThat(most).hasValue(1);
        assertThat(attempts).containsOnly(1);
        await(() -> leased() == 0);
        assertThat(counts("orders").messages()).isZero();
    }

    private static Message order(int number) {
        return Message.builder("{\"number\":%d,\"customer\":\"a\"}".formatted(number))
                .type("order.charge")
                .build();
    }

    @Test
    void jobs_of_a_key_are_done_in_order_also_beside_other_queues() {
        jobs.declare("orders", queue -> queue.groups(Groups.ORDERED));
        Workers workers = open(holding(STRICT).concurrency(4).start());
        jobs.enqueueAll(
                CHARGE,
                List.of(new Order(1, "a"), new Order(2, "a"), new Order(3, "b")),
                options -> options.key("k"));
        enqueue("urgent", 1, 1);
        await(() -> workers.running() == 2);
        assertThat(begun).containsExactlyInAnyOrder("orders 1", "urgent 1");
        free.release(2);
        await(() -> begun.contains("orders 2"));
        assertThat(begun).doesNotContain("orders 3");
    }

    @Test
    void a_queue_that_is_gone_does_not_keep_them_from_the_others() {
        open(workersOf(STRICT).handle(CHARGE, (order, _) -> order.customer()).start());
        assertThat(enqueue("urgent", 1, 1).getFirst().await(LONG)).isEqualTo("a");
        millstream.remove("urgent");

        assertThat(enqueue("orders", 1, 1).getFirst().await(LONG)).isEqualTo("a");
        JobRef<String> ref = enqueue("urgent", 2, 1).getFirst();
        advanceUntil(Duration.ofSeconds(1), () -> counts("urgent").done() == 1);
        assertThat(ref.await(LONG)).isEqualTo("a");
    }

    @Test
    void queues_of_jobs_and_those_of_others_are_each_seen_to_as_they_are_declared() {
        jobs.workers("orders");
        var mail =
                millstream.queue(
                        Definition.Queue.builder(ChannelName.of("mail")).maxAttempts(2).build());
        List<String> mails = Collections.synchronizedList(new ArrayList<>());
        open(
                jobs.workersOfExisting(Queues.strict("mail", "orders"))
                        .every(
                                options -> options,
                                (message, context) -> {
                                    if (context.queue().equals("mail")) {
                                        mails.add(message.text());
                                        throw new IllegalStateException("No such address");
                                    }
                                    return JobOutcome.done(Json.newObject().put("is", "done"));
                                })
                        .start());
        mail.send("hello");
        enqueue("orders", 1, 1);

        await(() -> counts("orders").done() == 1);
        await(() -> mails.size() == 1);
        advanceUntil(Duration.ofSeconds(1), () -> counts("mail").messages() == 0);
        assertThat(mails).containsExactly("hello", "hello");
        assertThat(counts("jobs.dead").messages()).isZero();
    }

    @Test
    void one_queue_that_is_not_there_is_named() {
        jobs.workers("orders");
        Workers.Builder workers =
                jobs.workersOfExisting(Queues.strict("orders", "nowhere"))
                        .handle(CHARGE, (order, _) -> order.customer());

        assertThatThrownBy(workers::start)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_job_that_waits_while_they_do_those_of_another_queue_says_so() {
        open(holding(STRICT).name("till 3").concurrency(2).start());
        enqueue("urgent", 1, 2);
        await(() -> begun.size() == 2);
        assertThat(rows("jobs.workers")).hasSize(2);
        String id = enqueue("orders", 1, 1).getFirst().id();

        await(() -> jobs.why(id).equals(List.of(new Why.WorkersAreBusy(2, 2))));
        ChannelName urgent = ChannelName.of("urgent");
        await(() -> Presence.of(backend, urgent).getFirst().running().size() == 2);
    }
}
