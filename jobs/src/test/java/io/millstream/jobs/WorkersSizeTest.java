package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.Semaphore;

/// How many jobs workers do at once.
@ParameterizedClass
@EnumSource(Store.class)
class WorkersSizeTest extends JobsFixture {
    private final Semaphore free = new Semaphore(0);

    WorkersSizeTest(Store store) {
        super(store);
    }

    @AfterEach
    void release() {
        free.release(1000);
    }

    private Workers.Builder holding() {
        return workers()
                .handle(
                        CHARGE,
                        (_, _) -> {
                            free.acquire();
                            return "";
                        });
    }

    private void enqueue(int count) {
        for (int i = 0; i < count; i++) {
            jobs.enqueue(CHARGE, new Order(i, "a"));
        }
    }

    @Test
    void they_do_more_or_fewer_as_soon_as_they_are_told_and_end_what_they_began() {
        Workers workers = open(holding().concurrency(1).start());
        enqueue(10);
        await(() -> workers.running() == 1);

        workers.resize(4);
        await(() -> workers.running() == 4);
        workers.resize(2);
        assertThat(workers.running()).isEqualTo(4);
        assertThat(workers.places()).isEqualTo(2);

        free.release(3);
        await(() -> workers.running() == 2 && counts("orders").messages() == 7);
        free.release(7);
        await(() -> counts("orders").messages() == 0);
        assertThat(counts("orders").done()).isEqualTo(10);
    }

    @Test
    void workers_that_wait_for_jobs_are_resized_too() {
        Workers workers = open(holding().concurrency(8).start());
        await(() -> !rows("jobs.workers").isEmpty());
        workers.resize(1);
        enqueue(3);
        await(() -> workers.running() == 1);
        assertThat(counts("orders").leased()).isEqualTo(1);
        workers.resize(2);
        await(() -> workers.running() == 2);
    }

    @Test
    void between_two_bounds_they_are_as_many_as_there_is_to_do() {
        Workers workers = open(holding().concurrency(2, 5).start());
        assertThat(workers.places()).isEqualTo(2);

        enqueue(7);

        await(() -> workers.running() == 5);
        assertThat(workers.places()).isEqualTo(5);
    }
}
