package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.api.NotSupportedException;
import io.millstream.testkit.denied.DenyingBackend;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Jobs say at their start what they need of a backend, and need no more.
class NeedsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    record Order(int number) {}

    private static final JobType<Order, String> CHARGE =
            JobType.of("order.charge", Order.class, String.class)
                    .with(options ->
                            options.queue("orders")
                                    .retry(
                                            Retry.exponential()
                                                    .first(Duration.ofMillis(1))
                                                    .attempts(3)));

    private final Backend all = Millstream.inMemory().backend();

    @AfterEach
    void close() {
        all.close();
    }

    static Stream<Feature> needs() {
        return Jobs.NEEDS.stream();
    }

    @ParameterizedTest
    @MethodSource("needs")
    void whatever_of_it_is_lacking_is_said_at_the_start(Feature lacking) {
        Millstream without =
                Millstream.over(new DenyingBackend(all, Set.of(lacking), InstantSource.system()));

        assertThatThrownBy(() -> Jobs.over(without))
                .isInstanceOfSatisfying(
                        NotSupportedException.class,
                        why -> assertThat(why.missing()).containsExactly(lacking))
                .hasMessageContainingAll("Jobs", lacking.words(), lacking.instead());
    }

    @Test
    void a_job_is_done_and_awaited_over_a_backend_that_has_nothing_else() {
        Millstream millstream =
                Millstream.over(DenyingBackend.allBut(all, Jobs.NEEDS, InstantSource.system()));
        AtomicInteger tries = new AtomicInteger();
        try (Jobs jobs = Jobs.over(millstream);
                Jobs others = Jobs.over(millstream);
                Workers _ =
                        jobs.workers("orders")
                                .handle(
                                        CHARGE,
                                        (order, _) -> {
                                            if (tries.incrementAndGet() == 1) {
                                                throw new IllegalStateException("again");
                                            }
                                            return "charged " + order.number();
                                        })
                                .start()) {
            JobRef<String> ref =
                    jobs.enqueue(
                            CHARGE,
                            new Order(7),
                            options ->
                                    options.key("ann")
                                            .priority(2)
                                            .delay(Duration.ofMillis(1))
                                            .startWithin(LONG));

            assertThat(ref.await(LONG)).isEqualTo("charged 7");
            assertThat(others.ref(CHARGE, ref.id()).await(LONG)).isEqualTo("charged 7");
        }
        assertThat(tries).hasValue(2);
    }
}
