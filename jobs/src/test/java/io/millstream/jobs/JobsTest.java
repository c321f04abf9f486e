package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Operation;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Jobs from those who submit them to those who wait for them.
class JobsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Millstream millstream = Millstream.inMemory();
    private final Jobs jobs = Jobs.over(millstream);

    record Order(int number, String customer) {}

    record Receipt(String text) {}

    private static final JobType<Order, Receipt> CHARGE =
            JobType.of("order.charge", Order.class, Receipt.class)
                    .with(options -> options.queue("orders").retry(atOnce(3)));

    private static final JobType<Order, Void> SHIP =
            JobType.of("order.ship", Order.class)
                    .with(options -> options.queue("orders").awaited().retry(atOnce(3)));

    private static Retry atOnce(int attempts) {
        return Retry.exponential().first(Duration.ZERO).attempts(attempts);
    }

    @AfterEach
    void close() {
        jobs.close();
        millstream.close();
    }

    private Workers.Builder workers() {
        return jobs.workers("orders").lease(Duration.ofMillis(600)).grace(Duration.ofMillis(200));
    }

    @Test
    void whoever_submits_a_job_gets_what_its_handler_returned() {
        try (Workers _ =
                workers()
                        .handle(CHARGE, (order, _) -> new Receipt("charged " + order.number()))
                        .start()) {
            JobRef<Receipt> ref = jobs.enqueue(CHARGE, new Order(7, "ann"));

            assertThat(ref.await(LONG)).isEqualTo(new Receipt("charged 7"));
            assertThat(ref.future().join()).isEqualTo(new Receipt("charged 7"));
        }
    }

    @Test
    void another_process_asks_for_a_result_by_the_id() {
        String id = jobs.enqueue(CHARGE, new Order(7, "ann")).id();
        try (Jobs other = Jobs.over(millstream);
                Workers _ = workers().handle(CHARGE, (_, _) -> new Receipt("done")).start()) {
            assertThat(other.ref(CHARGE, id).await(LONG)).isEqualTo(new Receipt("done"));
        }
    }

    @Test
    void many_jobs_are_submitted_at_once_and_each_is_done_once() {
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        AtomicInteger runs = new AtomicInteger();
        List<Order> orders =
                IntStream.range(0, 2000).mapToObj(i -> new Order(i, "c" + i % 10)).toList();
        try (Workers _ =
                workers()
                        .concurrency(64)
                        .run(
                                SHIP,
                                (order, _) -> {
                                    runs.incrementAndGet();
                                    done.add(order.number());
                                })
                        .start()) {
            List<JobRef<Void>> refs = jobs.enqueueAll(SHIP, orders);
            refs.forEach(ref -> ref.await(LONG));
        }
        assertThat(done).hasSize(2000);
        assertThat(runs).hasValue(2000);
    }

    @Test
    void a_failed_attempt_is_followed_by_another_one() {
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        try (Workers _ =
                workers()
                        .handle(
                                CHARGE,
                                (_, context) -> {
                                    attempts.add(context.attempt());
                                    if (context.attempt() < 3) {
                                        throw new IllegalStateException("not yet");
                                    }
                                    return new Receipt("at last");
                                })
                        .start()) {
            assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG).text())
                    .isEqualTo("at last");
        }
        assertThat(attempts).containsExactly(1, 2, 3);
    }

    @Test
    void a_job_that_fails_each_time_ends_in_the_dead_set_and_who_awaits_it_hears_why() {
        try (Workers _ =
                workers()
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    throw new IllegalStateException(
                                            "card refused " + "x".repeat(300_000));
                                })
                        .start()) {
            JobRef<Receipt> ref = jobs.enqueue(CHARGE, new Order(1, "a"));

            assertThatThrownBy(() -> ref.await(LONG))
                    .isInstanceOfSatisfying(
                            JobFailedException.class,
                            failed -> assertThat(failed.state()).isEqualTo(JobState.DEAD))
                    .hasMessageContaining("card refused");
            var dead = millstream.queue("jobs.dead").receive(LONG).orElseThrow();
            Message message = dead.lease().message();
            assertThat(message.id()).isEqualTo(ref.id());
            assertThat(message.type()).isEqualTo("order.charge");
            assertThat(text(message, "millstream-dead-queue")).isEqualTo("orders");
            assertThat(text(message, "millstream-dead-attempts")).isEqualTo("3");
            assertThat(text(message, "millstream-dead-stack")).contains("JobsTest");
            assertThat(text(message, "millstream-dead-reason")).hasSize(1000);
        }
    }

    private static String text(Message message, String header) {
        return message.header(header).orElseThrow().value().utf8();
    }

    @Test
    void a_rule_of_the_policy_decides_about_the_failure_that_it_covers() {
        JobType<Order, Receipt> careful =
                CHARGE.with(options ->
                        options.retry(atOnce(10).stopOn(IllegalArgumentException.class)));
        AtomicInteger runs = new AtomicInteger();
        try (Workers _ =
                workers()
                        .handle(
                                careful,
                                (_, _) -> {
                                    runs.incrementAndGet();
                                    throw new IllegalArgumentException("no such customer");
                                })
                        .start()) {
            JobRef<Receipt> ref = jobs.enqueue(careful, new Order(1, "a"));
            assertThatThrownBy(() -> ref.await(LONG)).isInstanceOf(JobFailedException.class);
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void snoozing_uses_no_attempt() {
        AtomicInteger runs = new AtomicInteger();
        try (Workers _ =
                workers()
                        .decide(
                                CHARGE,
                                (_, context) ->
                                        runs.incrementAndGet() < 6
                                                ? JobOutcome.snooze(Duration.ZERO)
                                                : JobOutcome.done(
                                                        new Receipt("" + context.attempt())))
                        .start()) {
            assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG).text()).isEqualTo("1");
        }
    }

    @Test
    void what_is_done_besides_happens_with_the_completion_or_not_at_all() {
        millstream.queue("shipments");
        try (Workers _ =
                workers()
                        .handle(
                                CHARGE,
                                (order, context) -> {
                                    context.besides(
                                            new Operation.Put(
                                                    ChannelName.of("shipments"),
                                                    Message.of("ship " + order.number())));
                                    if (context.attempt() == 1) {
                                        throw new IllegalStateException("after it was said");
                                    }
                                    return new Receipt("charged");
                                })
                        .start()) {
            jobs.enqueue(CHARGE, new Order(5, "a")).await(LONG);
        }
        assertThat(millstream.queue("shipments").counts().ready()).isEqualTo(1);
    }

    @Test
    void a_job_of_a_type_or_version_that_nobody_knows_waits_without_using_an_attempt() {
        JobType<Order, Receipt> newer = CHARGE.version(2);
        JobRef<Receipt> unknown = jobs.enqueue(newer, new Order(2, "b"));
        try (Workers _ =
                workers().handle(CHARGE, (_, _) -> new Receipt("by the older one")).start()) {
            assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG).text())
                    .isEqualTo("by the older one");
            assertThat(millstream.queue("orders").counts().ready()).isEqualTo(1);
        }
        try (Workers _ =
                workers()
                        .handle(newer, (_, context) -> new Receipt("attempt " + context.attempt()))
                        .start()) {
            assertThat(unknown.await(LONG).text()).isEqualTo("attempt 1");
            assertThat(jobs.enqueue(CHARGE, new Order(3, "c")).await(LONG).text())
                    .isEqualTo("attempt 1");
        }
    }

    record NamedOrder(int number, String customer, String currency) {}

    @Test
    void what_was_submitted_before_a_change_is_read_through_its_upcaster_and_alias() {
        JobType<NamedOrder, Receipt> changed =
                JobType.of("order.charge-card", NamedOrder.class, Receipt.class)
                        .version(2)
                        .upcast(1, old -> old.put("currency", "CHF"))
                        .alias("order.charge")
                        .with(options -> options.queue("orders"));
        JobRef<Receipt> old = jobs.enqueue(CHARGE, new Order(1, "a"));
        try (Workers _ =
                workers().handle(changed, (order, _) -> new Receipt(order.currency())).start()) {
            assertThat(old.await(LONG).text()).isEqualTo("CHF");
            assertThat(jobs.enqueue(changed, new NamedOrder(2, "b", "EUR")).await(LONG).text())
                    .isEqualTo("EUR");
        }
    }

    @Test
    void what_cannot_be_read_goes_to_the_dead_set_and_holds_up_nothing() {
        jobs.workers("orders");
        millstream
                .queue(ChannelName.of("orders").name())
                .send(Message.builder("{\"number\":\"many\"}").type("order.charge").build());
        try (Workers _ = workers().handle(CHARGE, (_, _) -> new Receipt("done")).start()) {
            assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG).text())
                    .isEqualTo("done");
            var dead = millstream.queue("jobs.dead").receive(LONG).orElseThrow();
            assertThat(text(dead.lease().message(), "millstream-dead-reason"))
                    .contains("cannot be read", "order.charge");
        }
    }

    @Test
    void a_handler_that_takes_too_long_is_interrupted_and_has_failed() {
        JobType<Order, Receipt> quick =
                CHARGE.with(options -> options.timeout(Duration.ofMillis(50)).retry(Retry.never()));
        AtomicInteger interrupted = new AtomicInteger();
        try (Workers _ =
                workers()
                        .handle(
                                quick,
                                (_, _) -> {
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException stopped) {
                                        interrupted.incrementAndGet();
                                        throw stopped;
                                    }
                                    return new Receipt("never");
                                })
                        .start()) {
            JobRef<Receipt> ref = jobs.enqueue(quick, new Order(1, "a"));
            assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("longer than");
        }
        assertThat(interrupted).hasValue(1);
    }

    @Test
    void a_job_that_takes_longer_than_its_lease_is_not_given_to_anybody_else() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch going = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        try (Workers _ =
                workers()
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    runs.incrementAndGet();
                                    going.countDown();
                                    free.await();
                                    return new Receipt("slow");
                                })
                        .start()) {
            JobRef<Receipt> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
            going.await();
            long before = System.nanoTime();
            Awaitility.await()
                    .until(() -> System.nanoTime() - before > Duration.ofMillis(1500).toNanos());
            free.countDown();
            assertThat(ref.await(LONG).text()).isEqualTo("slow");
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void workers_that_close_give_back_what_they_do_and_use_no_attempt() throws Exception {
        CountDownLatch going = new CountDownLatch(1);
        JobRef<Receipt> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
        try (Workers first =
                workers()
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    going.countDown();
                                    new CountDownLatch(1).await();
                                    return new Receipt("never");
                                })
                        .start()) {
            going.await();
            assertThat(first.running()).isEqualTo(1);
        }
        try (Workers _ =
                workers()
                        .handle(CHARGE, (_, context) -> new Receipt("" + context.attempt()))
                        .start()) {
            assertThat(ref.await(LONG).text()).isEqualTo("1");
        }
    }

    @Test
    void a_job_that_no_worker_has_in_time_expires() {
        JobRef<Receipt> ref =
                jobs.enqueue(
                        CHARGE,
                        new Order(1, "a"),
                        options -> options.startWithin(Duration.ofMillis(1)));
        try (Workers _ =
                jobs.workers("others").handle(CHARGE, (_, _) -> new Receipt("x")).start()) {
            assertThatThrownBy(() -> ref.await(LONG))
                    .isInstanceOfSatisfying(
                            JobFailedException.class,
                            failed -> assertThat(failed.state()).isEqualTo(JobState.EXPIRED));
        }
    }

    @Test
    void two_handlers_of_one_type_are_refused() {
        assertThatThrownBy(() ->
                        workers()
                                .handle(CHARGE, (_, _) -> new Receipt("1"))
                                .handle(CHARGE, (_, _) -> new Receipt("2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order.charge");
    }
}
