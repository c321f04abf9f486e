package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.jobs.DownstreamLook.State;
import io.millstream.testkit.ForwardingSession;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// Jobs of which what they depend on fails: they wait, and come back slowly.
@ParameterizedClass
@EnumSource(Store.class)
class DownstreamsTest extends JobsFixture {
    private static final JobType<Order, String> PAY =
            JobType.of("order.pay", Order.class, String.class)
                    .with(options -> options.queue("orders").retry(OFTEN).downstream("bank"));
    private static final JobType<Order, String> PACK =
            JobType.of("order.pack", Order.class, String.class)
                    .with(options -> options.queue("orders").retry(OFTEN));

    private final Semaphore free = new Semaphore(0);
    private final AtomicInteger running = new AtomicInteger();
    private final Map<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final CountDownLatch arrives = new CountDownLatch(1);
    private final AtomicInteger takes = new AtomicInteger();
    private final Jobs own;
    private volatile boolean fails = true;
    private volatile boolean holds;

    DownstreamsTest(Store store) {
        super(store);
        this.own = Jobs.over(millstream, clock::nanos);
    }

    @BeforeEach
    void endWithTheTest() {
        open(own);
    }

    @AfterEach
    void release() {
        arrives.countDown();
        free.release(100_000);
    }

    private Workers.Builder paying(Jobs of) {
        return workersOf(of)
                .lease(Duration.ofHours(1))
                // What failed waits for nothing but the bank.
                .retryShare(1)
                .handle(PAY, this::pay);
    }

    private String pay(Order order, JobContext context) throws Exception {
        int run = runs.computeIfAbsent(order.number(), _ -> new AtomicInteger()).incrementAndGet();
        running.incrementAndGet();
        try {
            if (holds) {
                free.acquire();
            }
            // Whatever was put off and given back, it used an attempt for each run and no more.
            assertThat(context.attempt()).isEqualTo(run);
            if (fails) {
                throw new IOException("The bank does not answer");
            }
            return order.customer();
        } finally {
            running.decrementAndGet();
        }
    }

