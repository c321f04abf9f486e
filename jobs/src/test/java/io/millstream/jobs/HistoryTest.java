package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What the topic `jobs.history` tells of jobs.
@ParameterizedClass
@EnumSource(Store.class)
class HistoryTest extends JobsFixture {
    private static final ChannelName HISTORY = ChannelName.of("jobs.history");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    HistoryTest(Store store) {
        super(store);
    }

    /// All that was told until one thing was.
    private List<Lifecycle> toldUntil(Predicate<Lifecycle> last) throws Exception {
        List<Lifecycle> told = new ArrayList<>();
        try (Session session = backend.session(SessionSpec.of("reader"));
                TopicReader reader = session.read(new From.Offset(HISTORY, 0, 0))) {
            while (told.stream().noneMatch(last)) {
                Fetched fetched =
                        reader.next(1000, 1 << 20, PATIENCE).stage().toCompletableFuture().get();
                List<Lifecycle> more =
                        ((Fetched.Records) fetched)
                                .records().stream()
                                        .flatMap(one -> Lifecycle.in(one.message()).stream())
                                        .toList();
                assertThat(more).as("more than %s", told).isNotEmpty();
                told.addAll(more);
            }
        }
        return told;
    }

    private static List<String> words(List<Lifecycle> told) {
        return told.stream()
                .map(one -> one.life().queue().name() + " " + one.getClass().getSimpleName())
                .toList();
    }

    private static <T extends Lifecycle> T first(List<Lifecycle> told, Class<T> kind) {
        return told.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
    }

    @Test
    void a_job_that_is_done_is_told_from_its_submission_to_its_end() throws Exception {
        working();

        String id =
                jobs.enqueue(CHARGE, new Order(1, "a"), job -> job.tags("red", "blue").key("k"))
                        .id();

        List<Lifecycle> told = toldUntil(Lifecycle.Done.class::isInstance);
        assertThat(words(told)).containsExactly("orders Stored", "orders Taken", "orders Done");
        Lifecycle.Said said = ((Lifecycle.Stored) told.getFirst()).said();
        assertThat(said).isNotNull();
        assertThat(said.id()).isEqualTo(id);
        assertThat(said.type()).isEqualTo("order.charge");
        assertThat(said.group()).isEqualTo("k");
        assertThat(said.headers()).containsEntry("millstream-tags", "blue,red");
    }

