package io.millstream.junit;

import io.millstream.api.ChannelName;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.TopicReader;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A reader that goes on after a crash where it was. A call that waits meanwhile goes on waiting,
/// because a read holds nothing that a crash could take away.
final class SurvivingReader implements TopicReader, Reopened {
    private final SurvivingBackend backend;
    private final SurvivingSession session;
    private From from;
    private @Nullable TopicReader current;
    private @Nullable Read waiting;
    private boolean closed;

    SurvivingReader(SurvivingBackend backend, SurvivingSession session, From from) {
        this.backend = backend;
        this.session = session;
        this.from = from;
    }

    @Override
    public synchronized void open() {
        TopicReader opened = session.current().read(from);
        current = opened;
        Read read = waiting;
        if (read == null) {
            return;
        }
        if (closed || read.isCancelled) {
            read.complete(nothing());
        } else {
            read.ask(opened);
        }
    }

    @Override
    public synchronized Pending<Fetched> next(int messages, long bytes, Duration wait) {
        if (closed || current == null) {
            throw new IllegalStateException("The reader is closed. Open another one.");
        }
        if (waiting != null) {
            throw new IllegalStateException(
                    "The reader's last call has not ended. Wait for it, or cancel it.");
        }
        Read read = new Read(messages, bytes, wait);
        waiting = read;
        try {
            read.ask(current);
        } catch (RuntimeException refused) {
            waiting = null;
            throw refused;
        }
        read.limit.begin();
        return read;
    }

    private synchronized void ended(Read read) {
        if (waiting == read) {
            waiting = null;
        }
    }

    private Fetched nothing() {
        return new Fetched.Records(backend.now(), List.of(), 0);
    }

    @Override
    public void end() {
        Read ended;
        synchronized (this) {
            closed = true;
            ended = waiting;
        }
        if (ended != null) {
            ended.cancel();
        }
    }

    @Override
    public void close() {
        // First: a crash holds the session's lock when it wants this one.
        session.forget(this);
        synchronized (this) {
            if (current != null) {
                current.close();
            }
        }
        end();
    }

    /// A call that has not ended.
    private final class Read implements Pending<Fetched> {
        private final int messages;
        private final long bytes;
        private final Duration wait;
        private final Instant asked;
        private final WaitLimit limit;
        private final CompletableFuture<Fetched> answer = new CompletableFuture<>();

        // Guarded by the reader.
        private @Nullable Pending<Fetched> running;
        private boolean isCancelled;

        /// Whether the engine that was asked has crashed, and the next one is not there yet.
        private boolean isBetween;

        Read(int messages, long bytes, Duration wait) {
            this.messages = messages;
            this.bytes = bytes;
            this.wait = wait;
            this.asked = backend.now();
            this.limit =
                    new WaitLimit(
                            backend.patience(),
                            wait,
                            this::cancel,
                            () -> fail(backend.patience().failure(backend.silence())));
        }

        /// Of the engine that runs now.
        private void ask(TopicReader reader) {
            Duration left = wait.minus(Duration.between(asked, backend.now()));
            Pending<Fetched> asking =
                    reader.next(messages, bytes, left.isNegative() ? Duration.ZERO : left);
            running = asking;
            isBetween = false;
            asking.stage().whenComplete(this::answered);
        }

        private void answered(@Nullable Fetched fetched, @Nullable Throwable failure) {
            boolean isNothing = fetched instanceof Fetched.Records;
            synchronized (SurvivingReader.this) {
                running = null;
                if (failure != null && backend.isLostInCrash(failure)) {
                    isBetween = true;
                    return;
                }
                if (fetched instanceof Fetched.Records found && !found.records().isEmpty()) {
                    from = behind(from, found.records().getLast().offset());
                    isNothing = false;
                }
            }
            if (fetched == null) {
                fail(failure);
            } else if (isNothing && limit.isInVain()) {
                fail(backend.patience().failure(missing()));
            } else {
                complete(fetched);
            }
        }

        private void complete(Fetched fetched) {
            ended(this);
            limit.end();
            answer.complete(fetched);
        }

        private void fail(@Nullable Throwable failure) {
            ended(this);
            limit.end();
            answer.completeExceptionally(
                    failure == null ? new IllegalStateException("No answer") : failure);
        }

        private String missing() {
            String where =
                    switch (from) {
                        case From.Offset(ChannelName topic, int partition, long offset) ->
                                "topic %s, partition %d, at offset %d"
                                        .formatted(topic, partition, offset);
                        case From.Time(ChannelName topic, int partition, Instant time) ->
                                "topic %s, partition %d, stored at %s or later"
                                        .formatted(topic, partition, time);
                    };
            return "nothing has come to %s. Its reader waits for %s by the test's clock, which"
                            .formatted(where, wait)
                    + " stands at %s".formatted(backend.now());
        }

        @Override
        public CompletionStage<Fetched> stage() {
            return answer.minimalCompletionStage();
        }

        @Override
        public void cancel() {
            Pending<Fetched> cancelled;
            boolean isHeld;
            synchronized (SurvivingReader.this) {
                isCancelled = true;
                isHeld = isBetween;
                cancelled = running;
            }
            if (isHeld) {
                complete(nothing());
            } else if (cancelled != null) {
                cancelled.cancel();
            }
        }
    }

    private static From behind(From from, long offset) {
        return switch (from) {
            case From.Offset before ->
                    new From.Offset(before.topic(), before.partition(), offset + 1);
            case From.Time before ->
                    new From.Offset(before.topic(), before.partition(), offset + 1);
        };
    }
}
