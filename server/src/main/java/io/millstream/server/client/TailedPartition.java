package io.millstream.server.client;

import io.millstream.api.Fetched;
import io.millstream.api.Pending;
import io.millstream.api.RefusedException;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// A partition that is being read, and what of it was read and not printed.
final class TailedPartition {
    private static final int RECORDS_MAX = 500;
    private static final long BYTES_MAX = 1 << 20;
    private static final long BYTES_MIN = 64 << 10;

    private final TopicReader reader;
    private final long end;
    private final long bytes;
    private final Deque<TopicRecord> read = new ArrayDeque<>();
    private long missed;
    private boolean isAtEnd;

    /// @param end where it ended when it was begun
    /// @param together how many are read at once
    TailedPartition(TopicReader reader, long end, int together) {
        this.reader = reader;
        this.end = end;
        this.bytes = Math.max(BYTES_MIN, BYTES_MAX / together);
    }

    /// The next record that was there when it was begun, or null if there is none. Blocks.
    @Nullable TopicRecord peek() {
        if (read.isEmpty() && !isAtEnd) {
            take(Answers.of(ask(Duration.ZERO).stage()));
            isAtEnd = read.isEmpty();
        }
        TopicRecord next = read.peek();
        if (next != null && next.offset() >= end) {
            isAtEnd = true;
            return null;
        }
        return next;
    }

    /// The next record that was read, or null if there is none. Does not block.
    @Nullable TopicRecord poll() {
        return read.poll();
    }

    Pending<Fetched> ask(Duration wait) {
        return reader.next(RECORDS_MAX, bytes, wait);
    }

    /// What came of asking.
    ///
    /// @throws RefusedException if there is nothing to read any more
    void take(Fetched fetched) {
        switch (fetched) {
            case Fetched.Records records -> {
                missed += records.missed();
                read.addAll(records.records());
            }
            case Fetched.Refused refused -> throw new RefusedException(refused.refusal());
        }
    }

    /// How many were missed since this was asked last.
    long missed() {
        long now = missed;
        missed = 0;
        return now;
    }
}