    @Test
    void attempts_that_fail_say_why_and_the_death_says_so_too() throws Exception {
        open(
                workers()
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    throw new IllegalStateException("No bank");
                                })
                        .start());

        String id = jobs.enqueue(CHARGE, new Order(1, "a")).id();

        List<Lifecycle> told =
                toldUntil(one -> one.life().queue().equals(ChannelName.of("jobs.dead")));
        List<Lifecycle> ofJob =
                told.stream().filter(Lifecycle.OfAttempt.class::isInstance).toList();
        assertThat(words(ofJob))
                .containsExactly("orders Failed", "orders Failed", "orders Failed", "orders Ended");
        Lifecycle.Failed failed = first(told, Lifecycle.Failed.class);
        assertThat(failed.attempt()).isEqualTo(1);
        assertThat(failed.reason()).contains("No bank");
        assertThat(failed.fingerprint()).isEqualTo(jobs.dead().kinds().getFirst().fingerprint());
        assertThat(first(told, Lifecycle.Ended.class).how()).isEqualTo("dead");
        Lifecycle.Stored dead = (Lifecycle.Stored) told.getLast();
        assertThat(dead.said()).isNotNull();
        assertThat(dead.said().id()).isEqualTo(id);
        assertThat(dead.said().headers())
                .containsEntry("millstream-dead-fingerprint", failed.fingerprint());
    }

    @Test
    void an_error_of_300_kb_is_cut_and_its_fingerprint_is_there() throws Exception {
        JobType<Order, String> once = CHARGE.with(job -> job.retry(Retry.never()));
        open(
                workers()
                        .handle(
                                once,
                                (_, _) -> {
                                    throw new IllegalStateException("x".repeat(300_000));
                                })
                        .start());
        jobs.enqueue(once, new Order(1, "a"));

        List<Lifecycle> told =
                toldUntil(one -> one.life().queue().equals(ChannelName.of("jobs.dead")));

        Lifecycle.Failed failed = first(told, Lifecycle.Failed.class);
        assertThat(failed.reason().length()).isBetween(500, Lifecycle.NOTE_CHARS_MAX);
        Lifecycle.Said dead = ((Lifecycle.Stored) told.getLast()).said();
        assertThat(dead).isNotNull();
        assertThat(dead.headers())
                .containsEntry("millstream-dead-fingerprint", failed.fingerprint());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void progress_and_log_are_told_while_the_handler_runs(boolean isUnique) throws Exception {
        JobType<Order, String> type =
                isUnique ? CHARGE.with(job -> job.unique(Unique.untilStarted())) : CHARGE;
        CountDownLatch isSeen = new CountDownLatch(1);
        open(
                workers()
                        .handle(
                                type,
                                (order, context) -> {
                                    context.log("began");
                                    context.log("goes on");
                                    for (int page = 1; page <= 4; page++) {
                                        context.progress(page, 10, "page " + page);
                                    }
                                    isSeen.await();
                                    context.log("ends");
                                    return order.customer();
                                })
                        .start());
        JobRef<String> ref = jobs.enqueue(type, new Order(1, "a"));

        List<Lifecycle> told =
                toldUntil(one ->
                        one instanceof Lifecycle.Progressed(_, _, long done, _, _) && done == 4);
        isSeen.countDown();

        assertThat(log(told)).isEqualTo("began\ngoes on");
        Lifecycle.Progressed progressed = (Lifecycle.Progressed) told.getLast();
        assertThat(progressed.total()).isEqualTo(10);
        assertThat(progressed.text()).isEqualTo("page 4");
        assertThat(ref.await(LONG)).isEqualTo("a");
        List<Lifecycle> whole = toldUntil(Lifecycle.Done.class::isInstance);
        assertThat(words(whole)).endsWith("orders Logged", "orders Done");
        assertThat(log(whole)).isEqualTo("began\ngoes on\nends");
    }

    private static String log(List<Lifecycle> told) {
        return told.stream()
                .filter(Lifecycle.Logged.class::isInstance)
                .map(one -> ((Lifecycle.Logged) one).text())
                .collect(Collectors.joining("\n"));
    }

    @Test
    void a_discard_that_is_refused_is_not_told() throws Exception {
        JobType<Order, String> twice = CHARGE.with(job -> job.retry(OFTEN));
        open(
                workers()
                        .decide(
                                twice,
                                (order, context) -> {
                                    if (context.attempt() > 1) {
                                        return JobOutcome.done(order.customer());
                                    }
                                    return JobOutcome.discarded("x".repeat(2 << 20));
                                })
                        .start());

        assertThat(jobs.enqueue(twice, new Order(1, "a")).await(LONG)).isEqualTo("a");

        List<Lifecycle> told = toldUntil(Lifecycle.Done.class::isInstance);
        assertThat(words(told)).contains("orders Failed").doesNotContain("orders Ended");
    }

    @Test
    void what_jobs_of_several_queues_with_the_same_workers_say_is_told_of_each() throws Exception {
        open(
                jobs.workers(Queues.strict("urgent", "orders"))
                        .handle(
                                CHARGE,
                                (order, context) -> {
                                    context.log("began");
                                    return order.customer();
                                })
                        .start());
        jobs.enqueue(CHARGE, new Order(1, "a"), options -> options.queue("urgent")).await(LONG);
        jobs.enqueue(CHARGE, new Order(2, "a")).await(LONG);

        List<Lifecycle> told =
                toldUntil(
                        one -> one instanceof Lifecycle.Done && one.life().queue().equals(ORDERS));
        assertThat(words(told)).contains("urgent Logged", "orders Logged");
    }

    @Test
    void a_log_without_end_is_cut_and_says_so() throws Exception {
        open(
                workers()
                        .handle(
                                CHARGE,
                                (order, context) -> {
                                    context.log("y".repeat(10_000));
                                    for (int line = 0; line < 100_000; line++) {
                                        context.log("line " + line);
                                    }
                                    return order.customer();
                                })
                        .start());
        jobs.enqueue(CHARGE, new Order(1, "a"));

        List<Lifecycle> told = toldUntil(Lifecycle.Done.class::isInstance);

        List<String> logged =
                told.stream()
                        .filter(Lifecycle.Logged.class::isInstance)
                        .map(one -> ((Lifecycle.Logged) one).text())
                        .toList();
        assertThat(logged.stream().mapToInt(String::length).sum())
                .isBetween(Notes.LOG_CHARS_MAX - 1000, Notes.LOG_CHARS_MAX + 1000);
        assertThat(logged.getLast()).contains("the log of this attempt is longer");
    }

    @Test
    void cancelled_and_discarded_jobs_are_told_as_such() throws Exception {
        JobRef<String> waiting = jobs.enqueue(CHARGE, new Order(1, "a"));
        waiting.cancel();
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        open(
                workers()
                        .decide(
                                CHARGE,
                                (order, context) -> {
                                    if (order.number() == 3) {
                                        return JobOutcome.discarded("nothing to do");
                                    }
                                    runs.countDown();
                                    free.await();
                                    return JobOutcome.done("x");
                                })
                        .start());
        JobRef<String> running = jobs.enqueue(CHARGE, new Order(2, "a"));
        runs.await();
        running.cancel();
        free.countDown();
        toldUntil(Lifecycle.Done.class::isInstance);
        jobs.enqueue(CHARGE, new Order(3, "a"));

        List<Lifecycle> told =
                toldUntil(one ->
                        one instanceof Lifecycle.Ended ended && ended.how().equals("discarded"));

        assertThat(words(told)).startsWith("orders Stored", "orders Ended", "orders Dropped");
        assertThat(
                        told.stream()
                                .filter(Lifecycle.Ended.class::isInstance)
                                .map(one -> ((Lifecycle.Ended) one).how()))
                .containsExactly("cancelled", "cancelled", "discarded");
    }

    @Test
    void a_queue_may_tell_nothing() throws Exception {
        jobs.declare("orders", queue -> queue.lifecycle(null));
        working();

        assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG)).isEqualTo("a");

        assertThat(view("orders").definition().lifecycle()).isNull();
        List<Lifecycle> told = toldUntil(_ -> true);
        assertThat(words(told)).containsExactly("orders Left");
    }

    @Test
    void what_cannot_be_told_keeps_no_job_from_its_end() throws Exception {
        CompletableFuture<Void> isUntold = new CompletableFuture<>();
        JobType<Order, String> twice = CHARGE.with(job -> job.retry(OFTEN));
        open(
                workersOf(jobs)
                        .handle(
                                twice,
                                (order, context) -> {
                                    context.log("said");
                                    isUntold.get();
                                    if (context.attempt() < 3) {
                                        throw new IllegalStateException("not yet");
                                    }
                                    return order.customer();
                                })
                        .start());
        JobRef<String> ref = jobs.enqueue(twice, new Order(1, "a"));
        toldUntil(Lifecycle.Logged.class::isInstance);
        // Its workers still believe that it tells the topic, and the topic is gone.
        jobs.redeclare("orders", queue -> queue.lifecycle(null));
        for (String inner : List.of("jobs.dead", "jobs.ended")) {
            Definition silent = Definition.Queue.of(ChannelName.of(inner));
            millstream.commit(new Operation.Define(silent, Expect.Anything.ANYTHING));
        }
        millstream.commit(new Operation.Remove(HISTORY, Expect.Anything.ANYTHING));

        isUntold.complete(null);

        assertThat(ref.await(LONG)).isEqualTo("a");
    }
}
