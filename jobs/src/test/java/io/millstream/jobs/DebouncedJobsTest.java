package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Operation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/// Jobs that are put off as long as they are submitted again.
@ParameterizedClass
@EnumSource(Store.class)
class DebouncedJobsTest extends JobsFixture {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final JobType<Order, String> INDEX =
            CHARGE.uniqueBy(order -> "order " + order.number())
                    .with(options ->
                            options.retry(OFTEN)
                                    .unique(
                                            Unique.debounced(
                                                    SECOND.multipliedBy(10),
                                                    SECOND.multipliedBy(25))));

    private final List<String> done = Collections.synchronizedList(new ArrayList<>());

    DebouncedJobsTest(Store store) {
        super(store);
    }

    private Workers indexing() {
        return open(startIndexing(jobs));
    }

    private Workers startIndexing(Jobs by) {
        return workersOf(by)
                .handle(
                        INDEX,
                        (order, context) -> {
                            done.add(context.id() + " " + order.customer());
                            return order.customer();
                        })
                .start();
    }

    /// Whatever was due has been seen to.
    private void settle() {
        await(() -> counts("jobs.debounced").ready() + counts("jobs.debounced").leased() == 0);
        await(() -> counts("orders").messages() == 0);
    }

    @Test
    void the_last_one_wins_once_nobody_has_submitted_it_for_a_while() {
        indexing();
        JobRef<String> first = jobs.enqueue(INDEX, new Order(1, "ann"));
        advance(SECOND.multipliedBy(6));
        JobRef<String> second = jobs.enqueue(INDEX, new Order(1, "ben"), o -> o.priority(3));
        advance(SECOND.multipliedBy(9));
        settle();
        assertThat(done).isEmpty();
        advance(SECOND);

        assertThat(first.isDuplicate()).isFalse();
        assertThat(second.isDuplicate()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(first.await(LONG)).isEqualTo("ben");
        assertThat(second.await(LONG)).isEqualTo("ben");
        assertThat(done).containsExactly(first.id() + " ben");
        assertThat(rows("jobs.debounced")).isEmpty();
    }

    @Test
    void it_can_be_put_off_for_so_long_and_no_longer() {
        indexing();
        JobRef<String> first = jobs.enqueue(INDEX, new Order(1, "0"));
        for (int i = 1; i <= 4; i++) {
            advance(SECOND.multipliedBy(6));
            assertThat(jobs.enqueue(INDEX, new Order(1, "" + i)).id()).isEqualTo(first.id());
            settle();
        }
        assertThat(done).isEmpty();
        advance(SECOND);

        assertThat(first.await(LONG)).isEqualTo("4");
    }

    @Test
    void one_that_is_submitted_when_it_has_begun_is_another_one() {
        indexing();
        JobRef<String> first = jobs.enqueue(INDEX, new Order(1, "ann"));
        advance(SECOND.multipliedBy(10));
        first.await(LONG);

        JobRef<String> next = jobs.enqueue(INDEX, new Order(1, "ben"));
        JobRef<String> other = jobs.enqueue(INDEX, new Order(2, "cem"));

        assertThat(next.isDuplicate()).isFalse();
        assertThat(other.isDuplicate()).isFalse();
        advance(SECOND.multipliedBy(10));
        assertThat(next.await(LONG)).isEqualTo("ben");
        assertThat(other.await(LONG)).isEqualTo("cem");
    }

    @Test
    void a_shorter_time_brings_it_forward() {
        indexing();
        JobRef<String> first = jobs.enqueue(INDEX, new Order(1, "ann"));
        jobs.enqueue(
                INDEX,
                new Order(1, "ben"),
                options -> options.unique(Unique.debounced(SECOND, SECOND)));
        advance(SECOND);

        assertThat(first.await(LONG)).isEqualTo("ben");
        advance(SECOND.multipliedBy(30));
        settle();
        assertThat(counts("jobs.debounced").messages()).isZero();
        assertThat(done).hasSize(1);
    }

    @Test
    void whatever_step_dies_a_job_is_done_as_it_was_submitted_last() {
        for (int commits = 0; commits < 5; commits++) {
            done.clear();
            Order order = new Order(100 + commits, "ann");
            JobRef<String> ref = jobs.enqueue(INDEX, order);
            MortalBackend submitting = new MortalBackend(backend);
            try (Jobs dying = Jobs.over(Millstream.over(submitting))) {
                dying.workers("orders");
                submitting.dieAfter(1);
                dying.enqueue(INDEX, new Order(order.number(), "ben"));
                assertThatThrownBy(() -> dying.enqueue(INDEX, new Order(order.number(), "cem")))
                        .hasMessageContaining("died");
            }
            MortalBackend mortal = new MortalBackend(backend);
            Workers dying = startIndexing(Jobs.over(Millstream.over(mortal)));
            mortal.dieAfter(commits);
            advance(SECOND.multipliedBy(10));
            await(() -> mortal.isDead() || rows("jobs.results").size() == 1);
            mortal.dieAfter(-1);
            try (Workers _ = startIndexing(jobs)) {
                advanceUntil(SECOND.multipliedBy(10), () -> !rows("jobs.results").isEmpty());
                assertThat(ref.await(LONG)).isEqualTo("ben");
                advanceUntil(
                        SECOND.multipliedBy(10), () -> counts("jobs.debounced").messages() == 0);
                settle();
                assertThat(rows("jobs.debounced")).isEmpty();
            }
            dying.close();
            assertThat(done).isNotEmpty().allMatch(one -> one.equals(ref.id() + " ben"));
            forgetResults();
        }
    }

    private void forgetResults() {
        advance(Duration.ofHours(2));
        await(() -> rows("jobs.results").isEmpty());
    }

    @Test
    void one_whose_queue_is_gone_waits_until_it_is_there_again() {
        indexing();
        JobRef<String> ref = jobs.enqueue(INDEX, new Order(1, "ann"), o -> o.queue("far"));
        Objects.requireNonNull(view("far"));
        millstream.remove("far");
        advance(SECOND.multipliedBy(10));
        await(() -> counts("jobs.debounced").delayed() == 1);

        try (Jobs other = Jobs.over(millstream);
                Workers _ = other.workers("far").handle(INDEX, (_, _) -> "there").start()) {
            advanceUntil(SECOND, () -> !rows("jobs.results").isEmpty());
            assertThat(ref.await(LONG)).isEqualTo("there");
        }
    }

    @Test
    void one_that_lost_its_message_is_seen_to_all_the_same() {
        indexing();
        JobRef<String> ref = jobs.enqueue(INDEX, new Order(1, "ann"));
        millstream.commit(new Operation.Edit.Purge(Envelope.DEBOUNCED));

        advanceUntil(SECOND.multipliedBy(21), () -> !rows("jobs.results").isEmpty());

        assertThat(ref.await(LONG)).isEqualTo("ann");
    }

    @Test
    void all_of_a_job_is_kept_while_it_is_put_off() {
        JobOptions options =
                INDEX.options()
                        .with()
                        .priority(7)
                        .key("ann")
                        .startWithin(Duration.ofHours(1))
                        .keepResult(Duration.ofDays(1))
                        .build();
        Draft draft = Draft.of("id-1", INDEX.version(2), new Order(1, "ann"), options);
        Postponed job = new Postponed("id-1", clock.now(), clock.now(), draft);

        assertThat(Postponed.from(job.toBytes())).isEqualTo(job);
        assertThat(job.message()).isEqualTo(draft.message());
    }

    @Test
    void a_debounced_job_with_a_delay_of_its_own_is_refused() {
        assertThatThrownBy(() -> jobs.enqueue(INDEX, new Order(1, "a"), o -> o.delay(SECOND)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order.charge");
    }
}
