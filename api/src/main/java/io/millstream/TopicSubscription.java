package io.millstream;

import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.MillstreamException;
import io.millstream.api.Session;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A running subscription to a topic; see [Topic#subscribe].
public final class TopicSubscription implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(TopicSubscription.class.getName());
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration PAUSE_FIRST = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final String cursor;
    private final Session session;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;
    private volatile @Nullable MillstreamException failure;

    <T> TopicSubscription(String cursor, Session session, Topic<T> topic, EventHandler<T> handler) {
        this.cursor = cursor;
        this.session = session;
        List<Long> offsets = topic.cursor(cursor);
        for (int partition = 0; partition < offsets.size(); partition++) {
            Follower<T> follower =
                    new Follower<>(topic, handler, partition, offsets.get(partition));
            threads.add(
                    Thread.ofVirtual()
                            .name("millstream-subscription-" + cursor + "-" + partition)
                            .start(follower::run));
        }
    }

    /// What ended it by itself, or null: the topic is gone, or the store has stopped. A handler's
    /// failure does not end it.
    public @Nullable MillstreamException failure() {
        return failure;
    }

    /// Ends it after the events that are being handled; blocks until they are, and notes how far it
    /// has come. A handler that waits is interrupted.
    @Override
    public void close() {
        closed = true;
        session.close();
        for (Thread thread : threads) {
            thread.interrupt();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            interrupted |= !join(thread);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean join(Thread thread) {
        try {
            thread.join();
            return true;
        } catch (InterruptedException stop) {
            return false;
        }
    }

    /// Follows one partition.
    private final class Follower<T> {
        private final Topic<T> topic;
        private final EventHandler<T> handler;
        private final int partition;
        private long next;
        private long noted;

        Follower(Topic<T> topic, EventHandler<T> handler, int partition, long next) {
            this.topic = topic;
            this.handler = handler;
            this.partition = partition;
            this.next = next;
            this.noted = next;
        }

        void run() {
            try (TopicReader reader =
                    session.read(new From.Offset(topic.name(), partition, next))) {
                while (!closed) {
                    follow(Topic.next(reader, WAIT));
                }
            } catch (MillstreamException ended) {
                if (!closed) {
                    failure = ended;
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "Subscription %s to %s has ended: %s"
                                    .formatted(cursor, topic.name(), ended.getMessage()));
                }
            } catch (IllegalStateException sessionClosed) {
                if (!closed) {
                    throw sessionClosed;
                }
            }
        }

        private void follow(Fetched.Records read) {
            if (read.missed() > 0) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "Subscription %s to %s, partition %d, has missed %d records that are gone"
                                .formatted(cursor, topic.name(), partition, read.missed()));
            }
            for (TopicRecord record : read.records()) {
                if (closed || !handle(record)) {
                    break;
                }
                next = record.offset() + 1;
            }
            note();
        }

        private void note() {
            if (next != noted) {
                topic.note(cursor, partition, next);
                noted = next;
            }
        }

        /// Tries until it is handled; false if the subscription is closed before.
        private boolean handle(TopicRecord record) {
            Duration pause = PAUSE_FIRST;
            while (!tried(record, pause)) {
                if (closed) {
                    return false;
                }
                note();
                if (!rest(pause)) {
                    return false;
                }
                pause = pause.multipliedBy(2);
                pause = pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause;
            }
            return true;
        }

        /// Errors count as failures, too: an assertion that fails once must not end it for ever.
        private boolean tried(TopicRecord record, Duration pause) {
            try {
                handler.handle(topic.event(record));
                return true;
            } catch (Exception | Error failed) {
                if (!closed) {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "Subscription %s failed on %s, partition %d, offset %d; again in %d ms"
                                    .formatted(
                                            cursor,
                                            topic.name(),
                                            partition,
                                            record.offset(),
                                            pause.toMillis()),
                            failed);
                }
                return false;
            }
        }

        private boolean rest(Duration pause) {
            try {
                Thread.sleep(pause);
                return !closed;
            } catch (InterruptedException interrupted) {
                // By a handler that was interrupted itself, unless it is closing.
                return !closed;
            }
        }
    }
}
