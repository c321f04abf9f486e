package io.millstream.bench.jobs;

import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/// Quartz, with the tables that come with it.
final class QuartzPeer extends DatabasePeer {
    static final String SETTINGS =
            "JobStoreTX, not clustered, so that its locks are in memory; as many triggers at once"
                    + " as threads; strings as job data; scheduleJobs for many";

    private static final String SOURCE = "bench";

    private final Scheduler scheduler;

    QuartzPeer(Database database, int workers)
            throws IOException, SQLException, SchedulerException {
        super(database, workers);
        makeTables();
        DBConnectionManager.getInstance().addConnectionProvider(SOURCE, new Pooled(database));
        this.scheduler = new StdSchedulerFactory(properties()).getScheduler();
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", SOURCE);
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty(
                "org.quartz.scheduler.batchTriggerAcquisitionMaxCount", String.valueOf(workers));
        properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", String.valueOf(workers));
        String store = "org.quartz.jobStore.";
        String implementation = "org.quartz.impl.jdbcjobstore.";
        properties.setProperty(store + "class", implementation + "JobStoreTX");
        properties.setProperty(
                store + "driverDelegateClass",
                implementation
                        + (database.isPostgres() ? "PostgreSQLDelegate" : "StdJDBCDelegate"));
        properties.setProperty(store + "dataSource", SOURCE);
        properties.setProperty(store + "useProperties", "true");
        properties.setProperty(store + "acquireTriggersWithinLock", "true");
        properties.setProperty(store + "misfireThreshold", "3600000");
        return properties;
    }

    private void makeTables() throws IOException, SQLException {
        String path =
                "/org/quartz/impl/jdbcjobstore/tables_%s.sql"
                        .formatted(database.isPostgres() ? "postgres" : "h2");
        try (InputStream in = Scheduler.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("Quartz brings no " + path);
            }
            String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String statement : script.replaceAll("(?m)--.*$", "").split(";")) {
                if (!statement.isBlank()) {
                    database.run(statement);
                }
            }
        }
    }

    /// Connections of a pool.
    private record Pooled(Database database) implements ConnectionProvider {
        @Override
        public Connection getConnection() throws SQLException {
            return database.pool().getConnection();
        }

        @Override
        public void initialize() {}

        @Override
        public void shutdown() {}
    }

    /// A job.
    public static final class Run implements Job {
        /// For Quartz.
        public Run() {}

        @Override
        public void execute(JobExecutionContext context) {
            Tally.handle(Long.parseLong(context.getMergedJobDataMap().getString("due")));
        }
    }

    @Override
    public void begin() throws SchedulerException {
        stopWorkers();
        scheduler.clear();
    }

    @Override
    public void enqueue(Work work) throws SchedulerException {
        var _ = scheduler.scheduleJob(detail(work), trigger(work));
    }

    @Override
    public void enqueueAll(List<Work> work) throws SchedulerException {
        Map<JobDetail, Set<? extends Trigger>> many = new LinkedHashMap<>();
        work.forEach(one -> many.put(detail(one), Set.of(trigger(one))));
        scheduler.scheduleJobs(many, false);
    }

    private static JobDetail detail(Work work) {
        return JobBuilder.newJob(Run.class)
                .withIdentity(String.valueOf(work.number()))
                .usingJobData("number", String.valueOf(work.number()))
                .usingJobData("due", String.valueOf(work.due()))
                .usingJobData("text", work.text())
                .build();
    }

    private static Trigger trigger(Work work) {
        return TriggerBuilder.newTrigger()
                .withIdentity(String.valueOf(work.number()))
                .forJob(String.valueOf(work.number()))
                .startNow()
                .build();
    }

    @Override
    public void startWorkers() throws SchedulerException {
        scheduler.start();
    }

    @Override
    public void stopWorkers() throws SchedulerException {
        if (scheduler.isStarted() && !scheduler.isInStandbyMode()) {
            scheduler.standby();
        }
    }

    @Override
    public void close() throws IOException {
        try (database) {
            scheduler.shutdown(true);
        } catch (SchedulerException failed) {
            throw new IOException(failed);
        }
    }
}
