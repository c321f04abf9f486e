package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import javax.sql.DataSource;

/// Relays that die or sleep between any two steps: whatever happens, the jobs in the queues are
/// those of the transactions that were committed, each once.
abstract class RelayStepsContract extends JobsFixture {
    private static final int BATCH = 3;
    private static final int PASSES_MAX = 20;
    private static final int STEPS_LEAST = 30;
    private static final JobType<Order, String> ONCE =
            CHARGE.uniqueBy(order -> order.customer())
                    .with(options -> options.queue("once").unique(Unique.untilDone()));

    private final List<String> expected = new ArrayList<>();
    private int number;

    RelayStepsContract(Store store) {
        super(store);
    }

    abstract OutboxDatabase database();

    @BeforeEach
    void renew() throws SQLException {
        database().renew();
    }

    /// Seven jobs that are to be there, one of them in a queue of unique ones, one that is its
    /// duplicate, one that makes no sense, and one of a transaction that does not commit.
    private void begin() throws SQLException {
        // Its identity, too.
        database().run("DELETE FROM millstream_outbox");
        for (String queue : List.of("orders", "once")) {
            if (!find(new Query.QueueNamed(ChannelName.of(queue))).isEmpty()) {
                millstream.commit(new Operation.Edit.Purge(ChannelName.of(queue)));
            }
        }
        expected.clear();
        number++;
        enqueue(4);
        try (Connection connection = database().transaction()) {
            jobs.in(connection).enqueue(CHARGE, new Order(number, "nobody"));
            connection.rollback();
        }
        String key = "customer " + number;
        try (Connection connection = database().transaction()) {
            expected.add(jobs.in(connection).enqueue(ONCE, new Order(number, key)).id());
            jobs.in(connection).enqueue(ONCE, new Order(number, key));
            connection.commit();
        }
        database()
                .run(
                        "INSERT INTO millstream_outbox"
                                + " (refused, placed_at, job_id, form, queue_name, job) VALUES"
                                + " (0, 1, 'nonsense', 1, 'orders', 'nonsense')");
        enqueue(2);
    }

    private void enqueue(int count) throws SQLException {
        try (Connection connection = database().transaction()) {
            for (int i = 0; i < count; i++) {
                expected.add(jobs.in(connection).enqueue(CHARGE, new Order(number, "ann")).id());
            }
            connection.commit();
        }
    }

    /// A process that relays all there is, and is sound.
    private void drain() throws SQLException, Baton.LostException {
        drain(backend, millstream, database().source());
    }

    /// A process that does, until it dies or falls asleep.
    private void drain(Steps steps) throws SQLException, Baton.LostException {
        Backend stepped = steps.over(backend);
        drain(stepped, Millstream.over(stepped), steps.over(database().source()));
    }

    private static void drain(Backend backend, Millstream millstream, DataSource source)
            throws SQLException, Baton.LostException {
        try (Session session = backend.session(SessionSpec.of("outbox"));
                Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            RelayTerm term =
                    new RelayTerm(backend, session, new Declarations(millstream), "relay", BATCH);
            int passes = 0;
            while (term.pass(connection) > 0) {
                assertThat(++passes).as("passes").isLessThan(PASSES_MAX);
            }
        }
    }

    private boolean isDrained(Steps steps) throws Baton.LostException {
        try {
            drain(steps);
            return true;
        } catch (SQLException | StoppedException _) {
            assertThat(steps.isDead()).isTrue();
            return false;
        }
    }

    @Test
    void whoever_dies_at_any_step_another_one_goes_on_and_each_job_is_there_once()
            throws Exception {
        int at = 0;
        boolean isDone = false;
        while (!isDone) {
            begin();
            isDone = isDrained(Steps.dyingAt(at));
            drain();
            assertAllIsThereOnce();
            at++;
        }
        assertThat(at).isGreaterThan(STEPS_LEAST);
    }

    @Test
    void however_many_die_one_after_the_other_each_job_is_there_once() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < rounds(); round++) {
            begin();
            int deaths = 0;
            while (!isDrained(Steps.dyingAt(random.nextInt(STEPS_LEAST)))) {
                if (++deaths % 3 == 0) {
                    enqueue(1);
                }
            }
            assertAllIsThereOnce();
        }
    }

    /// How often it is tried.
    abstract int rounds();

    @Test
    void who_sleeps_at_any_step_while_another_one_relays_puts_nothing_twice_afterwards()
            throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            int at = 0;
            boolean isDone = false;
            while (!isDone) {
                begin();
                Steps steps = Steps.sleepingAt(at);
                Future<Boolean> sleeping = executor.submit(() -> isDrainedAsleep(steps));
                try {
                    steps.awaitAsleep();
                    isDone = !steps.hasSlept();
                    drainUnlessLocked();
                    enqueue(2);
                    drainUnlessLocked();
                } finally {
                    steps.wake();
                }
                sleeping.get();
                drain();
                assertAllIsThereOnce();
                at++;
            }
            assertThat(at).isGreaterThan(STEPS_LEAST);
        }
    }

    /// Whether it relayed to the end, and not another one.
    private boolean isDrainedAsleep(Steps steps) throws SQLException {
        try {
            drain(steps);
            return true;
        } catch (Baton.LostException _) {
            return false;
        } finally {
            steps.ended();
        }
    }

    /// Who sleeps in the middle of a transaction keeps its rows from others.
    private void drainUnlessLocked() throws Baton.LostException {
        try {
            drain();
        } catch (SQLException locked) {
            assertThat(locked.getMessage().toLowerCase(Locale.ROOT)).contains("lock");
        }
    }

    private void assertAllIsThereOnce() throws SQLException {
        List<String> there =
                Stream.of("orders", "once")
                        .flatMap(queue ->
                                find(new Query.Browse(ChannelName.of(queue), 1, null, 1000))
                                        .stream())
                        .map(message -> message.message().id())
                        .toList();
        assertThat(there).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(database().waiting()).isZero();
        assertThat(database().count("millstream_outbox WHERE refused = 1")).isOne();
    }
}
