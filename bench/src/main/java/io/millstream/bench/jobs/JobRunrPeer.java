package io.millstream.bench.jobs;

import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.sql.common.SqlStorageProviderFactory;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/// JobRunr's open source edition.
final class JobRunrPeer extends DatabasePeer {
    static final String SETTINGS =
            "polls each 5 s, as often as it may, and asks again whenever a worker is free; its"
                    + " default pool of virtual threads; JSON by Jackson; a stream of requests for"
                    + " many; what succeeded is kept, as it is for 36 hours";

    private static final int POLL_SECONDS = 5;
    private static final long RETAINED_AT_ONCE = 500_000;

    private final JobRequestScheduler scheduler;
    private final BackgroundJobServer server;
    private boolean isRunning;

    JobRunrPeer(Database database, int workers) {
        super(database, workers);
        BackgroundJobServerConfiguration configuration =
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andWorkerCount(workers)
                        .andPollIntervalInSeconds(POLL_SECONDS);
        this.scheduler =
                JobRunr.configure()
                        .useJsonMapper(new JacksonJsonMapper())
                        .useStorageProvider(SqlStorageProviderFactory.using(database.pool()))
                        .useBackgroundJobServer(configuration, false)
                        .initialize()
                        .getJobRequestScheduler();
        this.server = JobRunr.getBackgroundJobServer();
    }

    /// A job.
    public static final class Request implements JobRequest {
        private static final long serialVersionUID = 1;

        private long number;
        private long due;
        private String text = "";

        /// For JSON.
        Request() {}

        private Request(Work work) {
            this.number = work.number();
            this.due = work.due();
            this.text = work.text();
        }

        @Override
        public Class<Handler> getJobRequestHandler() {
            return Handler.class;
        }

        @Override
        public String toString() {
            return number + " " + text;
        }
    }

    /// What does it.
    public static final class Handler implements JobRequestHandler<Request> {

        /// For JobRunr.
        public Handler() {}

        @Override
        public void run(Request request) {
            Tally.handle(request.due);
        }
    }

    @Override
    public void begin() throws SQLException {
        stopWorkers();
        database.run("TRUNCATE TABLE jobrunr_jobs");
    }

    @Override
    public void enqueue(Work work) {
        var _ = scheduler.enqueue(new Request(work));
    }

    @Override
    public void enqueueAll(List<Work> work) {
        scheduler.enqueue(work.stream().map(Request::new));
    }

    @Override
    public void startWorkers() {
        server.start();
        isRunning = true;
    }

    @Override
    public void stopWorkers() {
        if (isRunning) {
            server.stop();
            isRunning = false;
        }
    }

    /// Makes many jobs that have succeeded, each like one that has. Only on PostgreSQL.
    void retain(long jobs) throws SQLException {
        String columns =
                Database.ask(
                        database.pool(),
                        """
                        SELECT string_agg(column_name, ', ') FROM information_schema.columns
                        WHERE table_name = 'jobrunr_jobs' AND column_name <> 'id'
                        """);
        for (long left = jobs; left > 0; left -= RETAINED_AT_ONCE) {
            database.run(
                    """
                    INSERT INTO jobrunr_jobs (id, %1$s) SELECT gen_random_uuid()::text, %1$s FROM
                    (SELECT * FROM jobrunr_jobs WHERE state = 'SUCCEEDED' LIMIT 1) AS one,
                    generate_series(1, %2$d)
                    """
                            .formatted(columns, Math.min(left, RETAINED_AT_ONCE)));
        }
        database.run("VACUUM ANALYZE jobrunr_jobs");
    }

    @Override
    public void close() throws IOException {
        stopWorkers();
        var _ = JobRunr.destroy();
        super.close();
    }
}
