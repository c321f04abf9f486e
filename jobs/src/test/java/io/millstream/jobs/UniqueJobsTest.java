package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.StoppedException;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/// Of equal jobs one is submitted, whoever submits them and whatever dies.
@ParameterizedClass
@EnumSource(Store.class)
class UniqueJobsTest extends JobsFixture {
    private static final JobType<Order, String> ONCE =
            CHARGE.uniqueBy(order -> "order " + order.number())
                    .with(options -> options.unique(Unique.untilDone()));
    private static final JobType<Order, String> WAITING_ONCE =
            ONCE.with(options -> options.unique(Unique.untilStarted()));

    UniqueJobsTest(Store store) {
        super(store);
    }

    @Test
    void a_duplicate_is_not_submitted_and_gets_the_first_one_s_reference() {
        JobRef<String> first = jobs.enqueue(ONCE, new Order(1, "ann"));
        JobRef<String> second = jobs.enqueue(ONCE, new Order(1, "ben"));
        JobRef<String> other = jobs.enqueue(ONCE, new Order(2, "cem"));

        assertThat(first.isDuplicate()).isFalse();
        assertThat(second.isDuplicate()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(other.isDuplicate()).isFalse();
        assertThat(counts("orders").ready()).isEqualTo(2);
        working();
        assertThat(second.await(LONG)).isEqualTo("ann");
        assertThat(other.await(LONG)).isEqualTo("cem");

        JobRef<String> third = jobs.enqueue(ONCE, new Order(1, "dan"));
        assertThat(third.isDuplicate()).isFalse();
        assertThat(third.await(LONG)).isEqualTo("dan");
        assertNothingIsLeft();
    }

    @Test
    void another_program_s_duplicate_is_one_too() {
        JobRef<String> first = jobs.enqueue(ONCE, new Order(1, "ann"));
        Jobs other = open(Jobs.over(millstream));
        assertThat(other.enqueue(ONCE, new Order(1, "ann")).id()).isEqualTo(first.id());
    }

    @Test
    void without_a_key_jobs_are_compared_by_all_that_they_are_given() {
        record Totals(Map<String, Integer> byName) {}
        JobType<Totals, Void> type =
                JobType.of("totals", Totals.class)
                        .with(options -> options.queue("orders").unique(Unique.untilDone()));

        jobs.enqueue(type, new Totals(Map.of("a", 1, "b", 2, "c", 3)));

        Map<String, Integer> turned = new LinkedHashMap<>();
        List.of("c", "b", "a").forEach(name -> turned.put(name, name.charAt(0) - 'a' + 1));
        assertThat(jobs.enqueue(type, new Totals(turned)).isDuplicate()).isTrue();
        assertThat(jobs.enqueue(type, new Totals(Map.of("a", 1))).isDuplicate()).isFalse();
    }

    @Test
    void a_job_may_say_its_own_key_and_be_unique_though_its_type_is_not() {
        Unique unique = Unique.untilDone().by("nightly " + "x".repeat(2000));
        jobs.enqueue(CHARGE, new Order(1, "a"), options -> options.unique(unique));
        jobs.enqueue(CHARGE, new Order(1, "a"));

        assertThat(
                        jobs.enqueue(CHARGE, new Order(2, "b"), options -> options.unique(unique))
                                .isDuplicate())
                .isTrue();
        assertThat(counts("orders").ready()).isEqualTo(2);
    }

    @Test
    void duplicates_in_one_batch_are_told_apart_from_the_others() {
        List<Order> orders =
                IntStream.range(0, 1200).mapToObj(i -> new Order(i / 3, "c" + i)).toList();

        List<JobRef<String>> refs = jobs.enqueueAll(ONCE, orders);

        assertThat(counts("orders").ready()).isEqualTo(400);
        for (int i = 0; i < refs.size(); i++) {
            assertThat(refs.get(i).isDuplicate()).isEqualTo(i % 3 != 0);
            assertThat(refs.get(i).id()).isEqualTo(refs.get(i - i % 3).id());
        }
    }

    @Test
    void of_many_who_submit_at_once_one_is_first() throws Exception {
        Callable<JobRef<String>> submit = () -> jobs.enqueue(ONCE, new Order(1, "x"));
        List<JobRef<String>> refs = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var ref : threads.invokeAll(Collections.nCopies(64, submit))) {
                refs.add(ref.get());
            }
        }
        assertThat(refs.stream().map(JobRef::id).distinct()).hasSize(1);
        assertThat(refs.stream().filter(ref -> !ref.isDuplicate())).hasSize(1);
        assertThat(counts("orders").ready()).isEqualTo(1);
    }

    /// One worker that says when it has begun and ends when it may.
    private void holding(JobType<Order, String> type, CountDownLatch going, CountDownLatch free) {
        open(
                workers()
                        .concurrency(1)
                        .handle(
                                type,
                                (order, _) -> {
                                    going.countDown();
                                    free.await();
                                    return order.customer();
                                })
                        .start());
    }

    @Test
    void a_job_unique_until_it_starts_leaves_room_for_one_that_waits() throws Exception {
        CountDownLatch going = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        holding(WAITING_ONCE, going, free);
        JobRef<String> first = jobs.enqueue(WAITING_ONCE, new Order(1, "ann"));
        going.await();

        JobRef<String> second = jobs.enqueue(WAITING_ONCE, new Order(1, "ben"));
        JobRef<String> third = jobs.enqueue(WAITING_ONCE, new Order(1, "cem"));

        assertThat(second.isDuplicate()).isFalse();
        assertThat(third.id()).isEqualTo(second.id());
        free.countDown();
        assertThat(first.await(LONG)).isEqualTo("ann");
        assertThat(third.await(LONG)).isEqualTo("ben");
        assertNothingIsLeft();
    }

    @Test
    void a_job_unique_for_a_time_keeps_others_out_though_it_is_done() {
        JobType<Order, String> hourly =
                ONCE.with(options -> options.unique(Unique.within(Duration.ofHours(1))));
        working();
        JobRef<String> first = jobs.enqueue(hourly, new Order(1, "ann"));
        assertThat(first.await(LONG)).isEqualTo("ann");

        advance(Duration.ofMinutes(59));
        assertThat(jobs.enqueue(hourly, new Order(1, "ben")).id()).isEqualTo(first.id());

        advance(Duration.ofMinutes(1));
        await(() -> rows("jobs.unique").isEmpty());
        JobRef<String> next = jobs.enqueue(hourly, new Order(1, "cem"));
        assertThat(next.isDuplicate()).isFalse();
        assertThat(next.await(LONG)).isEqualTo("cem");
    }

    @Test
    void a_job_that_ends_otherwise_frees_its_key_too() {
        open(
                workers()
                        .decide(
                                ONCE,
                                (order, _) ->
                                        switch (order.number()) {
                                            case 1 -> throw new IllegalStateException("no");
                                            case 2 -> JobOutcome.discarded("nothing to do");
                                            default -> JobOutcome.dead("never");
                                        })
                        .start());
        for (int number = 1; number <= 3; number++) {
            JobRef<String> ref = jobs.enqueue(ONCE, new Order(number, "a"));
            assertThatThrownBy(() -> ref.await(LONG)).isInstanceOf(JobFailedException.class);
        }
        assertNothingIsLeft();
        assertThat(counts("jobs.dead").ready()).isEqualTo(2);
    }

    @Test
    void a_job_that_no_worker_has_in_time_frees_its_key() {
        for (JobType<Order, String> type : List.of(ONCE, WAITING_ONCE)) {
            JobRef<String> ref =
                    jobs.enqueue(
                            type,
                            new Order(1, "a"),
                            options ->
                                    options.delay(Duration.ofHours(1))
                                            .startWithin(Duration.ofMinutes(1)));
            assertThat(ref.isDuplicate()).isFalse();
            advance(Duration.ofMinutes(60));
            assertThat(counts("orders").ready()).isEqualTo(1);
            advance(Duration.ofMinutes(1));
            try (Workers _ = jobs.workers("others").handle(CHARGE, (_, _) -> "never").start()) {
                assertThatThrownBy(() -> ref.await(LONG))
                        .isInstanceOfSatisfying(
                                JobFailedException.class,
                                failed -> assertThat(failed.state()).isEqualTo(JobState.EXPIRED));
            }
            assertNothingIsLeft();
        }
    }

    @Test
    void a_key_that_another_job_has_by_now_stays_that_one_s() throws Exception {
        CountDownLatch going = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        holding(ONCE, going, free);
        JobRef<String> first = jobs.enqueue(ONCE, new Order(1, "ann"));
        going.await();
        String key = rows("jobs.unique").getFirst().key();
        millstream.commit(
                new Operation.Write("jobs.unique", key, null, Expect.Anything.ANYTHING, null));
        JobRef<String> second =
                jobs.enqueue(ONCE, new Order(1, "ben"), o -> o.delay(Duration.ofHours(1)));
        assertThat(second.isDuplicate()).isFalse();

        free.countDown();
        first.await(LONG);

        assertThat(jobs.enqueue(ONCE, new Order(1, "cem")).id()).isEqualTo(second.id());
    }

    @Test
    void the_keys_of_jobs_that_were_purged_are_free_after_a_while_and_those_of_others_are_not() {
        JobRef<String> purged = jobs.enqueue(ONCE, new Order(1, "ann"));
        assertThat(purged.isDuplicate()).isFalse();
        millstream.commit(new Operation.Edit.Purge(ORDERS));
        JobRef<String> there =
                jobs.enqueue(ONCE, new Order(2, "ben"), o -> o.delay(Duration.ofDays(3)));
        open(jobs.workers("others").handle(CHARGE, (_, _) -> "never").start());

        advanceUntil(Duration.ofSeconds(21), () -> rows("jobs.unique").size() == 1);

        assertThat(jobs.enqueue(ONCE, new Order(1, "cem")).isDuplicate()).isFalse();
        advanceUntil(
                Duration.ofMinutes(5),
                () -> clock.now().isAfter(ManualClock.START.plus(Duration.ofMinutes(45))));
        assertThat(jobs.enqueue(ONCE, new Order(2, "dan")).id()).isEqualTo(there.id());
    }

    @Test
    void whatever_step_a_worker_dies_at_a_job_is_done_and_its_key_is_free() {
        for (JobType<Order, String> type : List.of(ONCE, WAITING_ONCE)) {
            for (int commits = 0; commits < 4; commits++) {
                dieAfter(commits, type.with(options -> options.retry(OFTEN)));
            }
        }
    }

    private void dieAfter(int commits, JobType<Order, String> type) {
        MortalBackend mortal = new MortalBackend(backend);
        JobRef<String> ref = jobs.enqueue(type, new Order(commits, "ann"));
        assertThat(ref.isDuplicate()).isFalse();
        Workers dying =
                workersOf(Jobs.over(Millstream.over(mortal)))
                        .handle(type, (order, _) -> order.customer())
                        .start();
        mortal.dieAfter(commits);
        await(() -> mortal.isDead() || counts("orders").messages() == 0);
        mortal.dieAfter(-1);
        try (Workers _ = workers().handle(type, (order, _) -> order.customer()).start()) {
            advanceUntil(Duration.ofSeconds(10), () -> counts("orders").messages() == 0);
            assertThat(ref.await(LONG)).isEqualTo("ann");
            assertNothingIsLeft();
        }
        dying.close();
    }

    @Test
    void whoever_dies_while_it_submits_has_submitted_all_of_a_job_or_nothing() {
        jobs.workers("orders");
        for (int commits = 0; commits < 2; commits++) {
            MortalBackend mortal = new MortalBackend(backend);
            try (Jobs dying = Jobs.over(Millstream.over(mortal))) {
                dying.workers("orders");
                mortal.dieAfter(commits);
                Order order = new Order(commits, "ann");
                if (commits == 0) {
                    assertThatThrownBy(() -> dying.enqueue(ONCE, order))
                            .isInstanceOf(StoppedException.class);
                } else {
                    dying.enqueue(ONCE, order);
                }
                assertThat(rows("jobs.unique")).hasSize(commits);
                assertThat(counts("orders").ready()).isEqualTo(commits);
            }
        }
    }
}
