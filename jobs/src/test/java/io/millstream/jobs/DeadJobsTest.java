package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// What is done about jobs that were given up.
@ParameterizedClass
@EnumSource(Store.class)
class DeadJobsTest extends JobsFixture {
    private final AtomicBoolean mended = new AtomicBoolean();

    DeadJobsTest(Store store) {
        super(store);
    }

    /// Workers that fail by the number of the order, until all is mended.
    private void failing() {
        open(
                workers()
                        .handle(
                                CHARGE.with(options -> options.retry(Retry.never())),
                                (order, _) -> {
                                    if (!mended.get()) {
                                        fail(order);
                                    }
                                    return order.customer();
                                })
                        .start());
    }

    private static void fail(Order order) {
        if (order.number() % 2 == 0) {
            throw new IllegalStateException("Card %d is refused".formatted(order.number()));
        }
        lookUp(order);
    }

    private static void lookUp(Order order) {
        throw new IllegalStateException("No customer " + order.customer());
    }

    private List<JobRef<String>> die(int... numbers) {
        List<JobRef<String>> refs = new ArrayList<>();
        for (int number : numbers) {
            refs.add(jobs.enqueue(CHARGE, new Order(number, "c" + number)));
            int dead = refs.size();
            await(() -> counts("jobs.dead").ready() == dead);
        }
        return refs;
    }

    @Test
    void they_are_told_apart_by_what_was_thrown_where_and_not_by_what_was_said() {
        failing();
        List<JobRef<String>> refs = die(1, 2, 4, 6);

        List<DeadKind> kinds = jobs.dead().kinds();

        assertThat(kinds).extracting(DeadKind::jobs).containsExactly(3L, 1L);
        assertThat(kinds.getFirst().example().id()).isEqualTo(refs.getLast().id());
        DeadJob one = kinds.getLast().example();
        assertThat(one.id()).isEqualTo(refs.getFirst().id());
        assertThat(one.type()).isEqualTo("order.charge");
        assertThat(one.queue()).isEqualTo("orders");
        assertThat(one.reason()).contains("No customer c1");
        assertThat(one.stack()).contains("DeadJobsTest.lookUp");
        assertThat(one.attempts()).isEqualTo(1);
        assertThat(one.died()).isEqualTo(clock.now());
        assertThat(one.fingerprint()).isEqualTo(kinds.getLast().fingerprint()).hasSize(12);
    }

    @Test
    void reasons_that_differ_in_numbers_only_are_one() {
        open(
                workers()
                        .decide(CHARGE, (order, _) -> JobOutcome.dead("Limit " + order.number()))
                        .start());
        die(17, 4711);

        assertThat(jobs.dead().kinds()).extracting(DeadKind::jobs).containsExactly(2L);
    }

    @Test
    void one_kind_is_sent_back_and_done() {
        failing();
        List<JobRef<String>> refs = die(1, 2, 4);
        String fingerprint = jobs.dead().kinds().getFirst().fingerprint();
        mended.set(true);

        Redriven redriven = jobs.dead().redrive(DeadSelection.ALL.fingerprint(fingerprint));

        assertThat(redriven.byQueue()).containsOnlyKeys("orders").containsValue(2L);
        assertThat(redriven.left()).isZero();
        await(() -> isDone(refs.get(1)) && isDone(refs.get(2)));
        assertThat(jobs.dead().list(DeadSelection.ALL, 10))
                .extracting(DeadJob::id)
                .containsExactly(refs.getFirst().id());
    }

    private boolean isDone(JobRef<?> ref) {
        return jobs.status(ref.id()) instanceof JobStatus.Ended(JobState state, String _)
                && state == JobState.DONE;
    }

    @Test
    void what_was_sent_back_and_died_again_says_of_what() {
        failing();
        JobRef<String> ref = die(1).getFirst();
        Instant first = clock.now();
        advance(Duration.ofHours(1));

        jobs.dead().redrive(DeadSelection.ALL.id(ref.id()));

        await(() ->
                jobs.dead().list(DeadSelection.ALL.since(first.plusSeconds(1)), 10).size() == 1);
        DeadJob dead = jobs.dead().list(DeadSelection.ALL, 10).getFirst();
        assertThat(dead.id()).isEqualTo(ref.id());
        assertThat(dead.attempts()).isEqualTo(1);
        assertThat(dead.died()).isEqualTo(first.plus(Duration.ofHours(1)));
    }

    @Test
    void a_selection_is_all_that_is_said() {
        failing();
        List<JobRef<String>> refs = die(1);
        Instant later = clock.now().plusSeconds(60);
        advance(Duration.ofSeconds(60));
        refs.add(jobs.enqueue(CHARGE, new Order(2, "b")));
        await(() -> counts("jobs.dead").ready() == 2);
        String first = refs.getFirst().id();
        String second = refs.getLast().id();

        assertSelected(DeadSelection.ALL, first, second);
        assertSelected(DeadSelection.ALL.id(second), second);
        assertSelected(DeadSelection.ALL.since(later), second);
        assertSelected(DeadSelection.ALL.before(later), first);
        assertSelected(DeadSelection.ALL.type("order.charge").queue("orders"), first, second);
        assertSelected(DeadSelection.ALL.type("order.charge").queue("others"));
        assertSelected(DeadSelection.ALL.type("order.refund"));
        assertThat(jobs.dead().list(DeadSelection.ALL, 1))
                .extracting(DeadJob::id)
                .containsExactly(first);
        assertThat(jobs.dead().kinds(DeadSelection.ALL.id(second))).hasSize(1);
    }

