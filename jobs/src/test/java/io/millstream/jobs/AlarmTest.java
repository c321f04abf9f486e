package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.testkit.memory.MemoryHarness;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Waits by the clock of a backend that is interfered with in between.
class AlarmTest {
    private static final Duration LONGEST_TEST = Duration.ofSeconds(20);

    private final MemoryHarness harness = new MemoryHarness();
    private final Session session = harness.backend().session(SessionSpec.of("test"));

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void a_waking_is_not_lost_while_the_queue_is_first_declared() {
        List<Take> takes = new ArrayList<>();
        Alarm[] alarm = new Alarm[1];
        alarm[0] =
                new Alarm(
                        tapped(
                                takes::add,
                                take -> {
                                    if (takes.size() == 1) {
                                        alarm[0].wake();
                                    }
                                }));

        assertThat(sleep(alarm[0], now().plus(Duration.ofHours(1)))).isEqualTo(now());
    }

    @Test
    void a_wait_that_began_late_is_begun_anew_with_what_is_left() {
        List<Duration> waits = new ArrayList<>();
        Alarm[] alarm = new Alarm[1];
        alarm[0] =
                new Alarm(
                        tapped(
                                take -> {
                                    if (!take.maxWait().isZero() && waits.isEmpty()) {
                                        harness.advance(Duration.ofSeconds(4));
                                    }
                                },
                                take -> {
                                    if (!take.maxWait().isZero()) {
                                        waits.add(take.maxWait());
                                        if (waits.size() == 2) {
                                            alarm[0].wake();
                                        }
                                    }
                                }));

        sleep(alarm[0], now().plus(Duration.ofSeconds(10)));

        assertThat(waits).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(6));
    }

    private static Instant sleep(Alarm alarm, Instant until) {
        return assertTimeoutPreemptively(LONGEST_TEST, () -> alarm.sleep(until));
    }

    private Instant now() {
        return Instant.ofEpochMilli(harness.time().wallMillis());
    }

    /// The session, with something done before and after each take.
    private Session tapped(Consumer<Take> before, Consumer<Take> after) {
        return (Session)
                Proxy.newProxyInstance(
                        Session.class.getClassLoader(),
                        new Class<?>[] {Session.class},
                        (_, method, arguments) -> {
                            boolean isTake = method.getName().equals("take");
                            if (isTake) {
                                before.accept((Take) arguments[0]);
                            }
                            try {
                                return method.invoke(session, arguments);
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getCause();
                            } finally {
                                if (isTake) {
                                    after.accept((Take) arguments[0]);
                                }
                            }
                        });
    }
}
