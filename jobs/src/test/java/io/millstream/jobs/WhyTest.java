package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Query;
import io.millstream.api.Rate;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Where a job is, and why it is not running.
@ParameterizedClass
@EnumSource(Store.class)
class WhyTest extends JobsFixture {
    private static final JobType<Order, String> KEYED = CHARGE.key(Order::customer);

    private final CountDownLatch free = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();

    WhyTest(Store store) {
        super(store);
    }

    @AfterEach
    void release() {
        free.countDown();
    }

    private void holding(JobType<Order, String> type, int concurrency) {
        open(
                workers()
                        .name("till 3")
                        .concurrency(concurrency)
                        .handle(
                                type,
                                (_, _) -> {
                                    begun.incrementAndGet();
                                    free.await();
                                    return "";
                                })
                        .start());
        await(() -> !rows("jobs.workers").isEmpty());
    }

    private String enqueue(int number, String customer) {
        return jobs.enqueue(KEYED, new Order(number, customer)).id();
    }

    @Test
    void one_that_waits_for_its_time_says_until_when() {
        Duration hour = Duration.ofHours(1);
        String id = jobs.enqueue(KEYED, new Order(1, "a"), o -> o.delay(hour)).id();
        var due = find(new Query.Browse(ORDERS, 0, null, 1)).getFirst().due();

        assertThat(jobs.why(id)).containsExactly(new Why.Delayed(due));
        assertThat(jobs.status(id)).isEqualTo(new JobStatus.Delayed("orders", due, 0));
    }

    @Test
    void one_that_is_put_off_says_until_when() {
        String id =
                jobs.enqueue(
                                KEYED,
                                new Order(1, "a"),
                                o ->
                                        o.unique(
                                                Unique.debounced(
                                                        Duration.ofHours(1), Duration.ofHours(1))))
                        .id();

        assertThat(jobs.status(id))
                .isInstanceOfSatisfying(
                        JobStatus.Delayed.class,
                        delayed -> {
                            assertThat(delayed.queue()).isEqualTo("orders");
                            assertThat(delayed.until())
                                    .isAfterOrEqualTo(ManualClock.START.plusSeconds(3600));
                        });
    }

    @Test
    void one_in_a_queue_without_workers_that_is_paused_says_both() {
        String id = enqueue(1, "a");
        assertThat(jobs.why(id)).containsExactly(new Why.NoWorkers("orders"));
        jobs.pause("orders");
        assertThat(jobs.why(id))
                .containsExactly(new Why.Paused("orders"), new Why.NoWorkers("orders"));
        assertThat(jobs.status(id)).isEqualTo(new JobStatus.Waiting("orders", 0));
    }

    @Test
    void one_of_a_version_that_no_worker_knows_says_so() {
        holding(KEYED, 4);
        String id = jobs.enqueue(KEYED.version(2), new Order(1, "a")).id();

        assertThat(jobs.why(id)).containsExactly(new Why.NoHandler("orders", "order.charge#2"));
    }

    @Test
    void one_that_is_running_says_by_whom_in_a_while() {
        holding(KEYED, 4);
        String id = enqueue(1, "a");
        await(() -> begun.get() == 1);
        await(() -> jobs.status(id).equals(new JobStatus.Running("orders", 1, "till 3")));

        assertThat(jobs.why(id)).containsExactly(new Why.Running("till 3"));
        assertThat(jobs.why(id).getFirst().text()).contains("till 3");
    }

    @Test
    void one_whose_workers_are_busy_says_so() {
        holding(KEYED, 1);
        enqueue(1, "a");
        await(() -> begun.get() == 1);

        assertThat(jobs.why(enqueue(2, "b"))).containsExactly(new Why.WorkersAreBusy(1, 1));
    }

