package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.StoppedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Jobs that are cancelled, from anywhere, while they wait and while they run.
@ParameterizedClass
@EnumSource(Store.class)
class CancelledJobsTest extends JobsFixture {
    private static final JobType<Order, String> ONCE =
            CHARGE.with(options -> options.unique(Unique.untilDone()));
    private static final JobType<Order, String> PROMPT =
            CHARGE.with(options -> options.interruptedByCancel());

    private final CountDownLatch going = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    CancelledJobsTest(Store store) {
        super(store);
    }

    private static void assertCancelled(JobRef<?> ref) {
        assertThatThrownBy(() -> ref.await(LONG))
                .isInstanceOfSatisfying(
                        JobFailedException.class,
                        failed -> assertThat(failed.state()).isEqualTo(JobState.CANCELLED));
    }

    private void assertNoTrace() {
        await(() -> counts("orders").messages() == 0);
        assertThat(rows("jobs.cancelled")).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void one_that_waits_is_gone_and_who_awaits_it_hears_that() {
        JobRef<String> ref = jobs.enqueue(ONCE, new Order(1, "a"));
        var future = ref.future();

        assertThat(ref.cancel()).isEqualTo(new Cancellation.Cancelled(false));

        await(future::isCompletedExceptionally);
        assertCancelled(ref);
        assertThat(counts("orders").messages()).isZero();
        assertThat(jobs.enqueue(ONCE, new Order(1, "a")).isDuplicate()).isFalse();
    }

    @Test
    void one_that_is_delayed_or_waits_to_be_tried_again_is_gone_too() {
        JobRef<String> later =
                jobs.enqueue(CHARGE, new Order(1, "a"), o -> o.delay(Duration.ofDays(1)));
        assertThat(jobs.cancel(later.id())).isEqualTo(new Cancellation.Cancelled(false));
        open(
                workers()
                        .decide(CHARGE, (_, _) -> JobOutcome.again(Duration.ofHours(1), "later"))
                        .start());
        JobRef<String> again = jobs.enqueue(CHARGE, new Order(2, "a"));
        await(() -> counts("orders").delayed() == 1);

        assertThat(again.cancel()).isEqualTo(new Cancellation.Cancelled(false));

        assertCancelled(later);
        assertCancelled(again);
        assertNoTrace();
    }

    @Test
    void another_program_cancels_by_the_id() {
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
        JobRef<String> other = jobs.enqueue(CHARGE, new Order(2, "b"));
        Jobs elsewhere = open(Jobs.over(millstream));

        assertThat(elsewhere.cancel(ref.id())).isEqualTo(new Cancellation.Cancelled(false));
        assertThat(elsewhere.ref(CHARGE, other.id()).cancel())
                .isEqualTo(new Cancellation.Cancelled(false));

        assertCancelled(ref);
        assertCancelled(other);
        assertNoTrace();
    }

    @Test
    void what_has_ended_says_so_and_what_is_not_there_too() {
        working();
        JobRef<String> done = jobs.enqueue(CHARGE, new Order(1, "a"));
        done.await(LONG);

        assertThat(done.cancel()).isEqualTo(new Cancellation.Ended(JobState.DONE));
        assertThat(jobs.cancel(done.id())).isEqualTo(new Cancellation.Ended(JobState.DONE));
        assertThat(jobs.cancel("nobody")).isEqualTo(new Cancellation.Unknown());
        assertThat(done.await(LONG)).isEqualTo("a");

        JobRef<String> twice =
                jobs.enqueue(CHARGE, new Order(1, "a"), o -> o.delay(Duration.ofDays(1)));
        twice.cancel();
        assertThat(twice.cancel()).isEqualTo(new Cancellation.Ended(JobState.CANCELLED));
        assertNoTrace();
    }

    @Test
    void one_of_which_nobody_keeps_the_end_is_unknown_once_it_is_done() {
        JobType<Order, Void> quiet =
                JobType.of("quiet", Order.class).with(options -> options.queue("orders"));
        open(workers().run(quiet, (_, _) -> {}).start());
        JobRef<Void> ref = jobs.enqueue(quiet, new Order(1, "a"));
        await(() -> counts("orders").messages() == 0);

        assertThat(ref.cancel()).isEqualTo(new Cancellation.Unknown());

        assertNoTrace();
    }

    @Test
    void one_in_the_dead_set_has_ended() {
        open(workers().decide(CHARGE, (_, _) -> JobOutcome.dead("no")).start());
        JobRef<String> dead = jobs.enqueue(CHARGE, new Order(1, "a"));
        await(() -> counts("jobs.dead").ready() == 1);
        advance(Duration.ofHours(2));

        assertThat(dead.cancel()).isEqualTo(new Cancellation.Ended(JobState.DEAD));
        assertNoTrace();
    }

    @Test
    void one_that_was_dead_and_is_back_in_its_queue_is_cancelled_as_any_other() {
        Workers burying = workers().decide(CHARGE, (_, _) -> JobOutcome.dead("no")).start();
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("dead");
        burying.close();
        assertThat(ref.cancel()).isEqualTo(new Cancellation.Ended(JobState.DEAD));
        var dead = millstream.queue("jobs.dead").receive(LONG).orElseThrow();
        millstream.commit(new Operation.Put(ORDERS, dead.lease().message()));
        dead.done();
        assertThat(jobs.status(ref.id())).isEqualTo(new JobStatus.Waiting("orders", 0));

        assertThat(ref.cancel()).isEqualTo(new Cancellation.Cancelled(false));

        assertCancelled(ref);
        assertNoTrace();
    }

    @Test
    void a_handler_is_told_and_what_it_comes_to_all_the_same_is_dropped() {
        millstream.queue("shipments");
        AtomicBoolean told = new AtomicBoolean();
        open(
                workers()
                        .handle(
                                ONCE,
                                (order, context) -> {
                                    context.besides(
                                            new Operation.Put(
                                                    ChannelName.of("shipments"),
                                                    Message.of("ship")));
                                    going.countDown();
                                    await(context::isCancelled);
                                    told.set(!Thread.currentThread().isInterrupted());
                                    return order.customer();
                                })
                        .start());
        JobRef<String> ref = jobs.enqueue(ONCE, new Order(1, "a"));
        awaitGoing();

        assertThat(jobs.cancel(ref.id())).isEqualTo(new Cancellation.Cancelled(true));

        assertCancelled(ref);
        assertNoTrace();
        assertThat(told).isTrue();
        assertThat(counts("shipments").stored()).isZero();
        assertCancelled(ref);
        assertThat(counts("jobs.dead").stored()).isZero();
    }

    private void awaitGoing() {
        await(() -> going.getCount() == 0);
    }

    @Test
    void a_handler_that_asked_for_it_is_interrupted() {
        AtomicInteger interrupted = new AtomicInteger();
        open(
                workers()
                        .handle(
                                PROMPT,
                                (_, context) -> {
                                    going.countDown();
                                    try {
                                        free.await();
                                        return "never";
                                    } catch (InterruptedException stopped) {
                                        interrupted.addAndGet(context.isCancelled() ? 1 : 100);
                                        throw stopped;
                                    }
                                })
                        .start());
        JobRef<String> ref = jobs.enqueue(PROMPT, new Order(1, "a"));
        awaitGoing();

        assertThat(ref.cancel()).isEqualTo(new Cancellation.Cancelled(true));

        assertCancelled(ref);
        assertNoTrace();
        assertThat(interrupted).hasValue(1);
    }

    @Test
    void one_that_wants_to_be_tried_again_is_not() {
        AtomicInteger runs = new AtomicInteger();
        open(
                workers()
                        .decide(
                                CHARGE,
                                (_, _) -> {
                                    runs.incrementAndGet();
                                    going.countDown();
                                    free.await();
                                    return JobOutcome.snooze(Duration.ZERO);
                                })
                        .start());
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
        awaitGoing();
        ref.cancel();
        free.countDown();

        assertNoTrace();
        assertThat(runs).hasValue(1);
    }

    @Test
    void one_whose_worker_died_after_it_was_cancelled_is_done_by_nobody_else() {
        MortalBackend mortal = new MortalBackend(backend);
        Workers dying =
                workersOf(Jobs.over(Millstream.over(mortal)))
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    going.countDown();
                                    free.await();
                                    return "never";
                                })
                        .start();
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
        awaitGoing();
        mortal.dieAfter(-1);
        assertThat(ref.cancel()).isEqualTo(new Cancellation.Cancelled(true));
        // Far longer than its result is kept.
        advance(Duration.ofHours(5));
        AtomicInteger runs = new AtomicInteger();
        open(workers().handle(CHARGE, (_, _) -> "run " + runs.incrementAndGet()).start());

