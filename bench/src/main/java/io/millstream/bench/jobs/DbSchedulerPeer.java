package io.millstream.bench.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// db-scheduler: on PostgreSQL it leases many executions by one statement.
final class DbSchedulerPeer extends DatabasePeer {
    static final String SETTINGS =
            "lock-and-fetch from 0.5 to 4 times as many as threads on PostgreSQL, fetch with the"
                    + " same bounds on H2, immediate execution, polls each 50 ms, its own"
                    + " serializer, scheduleBatch for many";

    private static final double LOWER = 0.5;
    private static final double UPPER = 4;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final OneTimeTask<Work> task =
            Tasks.oneTime("work", Work.class)
                    .execute((instance, _) -> Tally.handle(instance.getData().due()));
    private final SchedulerClient alone;
    private volatile @Nullable Scheduler running;

    DbSchedulerPeer(Database database, int workers) throws SQLException {
        super(database, workers);
        makeTable();
        this.alone = SchedulerClient.Builder.create(database.pool(), task).build();
    }

    /// As its documentation says: the table, and its three indexes.
    private void makeTable() throws SQLException {
        String bytes = database.isPostgres() ? "BYTEA" : "BLOB";
        String text = database.isPostgres() ? "TEXT" : "VARCHAR(100)";
        database.run(
                """
                CREATE TABLE scheduled_tasks (
                    task_name %1$s NOT NULL,
                    task_instance %1$s NOT NULL,
                    task_data %2$s,
                    execution_time TIMESTAMP WITH TIME ZONE,
                    picked BOOLEAN NOT NULL,
                    picked_by %1$s,
                    last_success TIMESTAMP WITH TIME ZONE,
                    last_failure TIMESTAMP WITH TIME ZONE,
                    consecutive_failures INT,
                    last_heartbeat TIMESTAMP WITH TIME ZONE,
                    version BIGINT NOT NULL,
                    priority SMALLINT,
                    state %1$s,
                    PRIMARY KEY (task_name, task_instance))
                """
                        .formatted(text, bytes));
        database.run("CREATE INDEX by_time ON scheduled_tasks (execution_time)");
        database.run("CREATE INDEX by_heartbeat ON scheduled_tasks (last_heartbeat)");
        database.run(
                "CREATE INDEX by_priority ON scheduled_tasks (priority DESC, execution_time ASC)");
    }

    @Override
    public void begin() throws SQLException {
        stopWorkers();
        database.run("TRUNCATE TABLE scheduled_tasks");
    }

    @Override
    public void enqueue(Work work) {
        var _ = client().scheduleIfNotExists(instance(work), Instant.now());
    }

    @Override
    public void enqueueAll(List<Work> work) {
        List<TaskInstance<?>> instances =
                work.stream().<TaskInstance<?>>map(this::instance).toList();
        client().scheduleBatch(instances, Instant.now());
    }

    private TaskInstance<Work> instance(Work work) {
        return task.instance(String.valueOf(work.number()), work);
    }

    /// The scheduler itself hears at once of what is scheduled through it.
    private SchedulerClient client() {
        Scheduler scheduler = running;
        return scheduler == null ? alone : scheduler;
    }

    @Override
    public void startWorkers() {
        SchedulerBuilder builder =
                Scheduler.create(database.pool(), task)
                        .threads(workers)
                        .pollingInterval(POLL)
                        .shutdownMaxWait(STOP)
                        .enableImmediateExecution();
        builder =
                database.isPostgres()
                        ? builder.pollUsingLockAndFetch(LOWER, UPPER)
                        : builder.pollUsingFetch(LOWER, UPPER);
        Scheduler scheduler = builder.build();
        scheduler.start();
        running = scheduler;
    }

    @Override
    public void stopWorkers() {
        Scheduler scheduler = running;
        running = null;
        if (scheduler != null) {
            scheduler.stop();
        }
    }
}
