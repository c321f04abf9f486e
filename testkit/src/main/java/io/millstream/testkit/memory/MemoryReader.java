package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.StoppedException;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.testkit.memory.Alarms.Due;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A reader of one partition. Guarded by the backend's lock.
final class MemoryReader implements TopicReader {
    private final MemoryBackend backend;
    private final MemorySession session;
    private final From from;
    private @Nullable MemoryTopic topic;
    private long incarnation;
    private long next;
    private boolean closed;
    private @Nullable Call call;

    /// One call of [#next].
    private final class Call implements Pending<Fetched> {
        private final CompletableFuture<Fetched> future = new CompletableFuture<>();
        private final int messages;
        private final long bytes;
        private @Nullable Due timeout;

        Call(int messages, long bytes) {
            this.messages = messages;
            this.bytes = bytes;
        }

        @Override
        public CompletionStage<Fetched> stage() {
            return future.minimalCompletionStage();
        }

        @Override
        public void cancel() {
            backend.call(MemoryReader.this::endEmpty);
        }
    }

    MemoryReader(MemoryBackend backend, MemorySession session, From from) {
        this.backend = backend;
        this.session = session;
        this.from = from;
    }

    @Override
    public Pending<Fetched> next(int messages, long bytes, Duration wait) {
        if (messages < 1 || bytes < 1) {
            throw new IllegalArgumentException("A read asks for a record and a byte at least");
        }
        Call asked = new Call(messages, bytes);
        backend.callOrElse(
                () -> {
                    if (closed || call != null) {
                        throw new IllegalStateException(
                                closed
                                        ? "The reader is closed. Open another one."
                                        : "The reader's last call has not ended.");
                    }
                    call = asked;
                    session.add(this);
                    begin(asked, wait);
                },
                () ->
                        asked.future.completeExceptionally(
                                new StoppedException(MemoryBackend.STOPPED)));
        return asked;
    }

    private void begin(Call asked, Duration wait) {
        MemoryTopic found = backend.store().topic(name());
        if (found == null || (incarnation != 0 && found.incarnation() != incarnation)) {
            refuse(new Refusal.NoSuchChannel(name()));
            return;
        }
        if (!found.has(partition())) {
            refuse(new Refusal.Invalid(name() + " has no partition " + partition()));
            return;
        }
        if (incarnation == 0) {
            incarnation = found.incarnation();
            next =
                    switch (from) {
                        case From.Offset offset -> Math.max(0, offset.offset());
                        case From.Time time -> found.offsetAt(time.partition(), time.time());
                    };
        }
        if (next > found.end(partition())) {
            refuse(new Refusal.Invalid("There is nothing at " + next + " yet"));
            return;
        }
        topic = found;
        look();
        if (call == asked && !wait.isPositive()) {
            endEmpty();
        } else if (call == asked) {
            found.wait(this);
            Store store = backend.store();
            Due timeout = new Due(store.now().plus(wait).nanos(), store.next());
            asked.timeout = timeout;
            store.alarms().set(timeout, this::endEmpty);
        }
    }

    private ChannelName name() {
        return switch (from) {
            case From.Offset offset -> offset.topic();
            case From.Time time -> time.topic();
        };
    }

    private int partition() {
        return switch (from) {
            case From.Offset offset -> offset.partition();
            case From.Time time -> time.partition();
        };
    }

    /// Answers the running call if there is something to read, or nothing any more.
    void look() {
        Call asked = call;
        MemoryTopic source = topic;
        if (asked == null || source == null) return;
        if (backend.store().topic(name()) != source) {
            refuse(new Refusal.NoSuchChannel(name()));
            return;
        }
        long start = Math.max(next, source.start(partition()));
        List<TopicRecord> records = source.read(partition(), start, asked.messages, asked.bytes);
        if (records.isEmpty()) return;
        long missed = start - next;
        next = records.getLast().offset() + 1;
        end(new Fetched.Records(now(), records, missed));
    }

    void endEmpty() {
        if (call != null) end(new Fetched.Records(now(), List.of(), 0));
    }

    private void refuse(Refusal why) {
        end(new Fetched.Refused(now(), why));
    }

    private void end(Fetched answer) {
        Call ended = over();
        if (ended != null) backend.store().outbox().add(() -> ended.future.complete(answer));
    }

    /// The process is gone.
    void kill(String why) {
        Call ended = over();
        closed = true;
        if (ended != null) {
            backend.store()
                    .outbox()
                    .add(() -> ended.future.completeExceptionally(new StoppedException(why)));
        }
    }

    private @Nullable Call over() {
        Call ended = call;
        call = null;
        session.remove(this);
        if (topic != null) topic.waitNoMore(this);
        if (ended != null && ended.timeout != null) backend.store().alarms().cancel(ended.timeout);
        return ended;
    }

    private Instant now() {
        return backend.store().now().wall();
    }

    @Override
    public void close() {
        backend.callOrElse(
                () -> {
                    closed = true;
                    endEmpty();
                },
                () -> {});
    }
}