        advanceUntil(Duration.ofSeconds(31), () -> counts("orders").messages() == 0);

        assertNoTrace();
        assertThat(runs).hasValue(0);
        free.countDown();
        dying.close();
    }

    @Test
    void who_dies_while_it_cancels_a_job_that_waits_has_cancelled_it_or_has_not() {
        for (int commits = 0; commits < 2; commits++) {
            JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "a"));
            MortalBackend mortal = new MortalBackend(backend);
            Jobs dying = Jobs.over(Millstream.over(mortal));
            mortal.dieAfter(commits);
            if (commits == 0) {
                assertThatThrownBy(() -> dying.cancel(ref.id()))
                        .isInstanceOf(StoppedException.class);
                try (Workers _ = workers().handle(CHARGE, (_, _) -> "done").start()) {
                    assertThat(ref.await(LONG)).isEqualTo("done");
                }
            } else {
                dying.cancel(ref.id());
                assertCancelled(ref);
            }
            assertThat(counts("orders").messages()).isZero();
        }
        assertNoTrace();
    }

    @Test
    void of_a_cancellation_and_an_end_at_once_one_is_first() {
        int ended = 0;
        working();
        for (int i = 0; i < 100; i++) {
            JobRef<String> ref = jobs.enqueue(CHARGE, new Order(i, "a"));
            switch (ref.cancel()) {
                case Cancellation.Cancelled _ -> {
                    ended++;
                    assertCancelled(ref);
                }
                case Cancellation.Ended(JobState state) -> {
                    ended++;
                    assertThat(state).isEqualTo(JobState.DONE);
                    assertThat(ref.await(LONG)).isEqualTo("a");
                }
                case Cancellation.Unknown _ -> throw new AssertionError("It was there.");
            }
        }
        assertThat(ended).isEqualTo(100);
        assertNoTrace();
    }

    @Test
    void one_that_is_put_off_is_called_off() {
        JobType<Order, String> debounced =
                CHARGE.with(options ->
                        options.unique(
                                Unique.debounced(Duration.ofMinutes(1), Duration.ofHours(1))
                                        .by("x")));
        working();
        JobRef<String> ref = jobs.enqueue(debounced, new Order(1, "a"));

        assertThat(jobs.cancel(ref.id())).isEqualTo(new Cancellation.Cancelled(false));

        assertCancelled(ref);
        assertThat(jobs.enqueue(debounced, new Order(2, "b")).isDuplicate()).isFalse();
        advanceUntil(Duration.ofMinutes(1), () -> counts("jobs.debounced").messages() == 0);
        await(() -> counts("orders").messages() == 0);
        assertThat(counts("orders").stored()).isEqualTo(1);
    }

    @Test
    void the_head_of_a_key_that_is_worked_in_order_lets_the_next_one_go_on() {
        JobType<Order, String> ordered = CHARGE.key(Order::customer);
        jobs.declare("orders", q -> q.groups(Groups.FAIR_ORDERED));
        JobRef<String> head =
                jobs.enqueue(ordered, new Order(1, "a"), o -> o.delay(Duration.ofDays(1)));
        JobRef<String> next = jobs.enqueue(ordered, new Order(2, "a"));
        open(workers().handle(ordered, (order, _) -> "" + order.number()).start());

        head.cancel();

        assertThat(next.await(LONG)).isEqualTo("2");
    }
}
