package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.WorkQueue;
import io.millstream.api.BackOff;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Query;
import io.millstream.api.RefusedException;
import io.millstream.api.Via;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Workers that do whatever is in a queue, whoever put it there.
@ParameterizedClass
@EnumSource(Store.class)
class EveryMessageTest extends JobsFixture {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName GONE = ChannelName.of("mail-dead");

    private final CountDownLatch going = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    EveryMessageTest(Store store) {
        super(store);
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.stringNode(text);
    }

    private Workers.Builder workersOf(String queue) {
        return jobs.workersOfExisting(queue)
                .lease(Duration.ofSeconds(30))
                .grace(Duration.ofMillis(200));
    }

    private Workers every(String queue, JobDecider<Message, JsonNode> decider) {
        return open(workersOf(queue).every(UnaryOperator.identity(), decider).start());
    }

    private WorkQueue mail(int maxAttempts) {
        millstream.queue(Definition.Queue.of(GONE));
        return millstream.queue(
                Definition.Queue.builder(MAIL).maxAttempts(maxAttempts).deadLetter(GONE).build());
    }

    @Test
    void jobs_of_types_that_nobody_here_knows_are_done_and_their_results_are_told() {
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(7, "ann"));

        every("orders", (message, _) -> JobOutcome.done(text(message.type() + message.text())));