    private List<JobRef<String>> enqueue(JobType<Order, String> type, int from, int count) {
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            orders.add(new Order(from + i, "c"));
        }
        return own.enqueueAll(type, orders);
    }

    private static DownstreamLook bank(Workers workers) {
        return workers.downstreams().getFirst();
    }

    private static void awaitState(Workers workers, State state) {
        await(() -> bank(workers).state() == state);
    }

    private int allRuns() {
        return runs.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private void awaitDone(List<JobRef<String>> refs) {
        refs.forEach(ref -> assertThat(ref.await(LONG)).isEqualTo("c"));
    }

    /// It fails, and nothing of it runs.
    private void awaitQuiet(Workers workers) {
        awaitState(workers, State.FAILING);
        await(() -> workers.running() == 0 && counts("orders").leased() == 0);
    }

    @Test
    void when_10_fail_no_more_begin_and_use_no_attempt_while_other_types_go_on() {
        Workers workers =
                open(
                        paying(own)
                                .concurrency(4)
                                .handle(PACK, (order, _) -> order.customer())
                                .start());
        assertThat(bank(workers))
                .isEqualTo(
                        new DownstreamLook(
                                "bank", State.WELL, 0, 0, Integer.MAX_VALUE, Duration.ZERO));
        List<JobRef<String>> paid = enqueue(PAY, 1, 50);
        awaitQuiet(workers);
        int before = allRuns();

        assertThat(before).isBetween(10, 13);
        awaitDone(enqueue(PACK, 100, 50));
        assertThat(allRuns()).isEqualTo(before);
        assertThat(counts("orders").messages()).isEqualTo(50);

        fails = false;
        advanceUntil(Duration.ofMillis(500), () -> bank(workers).state() == State.WELL);
        awaitDone(paid);
        assertThat(allRuns()).isEqualTo(before + 50);
    }

    @Test
    void after_a_pause_one_tries_and_if_it_goes_well_2_and_4_and_all() {
        Workers workers = open(paying(own).concurrency(8).start());
        List<JobRef<String>> paid = enqueue(PAY, 1, 40);
        awaitQuiet(workers);
        fails = false;
        holds = true;

        advance(Circuit.FIRST_PAUSE);
        for (int most = 1; most < 8; most *= 2) {
            int all = most;
            await(() -> running.get() == all);
            assertThat(bank(workers).state()).isEqualTo(State.RETURNING);
            assertThat(bank(workers).most()).isEqualTo(all);
            await(() -> counts("orders").leased() == all);
            assertThat(running).hasValue(all);
            // The last one of a step ends with the next one.
            free.release(most / 2 + 1);
        }
        await(() -> running.get() == 8);
        assertThat(bank(workers).state()).isEqualTo(State.WELL);
        free.release(1000);
        awaitDone(paid);
    }

    @Test
    void if_the_one_that_tries_fails_the_next_pause_is_longer() {
        Workers workers = open(paying(own).concurrency(4).start());
        enqueue(PAY, 1, 20);
        awaitQuiet(workers);
        int before = allRuns();

        advance(Circuit.FIRST_PAUSE);
        await(() -> allRuns() == before + 1);
        awaitQuiet(workers);

        assertThat(bank(workers).pause())
                .isGreaterThanOrEqualTo(Circuit.FIRST_PAUSE.minusMillis(1));
        assertThat(allRuns()).isEqualTo(before + 1);
    }

    @Test
    void all_workers_of_the_same_jobs_know_and_those_elsewhere_find_out_themselves() {
        Workers first = open(paying(own).concurrency(2).start());
        Workers second = open(own.workers("others").handle(PAY, this::pay).start());
        enqueue(PAY, 1, 10);
        awaitQuiet(first);
        int before = allRuns();

        own.enqueue(PAY, new Order(50, "c"), options -> options.queue("others"));
        assertThat(bank(second).state()).isEqualTo(State.FAILING);
        fails = false;
        List<JobRef<String>> more = enqueue(PAY, 60, 5);
        assertThat(allRuns()).isEqualTo(before);
        assertThat(counts("others").ready()).isEqualTo(1);

        Jobs elsewhere = open(Jobs.over(millstream, clock::nanos));
        open(paying(elsewhere).start());
        awaitDone(more);
    }

    @Test
    void workers_of_several_queues_let_them_wait_in_all() {
        Workers workers =
                open(
                        own.workers(Queues.strict("urgent", "orders"))
                                .lease(Duration.ofHours(1))
                                .grace(Duration.ofMillis(200))
                                .concurrency(3)
                                .retryShare(1)
                                .handle(PAY, this::pay)
                                .handle(PACK, (order, _) -> order.customer())
                                .start());
        List<JobRef<String>> paid = new ArrayList<>(enqueue(PAY, 1, 12));
        awaitQuiet(workers);
        paid.add(own.enqueue(PAY, new Order(20, "c"), options -> options.queue("urgent")));
        awaitDone(enqueue(PACK, 100, 5));
        assertThat(runs).doesNotContainKey(20);

        fails = false;
        advanceUntil(Duration.ofMillis(500), () -> bank(workers).state() == State.WELL);
        awaitDone(paid);
    }

    @Test
    void what_is_not_tried_again_does_not_count_nor_what_the_type_says_is_not_its_failure() {
        JobType<Order, String> refused =
                JobType.of("order.refused", Order.class, String.class)
                        .with(options ->
                                options.queue("orders")
                                        .retry(OFTEN.stopOn(IllegalArgumentException.class))
                                        .downstream("bank"));
        JobType<Order, String> picky =
                JobType.of("order.picky", Order.class, String.class)
                        .with(options ->
                                options.queue("orders")
                                        .retry(Retry.never())
                                        .downstream("bank", IOException.class::isInstance));
        Workers workers =
                open(
                        workersOf(own)
                                .handle(
                                        refused,
                                        (_, _) -> {
                                            throw new IllegalArgumentException("No such card");
                                        })
                                .decide(
                                        picky,
                                        (order, _) -> {
                                            if (order.number() > 100) {
                                                throw new IOException("The bank is away");
                                            }
                                            if (order.number() % 2 == 0) {
                                                throw new IllegalStateException("Our mistake");
                                            }
                                            return JobOutcome.failed("Ours, too", "");
                                        })
                                .start());
        enqueue(refused, 1, 20);
        enqueue(picky, 1, 20);
        await(() -> counts("orders").messages() == 0);
        assertThat(bank(workers).ends()).isZero();

        enqueue(picky, 101, 10);
        awaitState(workers, State.FAILING);
    }

    @Test
    void attempts_that_take_too_long_and_those_that_say_that_they_failed_count() {
        JobType<Order, String> slow =
                PAY.with(options -> options.timeout(Duration.ofMillis(20)).retry(Retry.never()));
        Workers workers =
                open(
                        workersOf(own)
                                .decide(
                                        slow,
                                        (order, _) -> {
                                            if (order.number() % 2 == 0) {
                                                free.acquire();
                                            }
                                            return JobOutcome.failed("The bank says 503", "");
                                        })
                                .start());
        enqueue(slow, 1, 10);
        awaitState(workers, State.FAILING);
    }

    @Test
    void messages_of_named_types_may_depend_on_something_though_nobody_knows_them() {
        Workers workers =
                open(
                        workersOf(own)
                                .retryShare(1)
                                .every(
                                        Set.of("order.pay"),
                                        options -> options.retry(OFTEN).downstream("bank"),
                                        (_, _) -> JobOutcome.failed("no bank", ""))
                                .start());
        enqueue(PAY, 1, 5);
        awaitQuiet(workers);
        assertThat(counts("orders").ready()).isEqualTo(5);
    }

    @Test
    void workers_that_cannot_let_a_type_wait_do_not_start() {
        own.workers("orders");
        millstream.queue("mail");
        UnaryOperator<JobOptions.Builder> onBank = options -> options.downstream("bank");
        JobDecider<Message, JsonNode> any = (_, _) -> JobOutcome.done(null);

        for (Workers.Builder builder :
                List.of(
                        own.workersOfExisting("mail").every(onBank, any),
                        own.workersOfExisting("orders").every(onBank, any),
                        own.workersOfExisting("orders")
                                .handle(PAY, this::pay)
                                .every(UnaryOperator.identity(), any))) {
            assertThatThrownBy(builder::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("depend on bank");
        }
        assertThatThrownBy(() -> PAY.with(options -> options.downstream(" ")))
                .hasMessageContaining("1 to 100 characters");
    }

    @Test
    void of_the_jobs_of_a_key_those_behind_one_that_waits_wait_too() {
        own.declare("orders", queue -> queue.groups(Groups.FAIR_ORDERED));
        Workers workers = open(paying(own).handle(PACK, (order, _) -> order.customer()).start());
        List<JobRef<String>> paid = new ArrayList<>(enqueue(PAY, 1, 10));
        awaitQuiet(workers);
        paid.add(own.enqueue(PAY, new Order(20, "c"), options -> options.key("k")));
        JobRef<String> behind = own.enqueue(PACK, new Order(21, "c"), options -> options.key("k"));
        awaitDone(enqueue(PACK, 30, 3));
        assertThat(own.status(behind.id())).isEqualTo(new JobStatus.Waiting("orders", 0));

        fails = false;
        advanceUntil(Duration.ofMillis(500), () -> counts("orders").messages() == 0);
        awaitDone(paid);
        awaitDone(List.of(behind));
    }

    @Test
    void what_was_taken_before_and_has_not_begun_goes_back_without_an_attempt() {
        Jobs late = open(Jobs.over(Millstream.over(new LateBackend()), clock::nanos));
        List<JobRef<String>> paid = enqueue(PAY, 1, 5);
        Workers workers = open(paying(late).start());
        await(() -> counts("orders").leased() == 5);
        open(late.workers("others").retryShare(1).handle(PAY, this::pay).start());
        for (int i = 0; i < 10; i++) {
            own.enqueue(PAY, new Order(100 + i, "c"), options -> options.queue("others"));
        }
        awaitState(workers, State.FAILING);

        arrives.countDown();
        await(() -> counts("orders").ready() == 5);
        assertThat(runs).doesNotContainKeys(1, 2, 3, 4, 5);

        fails = false;
        advanceUntil(Duration.ofMillis(500), () -> counts("orders").messages() == 0);
        awaitDone(paid);
    }

    @Test
    void while_few_may_try_jobs_of_other_types_are_taken_as_many_at_once_as_ever() {
        arrives.countDown();
        Jobs late = open(Jobs.over(Millstream.over(new LateBackend()), clock::nanos));
        JobType<Order, String> once = PAY.with(options -> options.retry(Retry.never()));
        Workers workers =
                open(
                        workersOf(late)
                                .concurrency(300)
                                .handle(once, this::pay)
                                .handle(PACK, (order, _) -> order.customer())
                                .start());
        enqueue(once, 1, 10);
        awaitQuiet(workers);
        await(() -> counts("orders").messages() == 0);
        advance(Circuit.FIRST_PAUSE);
        awaitState(workers, State.RETURNING);
        int before = takes.get();

        awaitDone(enqueue(PACK, 100, 200));

        assertThat(takes.get() - before).isLessThan(60);
        assertThat(bank(workers).most()).isEqualTo(1);
    }

    /// What is taken from the queue of orders arrives when it is let.
    private final class LateBackend implements Backend {
        @Override
        public Capabilities capabilities() {
            return backend.capabilities();
        }

        @Override
        public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
            return backend.find(query);
        }

        @Override
        public void close() {
            // It is the test's.
        }

        @Override
        public Session session(SessionSpec spec) {
            return new ForwardingSession(backend.session(spec)) {
                @Override
                public Pending<Taken> take(Take take) {
                    Pending<Taken> asked = session.take(take);
                    if (!take.queue().equals(ORDERS)) {
                        return asked;
                    }
                    takes.incrementAndGet();
                    return late(asked);
                }
            };
        }

        private Pending<Taken> late(Pending<Taken> asked) {
            CompletionStage<Taken> late =
                    asked.stage().thenApplyAsync(this::arrived, Thread::startVirtualThread);
            return new Pending<>() {
                @Override
                public CompletionStage<Taken> stage() {
                    return late;
                }

                @Override
                public void cancel() {
                    asked.cancel();
                }
            };
        }

        private Taken arrived(Taken taken) {
            try {
                arrives.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            return taken;
        }
    }

    @Test
    void a_job_that_waits_for_what_it_depends_on_says_so() {
        Workers workers = open(paying(own).start());
        JobRef<String> ref = enqueue(PAY, 1, 10).getFirst();
        awaitQuiet(workers);

        await(() -> own.why(ref.id()).equals(List.of(new Why.DownstreamFails("bank"))));
        assertThat(new Why.DownstreamFails("bank").text()).contains("bank");
        assertThat(Presence.of(backend, ChannelName.of("orders")))
                .singleElement()
                .satisfies(crew -> assertThat(crew.types()).isEmpty());
    }

    @Test
    void workers_that_wait_for_what_they_depend_on_stop_at_once() {
        Workers workers = paying(own).start();
        enqueue(PAY, 1, 10);
        awaitQuiet(workers);
        long before = System.nanoTime();

        workers.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(counts("orders").ready()).isEqualTo(10);
    }
}
