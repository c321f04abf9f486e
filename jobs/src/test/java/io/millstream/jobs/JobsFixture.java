package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.testkit.ManualClock;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// Jobs on a store whose clock stands still until it is advanced.
abstract class JobsFixture {
    static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration STEP = Duration.ofMillis(100);
    static final ChannelName ORDERS = ChannelName.of("orders");

    record Order(int number, String customer) {}

    static final JobType<Order, String> CHARGE =
            JobType.of("order.charge", Order.class, String.class)
                    .with(options ->
                            options.queue("orders")
                                    .retry(Retry.exponential().first(Duration.ZERO).attempts(3)));

    /// For those whose leases may end because a test lets time pass faster than they work.
    static final Retry OFTEN = Retry.exponential().first(Duration.ZERO).attempts(100);

    final ManualClock clock = new ManualClock();
    final Backend backend;
    final Millstream millstream;
    final Jobs jobs;
    private final List<AutoCloseable> processes = new ArrayList<>();

    JobsFixture(Store store) {
        this.backend = store.open(clock);
        this.millstream = Millstream.over(backend);
        this.jobs = Jobs.over(millstream);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable process : processes.reversed()) {
            process.close();
        }
        jobs.close();
        millstream.close();
    }

    /// Ends with the test.
    <T extends AutoCloseable> T open(T process) {
        processes.add(process);
        return process;
    }

    Workers.Builder workers() {
        return workersOf(jobs);
    }

    static Workers.Builder workersOf(Jobs jobs) {
        return jobs.workers("orders").lease(Duration.ofSeconds(30)).grace(Duration.ofMillis(200));
    }

    /// Workers that return the customer of each order.
    Workers working() {
        return open(workers().handle(CHARGE, (order, _) -> order.customer()).start());
    }

    View.QueueCounts counts(String queue) {
        return view(queue).counts();
    }

    View.QueueView view(String queue) {
        return find(new Query.QueueNamed(ChannelName.of(queue))).getFirst();
    }

    List<View.RowView> rows(String table) {
        return find(new Query.Rows(table, "", null, 1000));
    }

    <V extends View> List<V> find(Query<V> query) {
        return backend.find(query).toCompletableFuture().join().page().items();
    }

    static void await(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(POLL).atMost(LONG).until(condition);
    }

    /// Lets time pass, and sees to it that the store has noticed.
    void advance(Duration by) {
        clock.advance(by);
        Query<View.QueueView> any = new Query.QueueNamed(ORDERS);
        await(() -> !backend.find(any).toCompletableFuture().join().asOf().isBefore(clock.now()));
    }

    /// Lets time pass in steps, until something is so; slowly enough for who works meanwhile to
    /// keep its leases.
    void advanceUntil(Duration step, Callable<Boolean> condition) {
        Awaitility.await()
                .pollInterval(STEP)
                .atMost(LONG)
                .until(() -> {
                    if (condition.call()) {
                        return true;
                    }
                    clock.advance(step);
                    return false;
                });
    }

    void assertNothingIsLeft() {
        await(() -> counts("orders").messages() == 0);
        await(() -> counts("jobs.ended").messages() == 0);
        assertThat(rows("jobs.unique")).isEmpty();
    }
}