    private void assertSelected(DeadSelection selection, String... ids) {
        assertThat(jobs.dead().list(selection, 10)).extracting(DeadJob::id).containsExactly(ids);
    }

    @Test
    void they_come_back_no_faster_than_is_said_whoever_has_asked_for_it() {
        failing();
        die(1, 2, 3);
        mended.set(true);

        Redriven redriven = jobs.dead().redrive(DeadSelection.ALL, how -> how.perSecond(0.5));

        assertThat(redriven.jobs()).isEqualTo(3);
        await(() -> counts("orders").done() == 4);
        assertThat(counts("orders").delayed()).isEqualTo(2);
        advance(Duration.ofSeconds(2));
        await(() -> counts("orders").delayed() == 1 && counts("orders").messages() == 1);
        advance(Duration.ofSeconds(2));
        await(() -> counts("orders").messages() == 0);
    }

    @Test
    void a_dry_run_says_what_would_happen_and_does_nothing() {
        failing();
        die(1, 2, 3);

        Redriven redriven = jobs.dead().redrive(DeadSelection.ALL, how -> how.dry().most(2));

        assertThat(redriven.byQueue()).containsOnlyKeys("orders").containsValue(2L);
        assertThat(counts("jobs.dead").ready()).isEqualTo(3);
        assertThat(counts("orders").messages()).isZero();
    }

    @Test
    void what_its_queue_refuses_stays_and_says_why() {
        failing();
        die(1, 2);
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(ChannelName.of("small"))
                                .capacity(new Capacity(1, 0, Capacity.Overflow.REFUSE))
                                .build(),
                        Expect.Anything.ANYTHING));

        Redriven redriven = jobs.dead().redrive(DeadSelection.ALL, how -> how.to("small"));

        assertThat(redriven.byQueue()).containsOnlyKeys("small").containsValue(1L);
        assertThat(redriven.left()).isEqualTo(1);
        assertThat(redriven.refusals()).singleElement().asString().contains("small is full");
        assertThat(counts("jobs.dead").ready()).isEqualTo(1);
        assertThat(jobs.dead().redrive(DeadSelection.ALL, how -> how.to("nowhere")).refusals())
                .singleElement()
                .asString()
                .contains("nowhere");
    }

    @Test
    void of_many_who_send_them_back_at_once_one_does() {
        mended.set(true);
        int jobsInAll = 250;
        jobs.workers("orders");
        for (int i = 0; i < jobsInAll; i++) {
            Envelope.Death death = Envelope.Death.of(ORDERS, "no", null, 1);
            Message job = Message.builder("{}").type("order.charge").build();
            millstream.commit(
                    new Operation.Put(Envelope.DEAD, Envelope.dead(job, "job" + i, death)));
        }

        List<CompletableFuture<Long>> redrives = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            redrives.add(
                    CompletableFuture.supplyAsync(
                            () -> jobs.dead().redrive(DeadSelection.ALL).jobs()));
        }

        long sum = redrives.stream().mapToLong(CompletableFuture::join).sum();
        assertThat(sum).isEqualTo(jobsInAll);
        assertThat(counts("orders").messages()).isEqualTo(jobsInAll);
        assertThat(counts("jobs.dead").messages()).isZero();
    }

    @Test
    void what_somebody_else_put_there_is_shown_and_goes_where_it_is_sent() {
        jobs.workers("orders");
        millstream.queue("jobs.dead").send("by hand");

        DeadJob odd = jobs.dead().list(DeadSelection.ALL, 10).getFirst();
        assertThat(odd.queue()).isEmpty();
        assertThat(odd.reason()).isEmpty();
        assertThat(jobs.dead().redrive(DeadSelection.ALL).refusals())
                .singleElement()
                .asString()
                .contains("Say where it is to go");
        assertThat(jobs.dead().redrive(DeadSelection.ALL, how -> how.to("orders")).jobs())
                .isEqualTo(1);
    }

    @Test
    void those_that_nobody_wants_are_removed() {
        failing();
        die(1, 2, 3);
        String odd = jobs.dead().kinds().getFirst().fingerprint();

        assertThat(jobs.dead().discard(DeadSelection.ALL.fingerprint(odd))).isEqualTo(2);

        assertThat(jobs.dead().kinds()).extracting(DeadKind::jobs).containsExactly(1L);
    }

    @Test
    void where_there_were_never_any_jobs_there_are_no_dead_ones() {
        assertThat(jobs.dead().kinds()).isEmpty();
        assertThat(jobs.dead().redrive(DeadSelection.ALL).jobs()).isZero();
        assertThat(jobs.dead().discard(DeadSelection.ALL)).isZero();
        assertThatThrownBy(() -> Redrive.STANDARD.perSecond(0)).hasMessageContaining("more than 0");
        assertThatThrownBy(() -> Redrive.STANDARD.most(0)).hasMessageContaining("1 or more");
    }
}