    @Test
    void one_that_a_limit_holds_up_says_which() {
        jobs.declare(
                "orders",
                queue -> queue.maxInFlight(3).limits(Limits.NONE.withGroups(Limit.concurrency(1))));
        JobType<Order, String> limited = KEYED.limit(Limit.concurrency(2));
        holding(limited, 10);
        JobType<Order, String> other =
                JobType.of("order.other", Order.class, String.class)
                        .with(options -> options.queue("orders"));
        jobs.enqueue(limited, new Order(1, "a"));
        await(() -> begun.get() == 1);

        String second = jobs.enqueue(limited, new Order(2, "a")).id();
        assertThat(jobs.why(second))
                .containsExactly(new Why.KeyIsLimited("a", Limit.concurrency(1)));

        jobs.enqueue(limited, new Order(3, "b"));
        await(() -> begun.get() == 2);
        String third = jobs.enqueue(limited, new Order(4, "c")).id();
        assertThat(jobs.why(third))
                .containsExactly(new Why.TypeIsLimited("order.charge", Limit.concurrency(2)));

        open(
                workers()
                        .handle(
                                other,
                                (_, _) -> {
                                    begun.incrementAndGet();
                                    free.await();
                                    return "";
                                })
                        .start());
        jobs.enqueue(other, new Order(5, "d"));
        await(() -> begun.get() == 3);
        await(() -> rows("jobs.workers").size() == 2);
        assertThat(jobs.why(jobs.enqueue(other, new Order(6, "d")).id()))
                .containsExactly(new Why.QueueIsLimited("orders", 3));
    }

    @Test
    void one_behind_another_of_its_key_names_that_one() {
        jobs.declare("orders", queue -> queue.groups(Groups.FAIR_ORDERED));
        holding(KEYED, 10);
        String first = enqueue(1, "a");
        await(() -> begun.get() == 1);
        String second = enqueue(2, "a");

        assertThat(jobs.why(second)).containsExactly(new Why.BehindOthersOfItsKey("a", first));
    }

    @Test
    void one_that_may_wait_for_a_rate_says_what_is_known_of_it() {
        Rate rate = Rate.of(1, Duration.ofHours(1));
        jobs.declare("orders", queue -> queue.limits(Limits.NONE.withRate(rate)));
        holding(KEYED, 10);
        enqueue(1, "a");
        await(() -> begun.get() == 1);

        assertThat(jobs.why(enqueue(2, "b")))
                .containsExactly(
                        new Why.MayWaitForItsRate("queue orders", rate), new Why.IsNext(0));
    }

    @Test
    void one_that_has_ended_says_how_and_one_that_is_not_there_says_that() {
        working();
        JobRef<String> done = jobs.enqueue(CHARGE, new Order(1, "a"));
        done.await(LONG);

        assertThat(jobs.status(done.id())).isEqualTo(new JobStatus.Ended(JobState.DONE, ""));
        assertThat(jobs.why(done.id())).containsExactly(new Why.Ended(JobState.DONE));
        assertThat(jobs.why("nobody")).containsExactly(new Why.Unknown());
        assertThat(jobs.status("nobody")).isEqualTo(new JobStatus.Unknown());
    }

    @Test
    void one_in_the_dead_set_says_of_what_it_died_as_long_as_it_is_there() {
        open(workers().decide(CHARGE, (_, _) -> JobOutcome.dead("card refused")).start());
        JobRef<String> dead = jobs.enqueue(CHARGE, new Order(1, "a"));
        await(() -> counts("jobs.dead").ready() == 1);
        advance(Duration.ofHours(2));

        assertThat(jobs.status(dead.id()))
                .isEqualTo(new JobStatus.Ended(JobState.DEAD, "card refused"));
    }

    @Test
    void workers_that_close_are_gone_at_once() {
        Workers workers = workers().handle(CHARGE, (_, _) -> "").start();
        await(() -> rows("jobs.workers").size() == 1);
        workers.close();
        assertThat(rows("jobs.workers")).isEmpty();
    }
}
