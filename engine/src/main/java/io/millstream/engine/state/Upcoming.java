package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// When something happens in queues by itself, besides what their [Delivery]s wait for ([Agenda]):
/// messages become too old, lie undelivered for too long, or are due that were never handed out.
final class Upcoming {
    private final QueueTimes expiries = new QueueTimes(QueueTimes.EXPIRY);
    private final QueueTimes dues = new QueueTimes(QueueTimes.DUE);
    private final QueueTimes lives = new QueueTimes(QueueTimes.LIFE);

    /// When something happens next, in milliseconds since 1970, or before.
    long next() {
        return Math.min(expiries.next(), Math.min(dues.next(), lives.next()));
    }

    /// When something is next due that was never handed out.
    long nextDue() {
        return dues.next();
    }

    /// What is next in a queue may have changed, or what is due next.
    void changed(QueueState queue) {
        dues.set(queue, queue.lanes().nextChange());
        lives.set(queue, TimeToLive.next(queue));
    }

    /// Anything in a queue may have changed.
    void changedAll(QueueState queue) {
        expiries.set(queue, queue.ages().nextExpiry());
        changed(queue);
    }

    /// Something in a queue, stored at `stored`, may become too old.
    void ages(QueueState queue, long stored) {
        expiries.notAfter(queue, queue.ages().expiryOf(stored));
    }

    void removed(QueueState queue) {
        expiries.set(queue, Long.MAX_VALUE);
        dues.set(queue, Long.MAX_VALUE);
        lives.set(queue, Long.MAX_VALUE);
    }

    /// A queue in which something has become too old, or null.
    @Nullable QueueState overdue(long now) {
        for (QueueState queue = expiries.firstDue(now);
                queue != null;
                queue = expiries.firstDue(now)) {
            long next = queue.ages().nextExpiry();
            if (next <= now) {
                return queue;
            }
            expiries.set(queue, next);
        }
        return null;
    }

    /// A queue in which something that is next has lain undelivered for too long, or null.
    @Nullable QueueState outlived(long now) {
        return lives.firstDue(now);
    }

    /// What has lain undelivered for too long in a queue stays until then.
    void outlives(QueueState queue, long time) {
        lives.set(queue, time);
    }

    /// What has waited until `now` and was never handed out is ready.
    ///
    /// @param changed where to add the queues in which anything was
    void joinDue(long now, List<QueueState> changed) {
        for (QueueState queue = dues.firstDue(now); queue != null; queue = dues.firstDue(now)) {
            if (queue.lanes().joinDue(now)) {
                changed.add(queue);
            }
            changed(queue);
        }
    }
}
