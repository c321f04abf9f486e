package io.millstream.bench.index;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.Message;
import io.millstream.api.TopicRecord;
import io.millstream.api.Via;

import java.time.Instant;
import java.util.List;

/// What a topic would have of many jobs: three records each, of which many are under way at once.
/// One in fifty dies.
final class ToldJobs {
    static final int RECORDS_PER_JOB = 3;
    private static final int UNDER_WAY = 500;
    private static final int QUEUES = 5;
    private static final int TYPES = 20;
    static final int KEYS = 1000;
    static final int TAGS = 100;
    static final int DIES = 50;
    private static final List<String> WORDS =
            List.of("timeout", "refused", "reset", "disk", "quota", "missing", "locked", "parse");

    private ToldJobs() {}

    static String id(long job) {
        return "9vdj4qk1c7m2ne6h-" + Long.toString(100_000_000 + job, 36);
    }

    static String queue(long job) {
        return "queue-" + job % QUEUES;
    }

    static String type(long job) {
        return "type." + job % TYPES;
    }

    static String key(long job) {
        return "customer-" + job * 7919 % KEYS;
    }

    static String tag(long job) {
        return "tag-" + job / 5 % TAGS;
    }

    static String fingerprint(long job) {
        return "f" + job / DIES % 40;
    }

    private static String error(long job) {
        return "java.io.IOException: %s %s for order %d"
                .formatted(
                        WORDS.get((int) (job / DIES % WORDS.size())),
                        WORDS.get((int) (job / 7 % WORDS.size())),
                        job);
    }

    static TopicRecord record(long offset, Instant stored) {
        long group = offset / RECORDS_PER_JOB;
        Lifecycle event =
                switch ((int) (offset % RECORDS_PER_JOB)) {
                    case 0 -> stored(group);
                    case 1 -> taken(group - UNDER_WAY);
                    default -> ended(group - 2 * UNDER_WAY);
                };
        return new TopicRecord(0, offset, stored, event.message());
    }

    private static Lifecycle stored(long job) {
        Message.Builder message = Message.builder("").id(id(job)).type(type(job)).group(key(job));
        if (job % 5 == 0) {
            message.header(Header.text("millstream-tags", tag(job)));
        }
        return Lifecycle.Stored.put(place(job), message.build());
    }

    private static Lifecycle taken(long job) {
        return job >= 0 && job % DIES == 0
                ? new Lifecycle.Failed(place(job), 1, error(job), fingerprint(job))
                : new Lifecycle.Taken(place(job), 1, Instant.EPOCH);
    }

    private static Lifecycle ended(long job) {
        return job >= 0 && job % DIES == 0
                ? new Lifecycle.Stranded(place(job), Via.Cause.ATTEMPTS, "")
                : new Lifecycle.Done(place(job));
    }

    private static Place place(long job) {
        return new Place(new Life(ChannelName.of(queue(job)), 1), job);
    }
}
