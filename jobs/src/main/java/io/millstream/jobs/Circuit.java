package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Whether jobs that depend on something may begin, by how the last of them went.
///
/// ```
///             10 of the last 20 failed             the pause is over
///      WELL ---------------------------> FAILING ------------------> RETURNING: 1 at once,
///       ^                                   ^                            |      2, 4, 8, ...
///       |                                   |     half of so many failed |
///       |                                   +----------------------------+
///       +--------- as many at once as there are places ------------------+
/// ```
///
/// What began before it changed to failing is not counted when it ends: that is old news. May be
/// used by any thread; `changed` is called by the one that changed something, outside of any lock.
final class Circuit {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());

    /// The first pause; the next one is twice as long, up to the longest. Each is drawn at random
    /// from half of that to all of it, so that many processes do not try together.
    static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

    static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /// For how long one that was let in is waited for beyond its timeout.
    static final Duration OVERDUE = Duration.ofSeconds(30);

    private static final int DOUBLINGS_MAX = 6;

    private final String name;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final IntSupplier usual;
    private final Runnable changed;

    private DownstreamLook.State state = DownstreamLook.State.WELL;

    /// The last ends, true for failed.
    private final Deque<Boolean> ends = new ArrayDeque<>();

    private int failures;

    /// Counts how often it began to fail; who was let in before is old news.
    private long era;

    private int pauses;
    private long pausedUntil;

    // While it returns.

    private final Set<Entry> inside = new HashSet<>();
    private int most;
    private int wellOfStep;
    private int failedOfStep;

    /// How a job that was let in ended.
    enum Verdict {
        /// What it depends on is well.
        WELL,
        /// What it depends on failed.
        FAILED,
        /// It says nothing about that.
        NOTHING
    }

    /// A job that was let in.
    static final class Entry {
        private final long era;
        private final long overdueAt;

        private Entry(long era, long overdueAt) {
            this.era = era;
            this.overdueAt = overdueAt;
        }
    }

    /// @param usual how many of its jobs there are at once at most when all is well
    /// @param changed is called when more or fewer jobs may begin than before
    Circuit(
            String name,
            LongSupplier nanos,
            RandomGenerator random,
            IntSupplier usual,
            Runnable changed) {
        this.name = name;
        this.nanos = nanos;
        this.random = random;
        this.usual = usual;
        this.changed = changed;
    }

    String name() {
        return name;
    }

    /// How many more jobs may begin now; [Integer#MAX_VALUE] for any number.
    synchronized int room() {
        look();
        return switch (state) {
            case WELL -> Integer.MAX_VALUE;
            case FAILING -> 0;
            case RETURNING -> Math.max(0, most - inside.size());
        };
    }

    /// For how many nanoseconds nothing changes by itself.
    synchronized long quietNanos() {
        look();
        return switch (state) {
            case WELL -> Long.MAX_VALUE;
            case FAILING -> pausedUntil - now();
            case RETURNING ->
                    inside.stream()
                            .mapToLong(entry -> entry.overdueAt - now())
                            .min()
                            .orElse(Long.MAX_VALUE);
        };
    }

    /// A job wants to begin.
    ///
    /// @param timeout how long it may take
    /// @return null if it may not; or else to be [#leave]d by
    @Nullable Entry enter(Duration timeout) {
        Entry entry;
        synchronized (this) {
            if (room() == 0) {
                return null;
            }
            entry = new Entry(era, now() + timeout.plus(OVERDUE).toNanos());
            if (state == DownstreamLook.State.WELL) {
                return entry;
            }
            inside.add(entry);
        }
        changed.run();
        return entry;
    }

    /// A job that was let in has ended, or did not begin after all.
    ///
    /// @param why in words, if it failed
    void leave(Entry entry, Verdict verdict, String why) {
        boolean isNews;
        synchronized (this) {
            look();
            boolean wasInside = inside.remove(entry);
            isNews = wasInside;
            if (entry.era == era) {
                switch (state) {
                    case WELL -> isNews |= count(verdict, why);
                    case FAILING -> {}
                    case RETURNING -> {
                        if (wasInside) {
                            step(verdict, why);
                        }
                    }
                }
            }
        }
        if (isNews) {
            changed.run();
        }
    }

    private long now() {
        return nanos.getAsLong();
    }

    /// What time alone has changed.
    private void look() {
        if (state == DownstreamLook.State.FAILING && pausedUntil - now() <= 0) {
            state = DownstreamLook.State.RETURNING;
            grow(1);
        }
        if (state == DownstreamLook.State.RETURNING) {
            // One that does not end, whatever is done to it, must not keep all others out.
            for (Entry entry : Set.copyOf(inside)) {
                if (entry.overdueAt - now() <= 0 && inside.remove(entry)) {
                    step(Verdict.FAILED, "A job that did not end");
                }
            }
        }
    }

    /// @return whether it fails now
    private boolean count(Verdict verdict, String why) {
        if (verdict == Verdict.NOTHING) {
            return false;
        }
        boolean failed = verdict == Verdict.FAILED;
        ends.addLast(failed);
        failures += failed ? 1 : 0;
        if (ends.size() > DownstreamLook.ENDS_MAX && ends.removeFirst()) {
            failures--;
        }
        if (failures < DownstreamLook.FAILURES_MAX) {
            return false;
        }
        fail("%d of the last %d jobs".formatted(failures, ends.size()), why);
        return true;
    }

    /// More are let in when more than half of as many as are let in went well, and none any more
    /// when half of them failed. So what fails now and then, as it always did, comes back, too.
    private void step(Verdict verdict, String why) {
        switch (verdict) {
            case NOTHING -> {}
            case WELL -> {
                if (2 * ++wellOfStep > most) {
                    if (2L * most >= usual.getAsInt()) {
                        returned();
                    } else {
                        grow(2 * most);
                    }
                }
            }
            case FAILED -> {
                if (2 * ++failedOfStep >= most) {
                    fail("%d of %d jobs that tried".formatted(failedOfStep, most), why);
                }
            }
        }
    }

    private void grow(int atOnce) {
        most = atOnce;
        wellOfStep = 0;
        failedOfStep = 0;
    }

    private void fail(String what, String why) {
        long longest = FIRST_PAUSE.toNanos() << Math.min(pauses++, DOUBLINGS_MAX);
        long half = Math.min(longest, LONGEST_PAUSE.toNanos()) / 2;
        long pause = half + random.nextLong(half + 1);
        pausedUntil = now() + pause;
        state = DownstreamLook.State.FAILING;
        era++;
        forget();
        LOGGER.log(
                // Those after it are the same failure.
                pauses == 1 ? System.Logger.Level.WARNING : System.Logger.Level.INFO,
                ("%s that depend on %s failed, the last one by: %s. None begins here for %d ms;"
                                + " then one is tried. They wait in their queues and use no"
                                + " attempt.")
                        .formatted(what, name, why, TimeUnit.NANOSECONDS.toMillis(pause)));
    }

    private void returned() {
        state = DownstreamLook.State.WELL;
        pauses = 0;
        forget();
        LOGGER.log(
                System.Logger.Level.INFO,
                "Jobs that depend on %s go well: they begin here as usual.".formatted(name));
    }

    private void forget() {
        ends.clear();
        failures = 0;
        inside.clear();
    }

    synchronized DownstreamLook show() {
        look();
        return new DownstreamLook(
                name,
                state,
                failures,
                ends.size(),
                switch (state) {
                    case WELL -> Integer.MAX_VALUE;
                    case FAILING -> 0;
                    case RETURNING -> most;
                },
                state == DownstreamLook.State.FAILING
                        ? Duration.ofNanos(pausedUntil - now())
                        : Duration.ZERO);
    }
}
