package io.millstream.jobs;

import io.millstream.api.Lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// How many of the jobs that are done at once may be ones that failed before, so that these leave
/// room for those that were never tried.
///
/// While more waits than there is room for, retries get their share and no more. When there is room
/// for all they may have all of it but one place, which is kept for what comes next.
final class RetryShare {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final int DOUBLINGS_MAX = 6;

    private final Places places;
    private final double share;
    private final AtomicInteger running = new AtomicInteger();

    /// @param places how many jobs at once
    /// @param share of them, more than 0 and at most 1
    RetryShare(Places places, double share) {
        this.places = places;
        this.share = share;
    }

    /// Whether there is room for it. One that was let in is to be let out again.
    ///
    /// @param isBusy whether more waits than there is room for
    boolean letsIn(Lease lease, boolean isBusy) {
        if (!isRetry(lease)) {
            return true;
        }
        int limit = limit(places.size(), isBusy);
        int before = running.getAndUpdate(now -> now < limit ? now + 1 : now);
        return before < limit;
    }

    private int limit(int size, boolean isBusy) {
        if (share >= 1) {
            return size;
        }
        return Math.max(1, isBusy ? (int) (size * share) : size - 1);
    }

    void letOut(Lease lease) {
        if (isRetry(lease)) {
            running.decrementAndGet();
        }
    }

    private static boolean isRetry(Lease lease) {
        return lease.attempts() > 1;
    }

    /// How long one waits for which there was no room: longer each time, so that many that wait
    /// cost little.
    static Duration pause(Lease lease, RandomGenerator random) {
        int before = Math.clamp(lease.deliveries() - lease.attempts(), 0, DOUBLINGS_MAX);
        long longest = FIRST_WAIT.toMillis() << before;
        return Duration.ofMillis(longest / 2 + random.nextLong(longest / 2 + 1));
    }
}
