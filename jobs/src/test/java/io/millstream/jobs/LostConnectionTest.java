package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.testkit.lossy.LosingBackend;
import io.millstream.testkit.lossy.LosingBackend.Kind;
import io.millstream.testkit.lossy.LosingBackend.When;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Workers and relays go on when the connection to their store was lost for a moment.
class LostConnectionTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    record Order(int number) {}

    private static final JobType<Order, String> CHARGE =
            JobType.of("order.charge", Order.class, String.class)
                    .with(options -> options.queue("orders"));

    private final LosingBackend backend = new LosingBackend(Millstream.inMemory().backend());
    private final Millstream millstream = Millstream.over(backend);
    private final Jobs jobs = Jobs.over(millstream);
    private final AtomicInteger runs = new AtomicInteger();

    @AfterEach
    void close() {
        jobs.close();
        millstream.close();
    }

    private Workers.Builder workers() {
        return jobs.workers("orders").lease(Duration.ofSeconds(10)).grace(Duration.ofMillis(200));
    }

    @ParameterizedTest
    @EnumSource(When.class)
    void a_job_whose_end_was_lost_on_the_way_is_done_once_and_has_not_failed(When when) {
        CountDownLatch submitted = new CountDownLatch(1);
        try (Workers _ =
                workers()
                        .handle(
                                CHARGE,
                                (order, _) -> {
                                    submitted.await();
                                    runs.incrementAndGet();
                                    // The next commit is what this comes to, or a heartbeat.
                                    backend.loseNext(Kind.COMMIT, when);
                                    return "charged " + order.number();
                                })
                        .start()) {
            JobRef<String> ref = jobs.enqueue(CHARGE, new Order(7));
            submitted.countDown();

            assertThat(ref.await(LONG)).isEqualTo("charged 7");
            Awaitility.await().until(backend::hasLostAll);
        }
        assertThat(runs).hasValue(1);
        assertThat(millstream.queue("orders").counts().messages()).isZero();
        assertThat(millstream.queue("jobs.dead").counts().messages()).isZero();
    }

    @ParameterizedTest
    @EnumSource(When.class)
    void a_relay_whose_commit_was_lost_on_the_way_goes_on_and_puts_each_job_once(When when)
            throws Exception {
        try (OutboxDatabase database = OutboxDatabase.h2();
                Relay relay = jobs.relay(database.source()).pause(Duration.ofMillis(20)).start()) {
            database.renew();
            enqueue(database, 1);
            Awaitility.await().until(() -> relay.relayed() == 1);
            // What commits now and then is the relay.
            backend.loseNext(Kind.COMMIT, when);
            enqueue(database, 2);

            Awaitility.await().until(() -> database.waiting() == 0);
            Awaitility.await().until(() -> relay.trouble().isEmpty());
        }
        assertThat(backend.hasLostAll()).isTrue();
        assertThat(millstream.queue("orders").counts().messages()).isEqualTo(2);
    }

    private void enqueue(OutboxDatabase database, int number) throws SQLException {
        try (Connection connection = database.transaction()) {
            jobs.in(connection).enqueue(CHARGE, new Order(number));
            connection.commit();
        }
    }

    @Test
    void workers_whose_take_was_lost_take_again() {
        backend.loseNext(Kind.TAKE, When.BEFORE);
        backend.loseNext(Kind.TAKE, When.BEFORE);
        try (Workers _ =
                workers().handle(CHARGE, (order, _) -> "charged " + order.number()).start()) {
            assertThat(jobs.enqueue(CHARGE, new Order(7)).await(LONG)).isEqualTo("charged 7");
        }
        assertThat(backend.hasLostAll()).isTrue();
    }

    @Test
    void workers_of_several_queues_whose_takes_were_lost_take_again_from_each() {
        for (int i = 0; i < 5; i++) {
            backend.loseNext(Kind.TAKE, When.BEFORE);
        }
        try (Workers _ =
                jobs.workers(Queues.strict("urgent", "orders"))
                        .grace(Duration.ofMillis(200))
                        .handle(CHARGE, (order, _) -> "charged " + order.number())
                        .start()) {
            JobRef<String> urgent =
                    jobs.enqueue(CHARGE, new Order(1), options -> options.queue("urgent"));
            assertThat(jobs.enqueue(CHARGE, new Order(2)).await(LONG)).isEqualTo("charged 2");
            assertThat(urgent.await(LONG)).isEqualTo("charged 1");
            Awaitility.await().until(backend::hasLostAll);
        }
    }
}
