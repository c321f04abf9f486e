package io.millstream;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.MillstreamException;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A running subscription to a topic; see [Topic#subscribe].
///
/// All methods may be called from any thread.
public final class TopicSubscription implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(TopicSubscription.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(5);

    /// What all partitions together may have read and not handled yet.
    private static final long READ_AHEAD_BYTES = 8 << 20;

    private final String cursor;
    private final Session session;
    private final long incarnation;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable MillstreamException failure;

    /// One for each partition. Guarded by this, as is that it ends: nothing starts afterwards.
    private final List<Follower<?>> followers = new ArrayList<>();

    <T> TopicSubscription(String cursor, Session session, Topic<T> topic, EventHandler<T> handler) {
        this.cursor = cursor;
        this.session = session;
        this.incarnation = topic.view().incarnation();
        follow(topic, handler, topic.cursor(cursor));
        Thread.ofVirtual()
                .name("millstream-subscription-" + cursor)
                .start(() -> look(topic, handler));
    }

    private synchronized <T> void follow(
            Topic<T> topic, EventHandler<T> handler, List<Long> offsets) {
        for (int partition = followers.size();
                partition < offsets.size() && !hasEnded();
                partition++) {
            Follower<T> follower =
                    new Follower<>(this, topic, handler, partition, offsets.get(partition));
            followers.add(follower);
            follower.start();
        }
    }

    /// Looks for partitions that are new, until the end.
    private <T> void look(Topic<T> topic, EventHandler<T> handler) {
        while (!endsWithin(LOOK)) {
            try {
                if (topic.view(incarnation).partitions().size() > partitions()) {
                    follow(topic, handler, topic.cursor(cursor));
                }
            } catch (ConnectionLostException lost) {
                LOGGER.log(
                        System.Logger.Level.DEBUG,
                        "Subscription %s looks for new partitions of %s later: %s"
                                .formatted(cursor, topic.name(), lost.getMessage()));
            } catch (MillstreamException gone) {
                fail(topic, gone);
            } catch (RuntimeException | Error unexpected) {
                LOGGER.log(
                        System.Logger.Level.ERROR,
                        "Subscription %s could not look for new partitions of %s; again in %d s"
                                .formatted(cursor, topic.name(), LOOK.toSeconds()),
                        unexpected);
            }
        }
    }

    private synchronized int partitions() {
        return followers.size();
    }

    /// What ended it by itself, or null: the topic is gone, even if there is another of its name by
    /// now; or the store has stopped; or the cursor's place cannot be kept. It is logged as a
    /// warning. A handler's failure does not end it, nor does a lost connection.
    public @Nullable MillstreamException failure() {
        return failure;
    }

    /// Ends it after the events that are being handled; blocks until they are, and notes how far it
    /// has come. A handler that waits is interrupted. A handler that closes its own subscription
    /// does not wait; it ends behind the event that is being handled.
    @Override
    public void close() {
        boolean byHandler = false;
        List<Follower<?>> all = stop();
        for (Follower<?> follower : all) {
            if (follower.isThisThread()) {
                byHandler = true;
            } else {
                follower.interrupt();
            }
        }
        if (byHandler) {
            return;
        }
        try {
            for (Follower<?> follower : all) {
                follower.join();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<Follower<?>> stop() {
        end.countDown();
        session.close();
        return List.copyOf(followers);
    }

    /// Ends it because of `why`, unless it ends already.
    void fail(Topic<?> topic, MillstreamException why) {
        synchronized (this) {
            if (hasEnded()) {
                return;
            }
            failure = why;
            stop();
        }
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Subscription %s to %s has ended: %s"
                        .formatted(cursor, topic.name(), why.getMessage()));
    }

    boolean hasEnded() {
        return end.getCount() == 0;
    }

    /// Waits so long, or until the end.
    boolean endsWithin(Duration wait) {
        try {
            return end.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            // Only handlers are interrupted, and they do not wait here.
            return hasEnded();
        }
    }

    String cursor() {
        return cursor;
    }

    Session session() {
        return session;
    }

    /// Which life of the topic it belongs to.
    long incarnation() {
        return incarnation;
    }

    /// What one partition may read at once.
    long readBytes() {
        return Math.clamp(READ_AHEAD_BYTES / partitions(), 1, Topic.READ_BYTES);
    }
}
