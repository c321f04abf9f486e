package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What a look at a job shows, where it is and once it has ended, and what lists of them show.
@ParameterizedClass
@EnumSource(Store.class)
class JobLooksTest extends JobsFixture {
    JobLooksTest(Store store) {
        super(store);
    }

    @Test
    void a_job_that_waits_is_shown_with_its_queue_its_type_and_its_key() {
        JobRef<String> ref =
                jobs.enqueue(CHARGE, new Order(1, "ann"), options -> options.key("ann"));

        JobLook look = jobs.look(ref.id());

        assertThat(look.status()).isEqualTo(new JobStatus.Waiting("orders", 0));
        assertThat(look.queue()).isEqualTo("orders");
        assertThat(look.type()).isEqualTo("order.charge");
        assertThat(look.key()).isEqualTo("ann");
        assertThat(look.submitted()).isEqualTo(clock.now());
    }

    @Test
    void a_job_that_was_done_is_shown_with_its_queue_and_its_result() {
        JobRef<String> ref = jobs.enqueue(CHARGE, new Order(1, "ann"));
        working();
        ref.await(LONG);

        JobLook look = jobs.look(ref.id());

        assertThat(look.status()).isEqualTo(new JobStatus.Ended(JobState.DONE, ""));
        assertThat(look.queue()).isEqualTo("orders");
        assertThat(String.valueOf(look.result())).isEqualTo("\"ann\"");
    }

    @Test
    void jobs_that_ended_otherwise_are_shown_with_their_queue() {
        JobRef<String> cancelled = jobs.enqueue(CHARGE, new Order(1, "ann"));
        cancelled.cancel();
        JobRef<String> dead =
                jobs.enqueue(CHARGE, new Order(2, "ben"), options -> options.retry(Retry.never()));
        open(workers().handle(CHARGE, (_, _) -> JobLooksTest.fail()).start());
        await(() -> jobs.look(dead.id()).status() instanceof JobStatus.Ended);

        assertThat(jobs.look(cancelled.id()).queue()).isEqualTo("orders");
        assertThat(jobs.look(dead.id()).queue()).isEqualTo("orders");
        assertThat(jobs.look("nobody")).isEqualTo(JobLook.unknown("nobody"));
    }

    private static String fail() {
        throw new IllegalStateException("no");
    }

    @Test
    void a_debounced_job_is_shown_with_the_queue_that_it_goes_to() {
        Unique unique = Unique.debounced(Duration.ofMinutes(1), Duration.ofMinutes(2));
        JobRef<String> ref =
                jobs.enqueue(CHARGE, new Order(1, "ann"), options -> options.unique(unique));

        JobLook look = jobs.look(ref.id());

        assertThat(look.queue()).isEqualTo("orders");
        assertThat(look.status())
                .isEqualTo(new JobStatus.Delayed("orders", clock.now().plusSeconds(60), 0));
    }

    @Test
    void a_list_shows_a_queue_page_by_page() throws Exception {
        List<String> ids = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        ids.add(jobs.enqueue(CHARGE, new Order(0, "ann")).id());
        open(
                workers()
                        .concurrency(1)
                        .handle(
                                CHARGE,
                                (_, _) -> {
                                    begun.countDown();
                                    end.await();
                                    return "";
                                })
                        .start());
        begun.await();
        ids.add(jobs.enqueue(CHARGE, new Order(1, "ann")).id());
        ids.add(
                jobs.enqueue(
                                CHARGE,
                                new Order(2, "ann"),
                                options -> options.delay(Duration.ofHours(1)))
                        .id());

        JobPage first = jobs.list("orders", null, 2);
        JobPage second = jobs.list("orders", first.next(), 2);

        assertThat(first.jobs()).extracting(JobLook::id).isEqualTo(ids.subList(0, 2));
        assertThat(first.jobs().getFirst().status()).isInstanceOf(JobStatus.Running.class);
        assertThat(second.jobs()).extracting(JobLook::id).isEqualTo(ids.subList(2, 3));
        assertThat(second.jobs().getFirst().status()).isInstanceOf(JobStatus.Delayed.class);
        assertThat(jobs.queues()).contains("orders").doesNotContain("jobs.dead");
        end.countDown();
    }

    @Test
    void the_dead_are_listed_page_by_page() {
        assertThat(jobs.dead().page(DeadSelection.ALL, null, 2).jobs()).isEmpty();
        List<String> ids = new ArrayList<>();
        open(workers().handle(CHARGE, (_, _) -> JobLooksTest.fail()).concurrency(1).start());
        for (int i = 0; i < 5; i++) {
            JobRef<String> ref =
                    jobs.enqueue(
                            CHARGE, new Order(i, "ben"), options -> options.retry(Retry.never()));
            ids.add(ref.id());
            await(() -> jobs.look(ref.id()).status() instanceof JobStatus.Ended);
        }

        List<String> seen = new ArrayList<>();
        DeadPage page = jobs.dead().page(DeadSelection.ALL.queue("orders"), null, 2);
        while (true) {
            page.jobs().forEach(job -> seen.add(job.id()));
            if (page.next() == null) {
                break;
            }
            page = jobs.dead().page(DeadSelection.ALL.queue("orders"), page.next(), 2);
        }

        assertThat(seen).isEqualTo(ids);
        assertThat(jobs.dead().page(DeadSelection.ALL.queue("other"), null, 100).jobs()).isEmpty();
    }
}
