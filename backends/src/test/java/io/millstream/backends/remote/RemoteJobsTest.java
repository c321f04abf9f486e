package io.millstream.backends.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Millstream;
import io.millstream.api.ConnectionLostException;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;
import io.millstream.protocols.http.ApiLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Workers on another machine than the store, over a network that breaks, and a store that is
/// killed.
class RemoteJobsTest {
    record Work(int number) {}

    private static final JobType<Work, Integer> WORK =
            JobType.of("work", Work.class, Integer.class);
    private static final int JOBS = 200;

    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine;
    private ServerForTests server;
    private Cable cable;
    private Millstream there;
    private Jobs jobsThere;

    @BeforeEach
    void open() throws IOException {
        start(0);
        cable = new Cable(server.port());
    }

    private void start(int port) {
        engine = Engine.open(disk, EngineOptions.inMemory());
        server = new ServerForTests(engine, ApiLimits.USUAL, port);
        there = Millstream.over(engine);
        jobsThere = Jobs.over(there);
    }

    @AfterEach
    void close() throws IOException {
        cable.close();
        server.close();
        jobsThere.close();
        there.close();
    }

    private Millstream here() {
        return Millstream.over(RemoteBackend.open(RemoteOptions.at(cable.address())));
    }

    /// Workers whose leases end soon, of jobs that come to twice their number.
    private static Workers workers(Jobs jobs, Consumer<Work> doing) {
        return jobs.workers("jobs")
                .lease(Duration.ofSeconds(5))
                .handle(
                        WORK,
                        (work, _) -> {
                            doing.accept(work);
                            return 2 * work.number();
                        })
                .start();
    }

    @Test
    void every_job_is_done_though_the_network_breaks_again_and_again() {
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        AtomicInteger runs = new AtomicInteger();
        List<JobRef<Integer>> refs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            refs.add(jobsThere.enqueue(WORK, new Work(i)));
        }
        try (Millstream millstream = here();
                Jobs jobs = Jobs.over(millstream);
                Workers _ =
                        workers(
                                jobs,
                                work -> {
                                    if (runs.incrementAndGet() % 30 == 0) {
                                        cable.breakAll();
                                    }
                                    done.add(work.number());
                                })) {
            for (int i = 0; i < JOBS; i++) {
                assertThat(refs.get(i).await(Duration.ofSeconds(30))).isEqualTo(2 * i);
            }
        }
        assertThat(done).hasSize(JOBS);
    }

    @Test
    void every_job_that_was_acknowledged_is_done_though_the_server_is_killed() {
        int port = server.port();
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        try (Millstream millstream = here();
                Jobs jobs = Jobs.over(millstream);
                Workers _ = workers(jobs, work -> done.add(work.number()))) {
            int acknowledged = 0;
            for (int i = 0; i < JOBS; i++) {
                if (i % 50 == 25) {
                    engine.kill();
                    server.close();
                    start(port);
                }
                try {
                    jobs.enqueue(WORK, new Work(acknowledged));
                    acknowledged++;
                } catch (ConnectionLostException unknown) {
                    // A look that was under way; the same number is asked for again.
                }
            }
            int all = acknowledged;
            await().atMost(30, TimeUnit.SECONDS).until(() -> done.size() == all);
        }
    }

    @Test
    void a_job_that_is_cancelled_while_its_worker_is_cut_off_is_stopped_when_it_is_back() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        JobType<Work, Integer> stoppable = WORK.with(options -> options.interruptedByCancel());
        JobRef<Integer> ref = jobsThere.enqueue(stoppable, new Work(1));
        try (Millstream millstream = here();
                Jobs jobs = Jobs.over(millstream);
                Workers _ =
                        jobs.workers("jobs")
                                .lease(Duration.ofMinutes(5))
                                .handle(
                                        stoppable,
                                        (_, _) -> {
                                            begun.countDown();
                                            try {
                                                new CountDownLatch(1).await();
                                            } finally {
                                                stopped.countDown();
                                            }
                                            return 0;
                                        })
                                .start()) {
            await().until(() -> begun.getCount() == 0);
            cable.cut();

            ref.cancel();
            cable.mend();

            await().until(() -> stopped.getCount() == 0);
        }
    }
}
