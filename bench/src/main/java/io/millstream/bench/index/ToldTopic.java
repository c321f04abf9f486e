package io.millstream.bench.index;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChangeSink;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Longest;
import io.millstream.api.Page;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.api.Watch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/// A store that has one topic, of which the records are made up as they are read: as fast as they
/// are asked for, or at a rate, and then it is noted how long after its time each was taken in.
final class ToldTopic implements Backend {
    private static final long MICROS_PER_RECORD = 20;

    private final Instant created = Instant.now();
    private final ChannelName name;
    private final long jobs;
    private volatile long end;
    private volatile long rate;
    private volatile long pacedFrom;
    private volatile long pacedSince;
    private final List<Long> lagMillis = new ArrayList<>();

    ToldTopic(ChannelName name, long jobs) {
        this.name = name;
        this.jobs = jobs;
        this.end = jobs * ToldJobs.RECORDS_PER_JOB;
    }

    /// Goes on at a rate, records a second.
    void pace(long perSecond, Duration time) {
        pacedFrom = jobs * ToldJobs.RECORDS_PER_JOB;
        pacedSince = System.nanoTime();
        rate = perSecond;
        end = pacedFrom + perSecond * time.toSeconds();
    }

    long end() {
        return end;
    }

    /// How long after its time each paced record was taken in, in milliseconds.
    synchronized List<Long> lags() {
        return List.copyOf(lagMillis);
    }

    private Instant timeOf(long offset) {
        return created.plusNanos(offset * MICROS_PER_RECORD * 1000)
                .minusSeconds(jobs * ToldJobs.RECORDS_PER_JOB * MICROS_PER_RECORD / 1_000_000);
    }

    /// How many may be read by now.
    private long available() {
        if (rate == 0) {
            return end;
        }
        long passed = System.nanoTime() - pacedSince;
        return Math.min(end, pacedFrom + (long) (passed / 1e9 * rate));
    }

    private synchronized void takenIn(long from, long to) {
        if (rate == 0) {
            return;
        }
        long now = System.nanoTime();
        for (long offset = Math.max(from, pacedFrom); offset < to; offset += 10) {
            long due = pacedSince + (long) ((offset - pacedFrom) * 1e9 / rate);
            lagMillis.add((now - due) / 1_000_000);
        }
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "told", Map.of(), 1, 1, Longest.CENTURY, Capabilities.Durability.NONE);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        View.TopicView view =
                new View.TopicView(
                        Definition.Topic.of(name),
                        1,
                        1,
                        created,
                        created,
                        List.of(new View.PartitionView(0, end, end)));
        return CompletableFuture.completedFuture(
                new Page<>(List.of((V) view), null, Instant.now()));
    }

    @Override
    public Session session(SessionSpec spec) {
        return new Reading();
    }

    @Override
    public void close() {}

    /// It reads, and can do nothing else.
    private final class Reading implements Session {
        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Pending<Taken> take(Take take) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Credit credit(int messages, long bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Subscription consume(Subscribe what, DeliverySink sink) {
            throw new UnsupportedOperationException();
        }

        @Override
        public TopicReader read(From from) {
            return new Reader(((From.Offset) from).offset());
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /// Makes records up.
    private final class Reader implements TopicReader {
        private long next;
        private long before;

        Reader(long next) {
            this.next = next;
            this.before = next;
        }

        @Override
        public Pending<Fetched> next(int messages, long bytes, Duration wait) {
            // Whoever asks for more has taken in what it got.
            takenIn(before, next);
            before = next;
            long until = System.nanoTime() + wait.toNanos();
            while (available() <= next && System.nanoTime() < until) {
                LockSupport.parkNanos(1_000_000);
            }
            List<TopicRecord> records = new ArrayList<>();
            long last = Math.min(available(), next + Math.min(messages, bytes / 200));
            while (next < last) {
                records.add(ToldJobs.record(next, timeOf(next)));
                next++;
            }
            Fetched read = new Fetched.Records(timeOf(next), records, 0);
            return new Pending<>() {
                @Override
                public CompletionStage<Fetched> stage() {
                    return CompletableFuture.completedFuture(read);
                }

                @Override
                public void cancel() {}
            };
        }

        @Override
        public void close() {}
    }
}
