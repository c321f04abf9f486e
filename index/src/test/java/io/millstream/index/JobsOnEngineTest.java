package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.index.JobHistory.Event;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Workers;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Real jobs on the engine, as an index sees them.
class JobsOnEngineTest extends IndexFixture {
    record Name(String name) {}

    private static final JobType<Name, String> GREET =
            JobType.of("greet", Name.class, String.class)
                    .with(options ->
                            options.queue("greetings")
                                    .awaited()
                                    .retry(Retry.exponential().first(Duration.ZERO).attempts(2)));

    private final Jobs jobs = Jobs.over(millstream);

    @AfterEach
    void closeJobs() {
        jobs.close();
    }

    @Test
    void a_job_that_dies_is_sent_back_and_done_is_one_row() {
        AtomicBoolean isMended = new AtomicBoolean();
        String id = jobs.enqueue(GREET, new Name("ann"), job -> job.tags("vip", "eu")).id();
        try (Workers _ =
                jobs.workers("greetings")
                        .handle(
                                GREET,
                                (name, context) -> {
                                    context.log("greets " + name.name());
                                    context.progress(1, 2, "half");
                                    if (!isMended.get()) {
                                        throw new IllegalStateException("Nobody is there");
                                    }
                                    return "Hello " + name.name();
                                })
                        .start()) {
            await().atMost(LONG)
                    .until(() -> !jobs.dead().list(DeadSelection.ALL.id(id), 1).isEmpty());
            IndexedJob dead = one(id);
            assertThat(dead.state()).isEqualTo(IndexedState.DEAD);
            assertThat(dead.queue().name()).isEqualTo("greetings");
            assertThat(dead.reason()).contains("Nobody is there");
            assertThat(dead.fingerprint())
                    .isEqualTo(jobs.dead().list(DeadSelection.ALL, 1).getFirst().fingerprint());
            JobSearch search = JobSearch.ALL.state(IndexedState.DEAD).tag("vip").error("nobody");
            assertThat(ids(index().search(search).jobs())).containsExactly(id);

            isMended.set(true);
            jobs.dead().redrive(DeadSelection.ALL.id(id));
            await().atMost(LONG).until(() -> one(id).state() == IndexedState.DONE);
        }

        assertThat(all(JobSearch.ALL.id(id))).hasSize(1);
        List<Event> events =
                index().history(id).orElseThrow().steps().stream()
                        .map(JobHistory.Step::event)
                        .toList();
        assertThat(events)
                .containsExactly(
                        Event.SUBMITTED,
                        Event.STARTED,
                        Event.FAILED,
                        Event.RETURNED,
                        Event.STARTED,
                        Event.FAILED,
                        Event.DEAD,
                        Event.REDRIVEN,
                        Event.STARTED,
                        Event.DONE);
        JobHistory history = index().history(id).orElseThrow();
        assertThat(history.log()).hasSize(3).allMatch(line -> line.text().equals("greets ann"));
        assertThat(history.job().progress()).isEqualTo(new IndexedJob.Progress(1, 2, "half"));
        assertThat(history.job().tags()).containsExactlyInAnyOrder("vip", "eu");
    }

    @Test
    void a_delayed_job_that_is_cancelled_is_so() {
        String id =
                jobs.enqueue(GREET, new Name("bob"), options -> options.delay(Duration.ofDays(1)))
                        .id();
        assertThat(one(id).state()).isEqualTo(IndexedState.DELAYED);

        jobs.cancel(id);

        assertThat(one(id).state()).isEqualTo(IndexedState.CANCELLED);
        assertThat(one(id).reason()).isEqualTo("It was cancelled.");
    }

    private IndexedJob one(String id) {
        return caughtUp().search(JobSearch.ALL.id(id)).jobs().getFirst();
    }
}
