package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.MillstreamException;
import io.millstream.api.StoppedException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

/// Whose store it is, and how long it lives.
class MillstreamTestTest {
    /// By then, a store that is to stop has stopped.
    private static final int SENDS_MAX = 100_000;

    @MillstreamTest
    static class Each {
        private final Millstream mine;
        private WorkQueue orders;

        Each(Millstream mine) {
            this.mine = mine;
        }

        @BeforeEach
        void prepare(Millstream millstream) {
            orders = millstream.queue("orders");
            orders.send("prepared");
        }

        @RepeatedTest(2)
        void begins_with_what_was_prepared(Millstream millstream) {
            assertThat(millstream).isSameAs(mine);
            assertThat(orders.counts().messages()).isOne();
        }

        @Test
        void sees_nothing_of_other_tests() {
            assertThat(orders.counts().messages()).isOne();
        }

        @AfterEach
        void look(Millstream millstream) {
            assertThat(millstream.queue("orders").counts().stored()).isOne();
        }

        @Nested
        class Inside {
            @Test
            void sees_what_the_outer_class_prepared(Millstream millstream) {
                assertThat(millstream).isSameAs(mine);
                assertThat(orders.counts().messages()).isOne();
            }
        }
    }

    @Test
    void each_test_has_an_empty_store_of_its_own() {
        Samples ran = Samples.run(Each.class);

        assertThat(ran.failures()).isEmpty();
        assertThat(ran.succeeded()).isEqualTo(4);
    }

    @MillstreamTest(per = MillstreamTest.Per.CLASS)
    static class Together {
        @BeforeAll
        static void prepare(Millstream millstream) {
            millstream.queue("orders").send("from before all");
        }

        @Test
        void one(Millstream millstream) {
            millstream.queue("orders").send("one");
        }

        @Nested
        class Inside {
            @Test
            void two(Millstream millstream) {
                millstream.queue("orders").send("two");
            }

            @MillstreamTest
            @Nested
            class Alone {
                @Test
                void three(Millstream millstream) {
                    assertThat(millstream.queue("orders").counts().messages()).isZero();
                }
            }
        }

        @AfterAll
        static void look(Millstream millstream) {
            assertThat(millstream.queue("orders").counts().messages()).isEqualTo(3);
        }
    }

    @Test
    void the_tests_of_a_class_and_its_nested_classes_share_one_on_request() {
        Samples ran = Samples.run(Together.class);

        assertThat(ran.failures()).isEmpty();
        assertThat(ran.succeeded()).isEqualTo(3);
    }

    @MillstreamTest
    @Execution(ExecutionMode.CONCURRENT)
    static class AtOnce {
        private static final CyclicBarrier TOGETHER = new CyclicBarrier(2);

        @Test
        void one(Millstream millstream, MillstreamClock clock) throws Exception {
            uses(millstream, clock);
        }

        @Test
        void other(Millstream millstream, MillstreamClock clock) throws Exception {
            uses(millstream, clock);
        }

        private static void uses(Millstream millstream, MillstreamClock clock) throws Exception {
            var begin = clock.instant();
            TOGETHER.await(20, TimeUnit.SECONDS);
            millstream.queue("orders").send("mine");
            clock.advance(Duration.ofHours(1));
            TOGETHER.await(20, TimeUnit.SECONDS);

            assertThat(millstream.queue("orders").counts().messages()).isOne();
            assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofHours(1)));
        }
    }

    @Test
    void tests_in_parallel_do_not_see_each_other() {
        Samples ran =
                Samples.run(
                        AtOnce.class,
                        Map.of(
                                "junit.jupiter.execution.parallel.enabled",
                                "true",
                                "junit.jupiter.execution.parallel.config.strategy",
                                "fixed",
                                "junit.jupiter.execution.parallel.config.fixed.parallelism",
                                "2"));

        assertThat(ran.failures()).isEmpty();
        assertThat(ran.succeeded()).isEqualTo(2);
    }

    @MillstreamTest
    static class StopsByItself {
        @Test
        void notices_nothing(Millstream millstream) {
            WorkQueue orders = millstream.queue("orders");
            ((SurvivingBackend) millstream.backend()).disk().failNextSync();

            // What is synced next may be a new file of the log, and a send beside it may succeed.
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(() -> {
                        for (int i = 0; i < SENDS_MAX; i++) {
                            orders.send("lost");
                        }
                    });
        }
    }

    @Test
    void a_test_whose_store_had_stopped_by_itself_fails_and_says_why() {
        Samples ran = Samples.run(StopsByItself.class);

        assertThat(ran.failures())
                .singleElement()
                .isInstanceOf(MillstreamException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("notices_nothing", "stopped by itself", "Input/output error", "crash()");
    }

    @MillstreamTest
    static class TooEarly {
        @BeforeAll
        static void prepare(Millstream millstream) {
            millstream.queue("orders");
        }

        @Test
        void runs() {}
    }

    @Test
    void a_store_of_each_test_cannot_be_had_before_all_of_them() {
        Samples ran = Samples.run(TooEarly.class);

        assertThat(ran.failures())
                .singleElement()
                .isInstanceOf(ParameterResolutionException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("prepare", "@BeforeEach", "per = CLASS");
    }
}