        assertThat(ref.await(LONG)).startsWith("order.charge{").contains("\"customer\":\"ann\"");
        assertNothingIsLeft();
    }

    @Test
    void a_handler_for_a_type_comes_before_the_one_for_every_message() {
        open(
                jobs.workers("orders")
                        .every(UnaryOperator.identity(), (_, _) -> JobOutcome.done(text("any")))
                        .handle(CHARGE, (_, _) -> "charged")
                        .start());
        JobType<Order, String> other =
                JobType.of("order.other", Order.class, String.class)
                        .with(options -> options.queue("orders"));

        assertThat(jobs.enqueue(CHARGE, new Order(1, "a")).await(LONG)).isEqualTo("charged");
        assertThat(jobs.enqueue(other, new Order(1, "a")).await(LONG)).isEqualTo("any");
    }

    @Test
    void messages_without_a_type_and_with_any_body_are_done_in_a_plain_queue() {
        List<Bytes> seen = Collections.synchronizedList(new ArrayList<>());
        WorkQueue mail = millstream.queue("mail");
        Bytes rubbish = Bytes.of(new byte[] {0, -1, 7});
        mail.send(Message.of(rubbish));
        mail.send(Message.builder("{}").type("any").id("7").build());

        every(
                "mail",
                (message, context) -> {
                    assertThat(context.queue()).isEqualTo("mail");
                    assertThat(context.isAwaited()).isFalse();
                    seen.add(message.body());
                    return JobOutcome.done(text("nobody asks"));
                });

        await(() -> counts("mail").messages() == 0);
        assertThat(seen).containsExactlyInAnyOrder(rubbish, Bytes.utf8("{}"));
        assertThat(List.of("jobs.cancelled", "jobs.results", "jobs.unique", "jobs.runs"))
                .allSatisfy(table -> assertThat(rows(table)).isEmpty());
        assertThat(view("mail").definition()).isEqualTo(Definition.Queue.of(MAIL));
        assertThat(find(new Query.QueueNamed(ChannelName.of("jobs.dead"))))
                .as("nothing of jobs is made for who has none")
                .isEmpty();
    }

    @Test
    void what_fails_in_a_plain_queue_dies_by_that_queues_limit_into_its_own_dead_letters() {
        AtomicInteger attempts = new AtomicInteger();
        mail(3).send("x");

        every(
                "mail",
                (_, context) -> {
                    assertThat(context.attempt()).isEqualTo(attempts.incrementAndGet());
                    return JobOutcome.failed("exit status 1", "");
                });
        advanceUntil(Duration.ofSeconds(1), () -> counts("mail-dead").ready() == 1);

        assertThat(attempts).hasValue(3);
        assertThat(counts("mail").messages()).isZero();
        var dead = millstream.queue("mail-dead").receive(LONG).orElseThrow().lease();
        assertThat(dead.via())
                .isInstanceOfSatisfying(
                        Via.DeadLettered.class,
                        via -> assertThat(via.cause()).isEqualTo(Via.Cause.ATTEMPTS));
        assertThat(dead.message()).isEqualTo(Message.of("x"));
    }

    @Test
    void what_fails_waits_as_long_as_the_queue_declares() {
        AtomicInteger attempts = new AtomicInteger();
        BackOff backOff = new BackOff(Duration.ofMinutes(10), 1, Duration.ofMinutes(10));
        millstream.queue(Definition.Queue.builder(MAIL).backOff(backOff).build()).send("x");

        every(
                "mail",
                (_, _) -> {
                    attempts.incrementAndGet();
                    throw new IllegalStateException("no");
                });
        await(() -> counts("mail").delayed() == 1);
        advance(Duration.ofMinutes(9));

        assertThat(attempts).hasValue(1);
        assertThat(counts("mail").delayed()).isEqualTo(1);
        advance(Duration.ofMinutes(2));
        await(() -> attempts.get() == 2);
    }

    @Test
    void what_is_dead_in_a_plain_queue_is_rejected_with_the_reason() {
        mail(0).send("x");

        every("mail", (_, _) -> JobOutcome.dead("no such address"));

        await(() -> counts("mail-dead").ready() == 1);
        assertThat(millstream.queue("mail-dead").receive(LONG).orElseThrow().lease().via())
                .isInstanceOfSatisfying(
                        Via.DeadLettered.class,
                        via -> {
                            assertThat(via.cause()).isEqualTo(Via.Cause.REJECTED);
                            assertThat(via.reason()).isEqualTo("no such address");
                        });
    }

    @Test
    void whoever_awaits_a_job_in_a_plain_queue_hears_that_its_last_attempt_failed() {
        mail(1);
        JobType<Order, String> type =
                JobType.of("mail.send", Order.class, String.class)
                        .with(options -> options.queue("mail"));
        JobRef<String> ref = jobs.enqueue(type, new Order(1, "a"));

        every("mail", (_, _) -> JobOutcome.failed("exit status 1", ""));

        assertThatThrownBy(() -> ref.await(LONG))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining("exit status 1");
        assertThat(counts("mail-dead").ready()).isEqualTo(1);
    }

    @Test
    void what_is_for_later_uses_no_attempt_in_any_queue() {
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        mail(1).send("x");

        every(
                "mail",
                (_, context) -> {
                    attempts.add(context.attempt());
                    return attempts.size() < 3
                            ? JobOutcome.snooze(Duration.ofMinutes(1))
                            : JobOutcome.done(null);
                });
        advanceUntil(Duration.ofMinutes(1), () -> attempts.size() == 3);

        await(() -> counts("mail").messages() == 0);
        assertThat(attempts).containsExactly(1, 1, 1);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @Test
    void what_fails_in_a_queue_of_jobs_goes_to_the_dead_set_with_its_log() {
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "ann"));
        String log = "begin" + "x".repeat(10_000) + "the end";

        open(
                workersOf("orders")
                        .every(
                                options -> options.retry(Retry.never()),
                                (_, _) -> JobOutcome.failed("exit status 3: no disk", log))
                        .start());

        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("exit status 3: no disk");
        DeadJob dead = jobs.dead().list(DeadSelection.ALL, 10).getFirst();
        assertThat(dead.reason()).isEqualTo("exit status 3: no disk");
        assertThat(dead.stack()).hasSize(8000).startsWith("…").endsWith("the end");
        assertThat(dead.queue()).isEqualTo("orders");
    }

    @Test
    void one_that_takes_too_long_is_interrupted_and_has_failed_as_its_queue_says() {
        mail(1).send("x");

        open(
                workersOf("mail")
                        .every(
                                options -> options.timeout(Duration.ofMillis(100)),
                                (_, _) -> {
                                    free.await();
                                    return JobOutcome.done(null);
                                })
                        .start());

        await(() -> counts("mail-dead").ready() == 1);
    }

    @Test
    void one_that_is_cancelled_is_interrupted_and_what_it_comes_to_is_dropped() {
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "ann"));
        open(
                workersOf("orders")
                        .every(
                                JobOptions.Builder::interruptedByCancel,
                                (_, _) -> {
                                    going.countDown();
                                    free.await();
                                    return JobOutcome.done(null);
                                })
                        .start());
        await(() -> going.getCount() == 0);

        assertThat(ref.cancel()).isEqualTo(new Cancellation.Cancelled(true));

        assertThatThrownBy(() -> ref.await(LONG))
                .isInstanceOfSatisfying(
                        JobFailedException.class,
                        failed -> assertThat(failed.state()).isEqualTo(JobState.CANCELLED));
        assertNothingIsLeft();
        assertThat(rows("jobs.cancelled")).isEmpty();
    }

    @Test
    void what_runs_when_its_workers_stop_goes_back_without_an_attempt() {
        mail(1).send("x");
        Workers workers =
                every(
                        "mail",
                        (_, _) -> {
                            going.countDown();
                            free.await();
                            return JobOutcome.done(null);
                        });
        await(() -> going.getCount() == 0);

        workers.stop(Duration.ofMillis(50));

        assertThat(counts("mail").ready()).isEqualTo(1);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @Test
    void messages_of_a_group_that_is_worked_in_order_are_done_one_after_the_other() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        WorkQueue mail = millstream.queue("mail");
        for (int i = 0; i < 40; i++) {
            mail.send(Message.builder("" + i).group("ann").build());
        }

        every(
                "mail",
                (message, _) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    seen.add(message.text());
                    now.decrementAndGet();
                    return JobOutcome.done(null);
                });

        await(() -> counts("mail").messages() == 0);
        assertThat(most).hasValue(1);
        assertThat(seen).isEqualTo(IntStream.range(0, 40).mapToObj(i -> "" + i).toList());
    }

    @Test
    void messages_of_some_types_are_taken_where_types_are_told_apart() {
        JobType<Order, String> other =
                JobType.of("order.other", Order.class, String.class)
                        .with(options -> options.queue("orders"));
        JobRef<String> asked = jobs.enqueue(CHARGE, new Order(1, "a"));
        JobRef<String> left = jobs.enqueue(other, new Order(2, "b"));

        open(
                workersOf("orders")
                        .every(
                                Set.of("order.charge"),
                                UnaryOperator.identity(),
                                (_, _) -> JobOutcome.done(text("done")))
                        .start());

        assertThat(asked.await(LONG)).isEqualTo("done");
        await(() -> jobs.why(left.id()).contains(new Why.NoHandler("orders", "order.other")));
        assertThat(counts("orders").ready()).isEqualTo(1);
    }

    @Test
    void whoever_asks_why_a_job_waits_is_not_told_that_nobody_knows_its_type() {
        open(
                workersOfNothing("orders")
                        .concurrency(1)
                        .every(
                                UnaryOperator.identity(),
                                (_, _) -> {
                                    going.countDown();
                                    free.await();
                                    return JobOutcome.done(null);
                                })
                        .start());
        jobs.enqueue(CHARGE, new Order(1, "a"));
        await(() -> going.getCount() == 0);
        JobRef<String> waits = jobs.enqueue(CHARGE, new Order(2, "a"));

        await(() -> jobs.why(waits.id()).contains(new Why.WorkersAreBusy(1, 1)));
        free.countDown();
    }

    private Workers.Builder workersOfNothing(String queue) {
        return jobs.workers(queue).lease(Duration.ofSeconds(30)).grace(Duration.ofMillis(200));
    }

    @Test
    void a_queue_that_is_not_there_is_refused_and_not_made() {
        assertThatThrownBy(() -> every("nowhere", (_, _) -> JobOutcome.done(null)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("nowhere");
        assertThat(find(new Query.QueueNamed(ChannelName.of("nowhere")))).isEmpty();
    }

    @Test
    void types_are_refused_where_they_are_not_told_apart() {
        millstream.queue("mail");
        assertThatThrownBy(() ->
                        workersOf("mail")
                                .every(
                                        Set.of("a"),
                                        UnaryOperator.identity(),
                                        (_, _) -> JobOutcome.done(null))
                                .start())
                .hasMessageContaining("mail does not tell types apart");
        assertThatThrownBy(() -> workersOf("mail").handle(CHARGE, (_, _) -> "").start())
                .hasMessageContaining("mail does not tell types apart");
    }

    @Test
    void headers_of_a_message_reach_the_handler_as_they_are() {
        Message message = Message.builder("x").header(Header.text("tenant", "blue")).build();
        List<Message> seen = Collections.synchronizedList(new ArrayList<>());
        millstream.queue("mail").send(message);

        every(
                "mail",
                (one, _) -> {
                    seen.add(one);
                    return JobOutcome.discarded("nothing to do");
                });

        await(() -> counts("mail").messages() == 0);
        assertThat(seen).containsExactly(message);
    }
}
