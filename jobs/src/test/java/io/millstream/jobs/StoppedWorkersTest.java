package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Workers that stop: what runs gets its time, the rest goes back.
@ParameterizedClass
@EnumSource(Store.class)
class StoppedWorkersTest extends JobsFixture {
    private final CountDownLatch going = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    StoppedWorkersTest(Store store) {
        super(store);
    }

    @Test
    void what_runs_gets_the_time_to_end_and_nothing_else_begins() {
        Workers workers =
                workers()
                        .concurrency(1)
                        .handle(
                                CHARGE,
                                (order, _) -> {
                                    going.countDown();
                                    free.await();
                                    return order.customer();
                                })
                        .start();
        JobRef<String> running = jobs.enqueue(CHARGE, new Order(1, "ann"));
        await(() -> going.getCount() == 0);
        jobs.enqueue(CHARGE, new Order(2, "ben"));

        Thread stopping = Thread.startVirtualThread(() -> workers.stop(LONG));
        await(() -> stopping.getState() == Thread.State.TIMED_WAITING);
        assertThat(stopping.isAlive()).isTrue();
        free.countDown();
        await(() -> !stopping.isAlive());

        assertThat(running.await(LONG)).isEqualTo("ann");
        assertThat(counts("orders").ready()).isEqualTo(1);
    }

    @Test
    void what_is_interrupted_goes_back_at_once_without_an_attempt() {
        Workers workers =
                workers()
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    going.countDown();
                                    free.await();
                                    return "never";
                                })
                        .start();
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "ann"));
        await(() -> going.getCount() == 0);

        workers.stop(Duration.ofMillis(50));

        assertThat(counts("orders").ready()).isEqualTo(1);
        open(workers().handle(CHARGE, (_, context) -> "" + context.attempt()).start());
        assertThat(ref.await(LONG)).isEqualTo("1");
    }

    @Test
    void a_handler_that_ignores_interruption_is_reported_with_its_stack_and_left_behind() {
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger(Workers.class.getName());
        Handler recorder = recorder(log);
        logger.addHandler(recorder);
        try {
            Workers workers = workers().handle(CHARGE, (_, _) -> beStubborn()).start();
            JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "ann"));
            await(() -> going.getCount() == 0);
            long before = System.nanoTime();

            workers.stop(Duration.ofMillis(50));

            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(8));
            assertThat(log)
                    .anyMatch(line ->
                            line.contains(ref.id())
                                    && line.contains("millstream-job-")
                                    && line.contains("beStubborn"));
            assertThat(counts("orders").ready()).isEqualTo(1);
            open(workers().handle(CHARGE, (_, context) -> "" + context.attempt()).start());
            assertThat(ref.await(LONG)).isEqualTo("1");
            free.countDown();
            await(() -> log.stream().anyMatch(line -> line.contains("was lost in attempt")));
            assertThat(counts("orders").messages()).isZero();
        } finally {
            free.countDown();
            logger.removeHandler(recorder);
        }
    }

    @Test
    void a_handler_that_goes_on_after_its_timeout_or_its_cancellation_is_counted_and_reported() {
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger(Workers.class.getName());
        Handler recorder = recorder(log);
        logger.addHandler(recorder);
        JobType<Order, String> quick =
                CHARGE.with(options -> options.timeout(Duration.ofMillis(50)));
        JobType<Order, String> prompt =
                JobType.of("order.prompt", Order.class, String.class)
                        .with(options -> options.queue("orders").interruptedByCancel());
        try {
            Workers workers =
                    open(
                            workers()
                                    .lease(Duration.ofMillis(300))
                                    .handle(quick, (_, _) -> beStubborn())
                                    .handle(prompt, (_, _) -> beStubborn())
                                    .start());
            JobRef<String> late = jobs.enqueue(quick, new Order(1, "a"));
            await(() -> workers.stuck() == 1);
            JobRef<String> cancelled = jobs.enqueue(prompt, new Order(2, "a"));
            await(() -> workers.running() == 2);
            cancelled.cancel();
            await(() -> workers.stuck() == 2);

            for (String id : List.of(late.id(), cancelled.id())) {
                await(() ->
                        log.stream()
                                .anyMatch(
                                        line -> line.contains(id) && line.contains("beStubborn")));
            }
            free.countDown();
            await(() -> workers.stuck() == 0);
        } finally {
            free.countDown();
            logger.removeHandler(recorder);
        }
    }

    private String beStubborn() {
        going.countDown();
        while (true) {
            try {
                free.await();
                return "at last";
            } catch (InterruptedException _) {
                // That is the point.
            }
        }
    }

    private static Handler recorder(List<String> log) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                log.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
