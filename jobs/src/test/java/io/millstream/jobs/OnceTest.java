package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// What is submitted under a key is submitted once, however often it is sent.
@ParameterizedClass
@EnumSource(Store.class)
class OnceTest extends JobsFixture {
    private static final Once KEY = new Once("key", "these", Duration.ofHours(1));

    OnceTest(Store store) {
        super(store);
    }

    private List<String> submit(Once once, Order... orders) {
        return ids(jobs.enqueueOnce(once, CHARGE, List.of(orders), UnaryOperator.identity()));
    }

    private static List<String> ids(List<JobRef<String>> refs) {
        return refs.stream().map(JobRef::id).toList();
    }

    @Test
    void what_is_sent_again_is_there_already() {
        List<String> first = submit(KEY, new Order(1, "ann"), new Order(2, "ben"));
        List<String> again = submit(KEY, new Order(1, "ann"), new Order(2, "ben"));

        assertThat(again).isEqualTo(first);
        assertThat(counts("orders").stored()).isEqualTo(2);
    }

    @Test
    void it_is_known_after_the_jobs_have_ended_until_its_time_has_passed() {
        List<String> first = submit(KEY, new Order(1, "ann"));
        working();
        assertThat(jobs.ref(CHARGE, first.getFirst()).await(LONG)).isEqualTo("ann");

        assertThat(submit(KEY, new Order(1, "ann"))).isEqualTo(first);
        advance(Duration.ofHours(2));
        assertThat(submit(KEY, new Order(1, "ann"))).isNotEqualTo(first);
    }

    @Test
    void something_else_under_the_same_key_is_refused() {
        submit(KEY, new Order(1, "ann"));
        Once other = new Once("key", "others", Duration.ofHours(1));

        assertThatThrownBy(() -> submit(other, new Order(2, "ben")))
                .isInstanceOf(UsedOtherwiseException.class)
                .hasMessageContaining("key");
        assertThat(counts("orders").stored()).isEqualTo(1);
    }

    @Test
    void of_many_who_send_it_at_once_all_get_the_same_job() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<String>>> all =
                    IntStream.range(0, 16)
                            .<Callable<List<String>>>mapToObj(
                                    _ -> () -> submit(KEY, new Order(1, "ann")))
                            .toList();
            List<List<String>> answers =
                    threads.invokeAll(all).stream().map(each -> each.resultNow()).toList();

            assertThat(answers).allMatch(answers.getFirst()::equals);
        }
        assertThat(counts("orders").stored()).isEqualTo(1);
    }

    @Test
    void more_than_one_commit_holds_is_known_in_parts() {
        Order[] many =
                IntStream.range(0, 1200).mapToObj(i -> new Order(i, "ann")).toArray(Order[]::new);
        List<String> first = submit(KEY, many);

        assertThat(submit(KEY, many)).isEqualTo(first).hasSize(1200);
        assertThat(counts("orders").stored()).isEqualTo(1200);
    }

    @Test
    void a_duplicate_of_a_unique_job_is_still_one_when_it_is_sent_again() {
        UnaryOperator<JobOptions.Builder> unique = options -> options.unique(Unique.untilDone());
        JobRef<String> first = jobs.enqueue(CHARGE, new Order(1, "ann"), unique);
        for (int i = 0; i < 2; i++) {
            JobRef<String> second =
                    jobs.enqueueOnce(KEY, CHARGE, List.of(new Order(1, "ann")), unique).getFirst();
            assertThat(second.id()).isEqualTo(first.id());
            assertThat(second.isDuplicate()).isTrue();
        }
    }

    @Test
    void what_is_put_off_each_time_cannot_be_submitted_once() {
        Unique debounced = Unique.debounced(Duration.ofSeconds(1), Duration.ofSeconds(2));

        assertThatThrownBy(() ->
                        jobs.enqueueOnce(
                                KEY,
                                CHARGE,
                                List.of(new Order(1, "ann")),
                                options -> options.unique(debounced)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("debounced");
        assertThat(counts("orders").stored()).isZero();
    }
}
