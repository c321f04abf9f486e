package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.jobs.Circuit.Verdict;
import io.millstream.jobs.DownstreamLook.State;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// When jobs that depend on something may begin, on a clock that is moved by hand.
class CircuitTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int USUAL = 8;

    private long now = Long.MAX_VALUE - 7;
    private final AtomicInteger changes = new AtomicInteger();
    private final Circuit circuit =
            new Circuit("bank", () -> now, new Random(7), () -> USUAL, changes::incrementAndGet);

    private Circuit.Entry enter() {
        Circuit.Entry entry = circuit.enter(HOUR);
        assertThat(entry).isNotNull();
        return entry;
    }

    private void one(Verdict verdict) {
        circuit.leave(enter(), verdict, "");
    }

    private void fail() {
        for (int i = 0; i < DownstreamLook.FAILURES_MAX; i++) {
            one(Verdict.FAILED);
        }
        assertThat(state()).isEqualTo(State.FAILING);
    }

    private State state() {
        return circuit.show().state();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /// @return how long it was
    private Duration passPause() {
        Duration pause = circuit.show().pause();
        pass(pause.minusNanos(1));
        assertThat(circuit.room()).isZero();
        assertThat(circuit.enter(HOUR)).isNull();
        pass(Duration.ofNanos(1));
        return pause;
    }

    private List<Circuit.Entry> fill() {
        List<Circuit.Entry> inside = new ArrayList<>();
        while (circuit.room() > 0 && circuit.room() < Integer.MAX_VALUE) {
            inside.add(enter());
        }
        assertThat(state()).isEqualTo(State.RETURNING);
        assertThat(circuit.enter(HOUR)).isNull();
        return inside;
    }

    private void leave(List<Circuit.Entry> inside, Verdict verdict) {
        inside.forEach(entry -> circuit.leave(entry, verdict, ""));
    }

    @Test
    void while_9_of_each_20_fail_all_goes_on_and_the_tenth_ends_it() {
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 20; i++) {
                one(i % 20 < 9 ? Verdict.FAILED : Verdict.WELL);
            }
        }
        assertThat(circuit.show().failures()).isEqualTo(9);
        assertThat(circuit.room()).isEqualTo(Integer.MAX_VALUE);

        for (int i = 0; i < 9; i++) {
            assertThat(state()).isEqualTo(State.WELL);
            one(Verdict.FAILED);
        }
        one(Verdict.FAILED);
        assertThat(state()).isEqualTo(State.FAILING);
        assertThat(circuit.room()).isZero();
        assertThat(changes).hasValue(1);
    }

    @Test
    void ten_failures_are_enough_though_there_were_no_other_ends() {
        fail();
        assertThat(circuit.enter(HOUR)).isNull();
        assertThat(circuit.show().ends()).isZero();
    }

    @Test
    void what_says_nothing_does_not_count() {
        for (int i = 0; i < 9; i++) {
            one(Verdict.FAILED);
        }
        for (int i = 0; i < 100; i++) {
            one(Verdict.NOTHING);
        }
        assertThat(circuit.show().ends()).isEqualTo(9);
        one(Verdict.FAILED);
        assertThat(state()).isEqualTo(State.FAILING);
    }

    @Test
    void after_a_pause_one_at_a_time_is_let_in_and_then_2_and_4_until_there_are_as_many_as_usual() {
        fail();
        assertThat(passPause()).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));

        for (int most = 1; most < USUAL; most *= 2) {
            assertThat(circuit.show().most()).isEqualTo(most);
            List<Circuit.Entry> inside = fill();
            assertThat(inside).hasSize(most);
            leave(inside, Verdict.WELL);
        }
        assertThat(state()).isEqualTo(State.WELL);
        assertThat(circuit.room()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void one_that_says_nothing_makes_way_for_the_next_one() {
        fail();
        passPause();
        for (int i = 0; i < 5; i++) {
            leave(fill(), Verdict.NOTHING);
            assertThat(circuit.show().most()).isEqualTo(1);
        }
        leave(fill(), Verdict.WELL);
        assertThat(circuit.show().most()).isEqualTo(2);
    }

    @Test
    void pauses_get_longer_up_to_5_minutes_and_are_short_again_when_all_was_well() {
        fail();
        Duration longest = Circuit.FIRST_PAUSE;
        for (int i = 0; i < 20; i++) {
            assertThat(passPause()).isBetween(longest.dividedBy(2), longest);
            leave(fill(), Verdict.FAILED);
            assertThat(state()).isEqualTo(State.FAILING);
            Duration doubled = longest.multipliedBy(2);
            longest =
                    doubled.compareTo(Circuit.LONGEST_PAUSE) < 0 ? doubled : Circuit.LONGEST_PAUSE;
        }
        passPause();
        while (state() == State.RETURNING) {
            leave(fill(), Verdict.WELL);
        }
        fail();
        assertThat(passPause()).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));
    }

    @Test
    void half_of_those_that_try_have_to_fail_before_it_pauses_again() {
        fail();
        passPause();
        leave(fill(), Verdict.WELL);
        leave(fill(), Verdict.WELL);
        List<Circuit.Entry> four = fill();
        circuit.leave(four.get(0), Verdict.FAILED, "");
        leave(four.subList(1, 4), Verdict.WELL);
        assertThat(state()).isEqualTo(State.WELL);

        fail();
        passPause();
        leave(fill(), Verdict.WELL);
        leave(fill(), Verdict.WELL);
        List<Circuit.Entry> others = fill();
        circuit.leave(others.get(0), Verdict.WELL, "");
        circuit.leave(others.get(1), Verdict.FAILED, "");
        assertThat(state()).isEqualTo(State.RETURNING);
        circuit.leave(others.get(2), Verdict.FAILED, "");
        assertThat(state()).isEqualTo(State.FAILING);
    }

    @Test
    void how_those_end_that_began_before_it_failed_is_old_news() {
        List<Circuit.Entry> before = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            before.add(enter());
        }
        fail();
        leave(before.subList(0, 10), Verdict.WELL);
        assertThat(state()).isEqualTo(State.FAILING);
        Duration pause = circuit.show().pause();
        leave(before.subList(10, 20), Verdict.FAILED);
        assertThat(circuit.show().pause()).isEqualTo(pause);

        passPause();
        List<Circuit.Entry> probe = fill();
        leave(before.subList(20, 25), Verdict.WELL);
        leave(before.subList(25, 30), Verdict.FAILED);
        assertThat(circuit.show().most()).isEqualTo(1);
        assertThat(circuit.room()).isZero();
        leave(probe, Verdict.WELL);
        assertThat(circuit.show().most()).isEqualTo(2);
    }

    @Test
    void one_that_does_not_end_counts_as_failed_half_a_minute_after_its_timeout() {
        fail();
        passPause();
        Circuit.Entry stuck = circuit.enter(Duration.ofMinutes(1));
        assertThat(circuit.quietNanos()).isEqualTo(Duration.ofSeconds(90).toNanos());
        pass(Duration.ofSeconds(89));
        assertThat(circuit.room()).isZero();
        assertThat(state()).isEqualTo(State.RETURNING);
        pass(Duration.ofSeconds(1));
        assertThat(state()).isEqualTo(State.FAILING);

        passPause();
        assertThat(circuit.room()).isEqualTo(1);
        assertThat(stuck).isNotNull();
        circuit.leave(stuck, Verdict.WELL, "");
        assertThat(circuit.show().most()).isEqualTo(1);
    }

    @Test
    void whoever_waits_is_told_when_more_or_fewer_may_begin() {
        for (int i = 0; i < 100; i++) {
            one(Verdict.WELL);
        }
        assertThat(changes).hasValue(0);
        fail();
        assertThat(changes).hasValue(1);
        assertThat(circuit.quietNanos()).isEqualTo(circuit.show().pause().toNanos());
        passPause();
        Circuit.Entry probe = enter();
        assertThat(changes).hasValue(2);
        circuit.leave(probe, Verdict.WELL, "");
        assertThat(changes).hasValue(3);
    }

    @Test
    void the_log_says_when_it_begins_to_fail_and_why_and_when_it_is_well_again() {
        List<LogRecord> log = new ArrayList<>();
        Logger logger = Logger.getLogger(Workers.class.getName());
        Handler recorder =
                new Handler() {
                    @Override
                    public void publish(LogRecord line) {
                        log.add(line);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        logger.addHandler(recorder);
        try {
            for (int i = 0; i < DownstreamLook.FAILURES_MAX; i++) {
                circuit.leave(enter(), Verdict.FAILED, "No answer");
            }
            passPause();
            leave(fill(), Verdict.FAILED);
            passPause();
            while (state() == State.RETURNING) {
                leave(fill(), Verdict.WELL);
            }
        } finally {
            logger.removeHandler(recorder);
        }
        assertThat(log.stream().map(LogRecord::getLevel))
                .containsExactly(Level.WARNING, Level.INFO, Level.INFO);
        assertThat(log.getFirst().getMessage()).contains("bank", "10 of the last 10", "No answer");
        assertThat(log.getLast().getMessage()).contains("bank", "go well");
    }

    @Test
    void however_many_threads_try_no_more_are_inside_than_may_be() throws Exception {
        fail();
        passPause();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger tries = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (tries.incrementAndGet() < 20_000) {
                                    Circuit.Entry entry = circuit.enter(HOUR);
                                    if (entry != null) {
                                        inside.accumulateAndGet(1, CircuitTest::oneMore);
                                        inside.decrementAndGet();
                                        circuit.leave(entry, Verdict.NOTHING, "");
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(inside).hasValue(0);
        assertThat(circuit.room()).isEqualTo(1);
        assertThat(circuit.show().most()).isEqualTo(1);
    }

    private static int oneMore(int before, int more) {
        return before == 0 ? before + more : 1_000_000;
    }
}
