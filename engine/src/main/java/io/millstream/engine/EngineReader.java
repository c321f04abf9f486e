package io.millstream.engine;

import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// One reader of a partition. Whole extents are read at once, so what one call did not ask for is
/// kept for the next, up to about as many bytes as one call may have.
///
/// One call is under way at a time: what it needs is handed from its caller to the loop, to the
/// reading thread and back with it.
final class EngineReader implements TopicReader {
    private static final long BYTES_MAX = 4 << 20;

    private final Engine engine;
    private final EngineSession session;
    private final From from;
    private final AtomicReference<@Nullable PendingRead> running = new AtomicReference<>();
    private final ArrayDeque<TopicRecord> ahead = new ArrayDeque<>();
    private int wanted;
    private volatile boolean closed;

    // Where it stands, once the loop has looked.
    private long channel;
    private long next;
    private long since = Long.MIN_VALUE;

    EngineReader(Engine engine, EngineSession session, From from) {
        this.engine = engine;
        this.session = session;
        this.from = from;
    }

    @Override
    public Pending<Fetched> next(int messages, long bytes, Duration wait) {
        if (closed) {
            throw new IllegalStateException("The reader is closed. Open another one.");
        }
        if (messages < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "A read asks for a record and a byte at least, not %d and %d"
                            .formatted(messages, bytes));
        }
        PendingRead read =
                new PendingRead(
                        this, Math.min(bytes, BYTES_MAX), wait, engine.options().time().nanos());
        if (!running.compareAndSet(null, read)) {
            throw new IllegalStateException(
                    "The reader's last call has not ended. Wait for it, or cancel it.");
        }
        wanted = messages;
        if (!ahead.isEmpty()) {
            deliver(read, List.of(), 0, Instant.ofEpochMilli(engine.options().time().wallMillis()));
        } else if (!engine.inbox().offer(new Command.Read(read))) {
            read.fail(Engine.stopped());
        }
        return read;
    }

    /// Answers a read with as many records as it asked for, and keeps the rest.
    void deliver(PendingRead read, List<TopicRecord> records, long missed, Instant now) {
        ahead.addAll(records);
        List<TopicRecord> given = new ArrayList<>();
        while (given.size() < wanted && !ahead.isEmpty()) {
            given.add(ahead.removeFirst());
        }
        read.answer(new Fetched.Records(now, given, missed));
    }

    void ended(PendingRead read) {
        running.compareAndSet(read, null);
    }

    void cancel(PendingRead read) {
        if (running.get() == read && !engine.inbox().offer(new Command.CancelRead(read))) {
            read.fail(Engine.stopped());
        }
    }

    @Override
    public void close() {
        closed = true;
        PendingRead read = running.get();
        if (read != null) {
            cancel(read);
        }
    }

    EngineSession session() {
        return session;
    }

    From from() {
        return from;
    }

    /// The topic's number, or 0 as long as nothing was read.
    long channel() {
        return channel;
    }

    /// The offset to read next.
    long next() {
        return next;
    }

    /// What was stored before this time, in milliseconds since 1970, is passed over.
    long since() {
        return since;
    }

    void standsAt(long topic, long offset, long notBefore) {
        channel = topic;
        next = offset;
        since = notBefore;
    }

    void standsAt(long offset) {
        next = offset;
    }
}
