package io.millstream.bench.index;

import io.millstream.api.ChannelName;
import io.millstream.bench.Arguments;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;
import io.millstream.index.FoundJobs;
import io.millstream.index.IndexOptions;
import io.millstream.index.IndexedState;
import io.millstream.index.JobIndex;
import io.millstream.index.JobSearch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/// Fills an index with jobs, searches it by each filter, and then has it follow at a rate while it
/// is searched.
public final class IndexBench {
    private static final int JOBS = 1_000_000;
    private static final int SEARCHES = 300;
    private static final int RATE = 75_000;
    private static final Duration LONG = Duration.ofHours(2);
    private static final long BYTES_MAX = 64L << 30;

    private final Arguments arguments;
    private final int jobs;
    private final Random random = new Random(1);

    /// Reads `--messages`, the jobs; `--rate`, the records a second; `--seconds`, how long.
    public IndexBench(Arguments arguments) {
        this.arguments = arguments;
        this.jobs = arguments.number("messages", JOBS);
    }

    /// Prints the report.
    public void run() throws IOException {
        Path directory = arguments.data().resolve("index");
        Scratch.delete(directory);
        ChannelName topic = ChannelName.of("jobs.history");
        ToldTopic told = new ToldTopic(topic, jobs);
        IndexOptions options =
                IndexOptions.STANDARD
                        .withTopic(topic)
                        .withKeepEnded(Duration.ofDays(3650))
                        .withBytesMax(BYTES_MAX);
        long began = System.nanoTime();
        try (JobIndex index = JobIndex.open(told, directory, options)) {
            index.catchUp(LONG);
            double seconds = (System.nanoTime() - began) / 1e9;
            System.out.printf(
                    "%n%,d jobs in %,d records taken in: %,.0f records/s; the file has %,d MiB,"
                            + " %d bytes a job.%n%n",
                    jobs,
                    told.end(),
                    told.end() / seconds,
                    index.status().bytes() >> 20,
                    index.status().bytes() / Math.max(1, jobs));
            searches(index, "alone");
            int perSecond = arguments.number("rate", RATE);
            told.pace(perSecond, Duration.ofSeconds((long) arguments.seconds(20)));
            searches(index, "at %,d records/s".formatted(perSecond));
            index.catchUp(LONG);
            lag(told, perSecond);
        } finally {
            Scratch.delete(directory);
        }
    }

    private void searches(JobIndex index, String how) {
        Table table =
                new Table("search, " + how, "found", "p50 ms", "p95 ms", "p99 ms", "pages cut");
        one(index, table, "newest", _ -> JobSearch.ALL);
        one(index, table, "state", _ -> JobSearch.ALL.state(IndexedState.DEAD));
        one(index, table, "state done", _ -> JobSearch.ALL.state(IndexedState.DONE));
        one(index, table, "type", job -> JobSearch.ALL.type(ToldJobs.type(job)));
        one(index, table, "queue", job -> JobSearch.ALL.queue(ToldJobs.queue(job)));
        one(
                index,
                table,
                "queue, type, state",
                job ->
                        JobSearch.ALL
                                .queue(ToldJobs.queue(job))
                                .type(ToldJobs.type(job))
                                .state(IndexedState.DEAD));
        one(index, table, "id", job -> JobSearch.ALL.id(ToldJobs.id(job)));
        one(index, table, "key", job -> JobSearch.ALL.key(ToldJobs.key(job)));
        one(index, table, "tag", job -> JobSearch.ALL.tag(ToldJobs.tag(job)));
        one(
                index,
                table,
                "tag, state dead",
                job -> JobSearch.ALL.tag(ToldJobs.tag(job)).state(IndexedState.DEAD));
        one(
                index,
                table,
                "tag, key",
                job -> JobSearch.ALL.tag(ToldJobs.tag(job)).key(ToldJobs.key(job + 1)));
        one(
                index,
                table,
                "fingerprint",
                job -> JobSearch.ALL.fingerprint(ToldJobs.fingerprint(job)));
        one(index, table, "error, one word", _ -> JobSearch.ALL.error("timeout"));
        one(index, table, "error, all have it", _ -> JobSearch.ALL.error("ioexception"));
        one(index, table, "error, two words", _ -> JobSearch.ALL.error("timeout quota"));
        one(index, table, "error, a number", job -> JobSearch.ALL.error("" + job / 50 * 50));
        one(index, table, "error, beginning", _ -> JobSearch.ALL.error("tim* ord*"));
        one(index, table, "an hour", this::anHour);
        one(
                index,
                table,
                "time, type, dead, oldest",
                job -> anHour(job).type(ToldJobs.type(job)).state(IndexedState.DEAD).fromOldest());
        System.out.println(table);
    }

    private JobSearch anHour(long job) {
        long micros = (jobs - job) * ToldJobs.RECORDS_PER_JOB * 20L;
        Instant since = Instant.now().minusMillis(micros / 1000);
        return JobSearch.ALL.between(since, since.plusSeconds(3600));
    }

    private void one(JobIndex index, Table table, String name, Function<Long, JobSearch> asking) {
        List<Long> nanos = new ArrayList<>();
        long found = 0;
        int cut = 0;
        for (int i = 0; i < SEARCHES; i++) {
            JobSearch search = asking.apply((long) random.nextInt(jobs));
            long before = System.nanoTime();
            FoundJobs page = index.search(search);
            nanos.add(System.nanoTime() - before);
            found += page.jobs().size();
            cut += page.next() != null && page.jobs().size() < search.limit() ? 1 : 0;
        }
        table.row(
                name,
                found / SEARCHES,
                millis(nanos, 0.5),
                millis(nanos, 0.95),
                millis(nanos, 0.99),
                cut);
    }

    private static String millis(List<Long> nanos, double part) {
        return "%.1f".formatted(quantile(nanos, part) / 1e6);
    }

    private static long quantile(List<Long> values, double part) {
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.isEmpty() ? 0 : sorted.get((int) ((sorted.size() - 1) * part));
    }

    private static void lag(ToldTopic told, int perSecond) {
        List<Long> lags = told.lags();
        System.out.printf(
                "Behind by, at %,d records/s while it is searched: p50 %d ms, p99 %d ms, at most %d"
                        + " ms.%n",
                perSecond, quantile(lags, 0.5), quantile(lags, 0.99), quantile(lags, 1));
    }
}
