package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
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

    /// Until queues of jobs do so by themselves.
    private void tellAll() {
        for (String name : List.of("greetings", "jobs.dead", "jobs.ended")) {
            ChannelName queue = ChannelName.of(name);
            Definition.Queue declared =
                    millstream
                            .backend()
                            .find(new Query.QueueNamed(queue))
                            .toCompletableFuture()
                            .join()
                            .page()
                            .items()
                            .getFirst()
                            .definition();
            millstream.commit(
                    new Operation.Define(
                            declared.with().lifecycle(HISTORY).build(), Expect.Anything.ANYTHING));
        }
    }

    @Test
    void a_job_that_dies_is_sent_back_and_done_is_one_row() {
        String first = jobs.enqueue(GREET, new Name("first")).id();
        jobs.cancel(first);
        tellAll();
        AtomicBoolean isMended = new AtomicBoolean();
        String id = jobs.enqueue(GREET, new Name("ann")).id();
        try (Workers _ =
                jobs.workers("greetings")
                        .handle(
                                GREET,
                                (name, _) -> {
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
            assertThat(ids(index().search(JobSearch.ALL.state(IndexedState.DEAD)).jobs()))
                    .containsExactly(id);

            isMended.set(true);
            jobs.dead().redrive(DeadSelection.ALL.id(id));
            await().atMost(LONG).until(() -> one(id).state() == IndexedState.DONE);
        }

        assertThat(all(JobSearch.ALL.id(id))).hasSize(1);
        List<Event> events =
                index().history(id).orElseThrow().steps().stream()
                        .map(JobHistory.Step::event)
                        .filter(event -> event != Event.FAILED)
                        .toList();
        assertThat(events)
                .startsWith(Event.SUBMITTED, Event.STARTED, Event.RETURNED, Event.STARTED)
                .containsSequence(Event.REDRIVEN, Event.STARTED, Event.DONE)
                .endsWith(Event.DONE);
    }

    @Test
    void a_delayed_job_that_is_cancelled_is_gone() {
        jobs.enqueue(GREET, new Name("first"));
        tellAll();
        String id =
                jobs.enqueue(GREET, new Name("bob"), options -> options.delay(Duration.ofDays(1)))
                        .id();
        assertThat(one(id).state()).isEqualTo(IndexedState.DELAYED);

        jobs.cancel(id);

        assertThat(one(id).state()).isIn(IndexedState.REMOVED, IndexedState.CANCELLED);
    }

    private IndexedJob one(String id) {
        return caughtUp().search(JobSearch.ALL.id(id)).jobs().getFirst();
    }
}
