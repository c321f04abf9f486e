package io.millstream;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.MillstreamException;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;

import java.time.Duration;

/// Follows one partition for a subscription, on a virtual thread of its own.
///
/// @param <T> what the events carry
final class Follower<T> {
    private static final System.Logger LOGGER = System.getLogger(TopicSubscription.class.getName());
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration PAUSE_FIRST = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final TopicSubscription subscription;
    private final Topic<T> topic;
    private final EventHandler<T> handler;
    private final int partition;
    private final Thread thread;
    private long next;
    private long noted;
    private Duration pause = PAUSE_FIRST;

    /// Whether the handler has the thread, which alone is interrupted: a note that is being made
    /// when the subscription is closed must get through. Guarded by this.
    private boolean handling;

    Follower(
            TopicSubscription subscription,
            Topic<T> topic,
            EventHandler<T> handler,
            int partition,
            long next) {
        this.subscription = subscription;
        this.topic = topic;
        this.handler = handler;
        this.partition = partition;
        this.next = next;
        this.noted = next;
        this.thread =
                Thread.ofVirtual()
                        .name(
                                "millstream-subscription-%s-%d"
                                        .formatted(subscription.cursor(), partition))
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void join() throws InterruptedException {
        thread.join();
    }

    boolean isThisThread() {
        return thread.equals(Thread.currentThread());
    }

    /// Interrupts the handler, if it is at work.
    synchronized void interrupt() {
        if (handling) {
            thread.interrupt();
        }
    }

    private synchronized boolean mayHandle() {
        handling = !subscription.hasEnded();
        return handling;
    }

    private synchronized void hasHandled() {
        handling = false;
        // Whoever interrupted it meant the handler, which may not have noticed.
        var _ = Thread.interrupted();
    }

    private void run() {
        while (!subscription.hasEnded()) {
            try {
                readOn();
            } catch (ConnectionLostException lost) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "Subscription %s to %s, partition %d, goes on in %d ms: %s"
                                .formatted(
                                        subscription.cursor(),
                                        topic.name(),
                                        partition,
                                        pause.toMillis(),
                                        lost.getMessage()));
                rest();
            } catch (MillstreamException why) {
                subscription.fail(topic, why);
            } catch (RuntimeException | Error unexpected) {
                if (!subscription.hasEnded()) {
                    LOGGER.log(
                            System.Logger.Level.ERROR,
                            "Subscription %s could not go on with %s, partition %d, at offset %d;"
                                            .formatted(
                                                    subscription.cursor(),
                                                    topic.name(),
                                                    partition,
                                                    next)
                                    + " again in %d ms".formatted(pause.toMillis()),
                            unexpected);
                    rest();
                }
            }
        }
    }

    /// Reads and handles until the subscription ends.
    private void readOn() {
        note();
        From from = new From.Offset(topic.name(), partition, next);
        try (TopicReader reader = subscription.session().read(from)) {
            for (boolean isSure = false; !subscription.hasEnded(); isSure = true) {
                handleAll(next(reader, isSure));
            }
        }
    }

    /// @param isSure whether the reader is known to read the topic that was subscribed to, and not
    ///   another of its name
    private Fetched.Records next(TopicReader reader, boolean isSure) {
        Fetched.Records read = Topic.next(reader, subscription.readBytes(), WAIT);
        if (!isSure) {
            // It has found its topic by now: the right one, if that is there still.
            topic.requireIncarnation(subscription.incarnation());
        }
        return read;
    }

    private void handleAll(Fetched.Records read) {
        if (read.missed() > 0) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Subscription %s to %s, partition %d, has missed %d records that are gone"
                            .formatted(
                                    subscription.cursor(), topic.name(), partition, read.missed()));
        }
        for (TopicRecord record : read.records()) {
            if (!handle(record)) {
                break;
            }
            next = record.offset() + 1;
        }
        note();
        pause = PAUSE_FIRST;
    }

    private void note() {
        if (next != noted) {
            topic.note(subscription.incarnation(), subscription.cursor(), partition, next);
            noted = next;
        }
    }

    /// Tries until it is handled; false if the subscription ends before.
    private boolean handle(TopicRecord record) {
        while (mayHandle()) {
            if (tried(record)) {
                pause = PAUSE_FIRST;
                return true;
            }
            note();
            rest();
        }
        return false;
    }

    /// Errors count as failures, too: an assertion that fails once must not end it for ever.
    private boolean tried(TopicRecord record) {
        try {
            handler.handle(topic.event(record));
            return true;
        } catch (Exception | Error failed) {
            if (!subscription.hasEnded()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "Subscription %s failed on %s, partition %d, offset %d; again in %d ms"
                                .formatted(
                                        subscription.cursor(),
                                        topic.name(),
                                        partition,
                                        record.offset(),
                                        pause.toMillis()),
                        failed);
            }
            return false;
        } finally {
            hasHandled();
        }
    }

    /// Pauses, twice as long as the last time.
    private void rest() {
        if (!subscription.endsWithin(pause)) {
            pause = pause.multipliedBy(2);
            pause = pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause;
        }
    }
}
