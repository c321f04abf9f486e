package io.millstream.bench.jobs;

import io.millstream.bench.Figures;
import io.millstream.bench.engine.Pace;

import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Threads that enqueue jobs, each of them one after the other.
final class Callers {
    private static final long LOOK_NANOS = 1_000_000L;
    private static final long FIRST_SECONDS = 60;
    private static final long REST_SECONDS = 15;

    private final Contender contender;
    private final int threads;
    private final int batch;
    private final AtomicLong enqueued = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean ended;

    /// What a caller does again and again until it says that there is no more.
    private interface Step {
        boolean done() throws Exception;
    }

    /// @param threads how many callers
    /// @param batch how many jobs each of them enqueues at once
    Callers(Contender contender, int threads, int batch) {
        this.contender = contender;
        this.threads = threads;
        this.batch = batch;
    }

    /// Enqueues as fast as it goes, while nobody works. How long a call takes is noted.
    Outcome enqueue(double seconds) throws Exception {
        ConcurrentHistogram micros = new ConcurrentHistogram(3);
        Watchman watchman = new Watchman(contender);
        List<Thread> running =
                start(() -> {
                    long began = System.nanoTime();
                    submit();
                    micros.recordValue((System.nanoTime() - began) / 1000);
                    return ended;
                });
        pause(seconds);
        end(running);
        return watchman.ended(enqueued.get(), micros);
    }

    /// Enqueues while workers work, as fast as it goes with so many jobs on their way at most. What
    /// counts is what is done, from when the workers got going.
    ///
    /// @param waiting how many jobs there are before it begins, and when it ends
    Outcome flow(double seconds, int outstanding, long waiting) throws Exception {
        long before = contender.done();
        Semaphore room = new Semaphore(outstanding);
        List<Thread> running =
                start(() -> {
                    room.acquire(batch);
                    if (!ended) {
                        submit();
                    }
                    return ended;
                });
        Thread looking =
                Thread.ofPlatform()
                        .name("bench-room")
                        .start(() -> {
                            long seen = before;
                            while (!ended) {
                                long now = contender.done();
                                room.release((int) (now - seen));
                                seen = now;
                                LockSupport.parkNanos(LOOK_NANOS);
                            }
                            room.release(threads * batch);
                        });
        try {
            await(before + Math.min(outstanding, 2L * batch), FIRST_SECONDS);
            Watchman watchman = new Watchman(contender);
            pause(seconds);
            return watchman.ended(Figures.latencies());
        } finally {
            end(running);
            looking.join();
            if (waiting == 0) {
                rest(before + enqueued.get());
            }
        }
    }

    /// Has so many jobs enqueued and done, as fast as it goes with so many on their way at most.
    Outcome through(long jobs, int outstanding) throws Exception {
        long before = contender.done();
        Watchman watchman = new Watchman(contender);
        List<Thread> running =
                start(() -> {
                    while (enqueued.get() - (contender.done() - before) > outstanding) {
                        LockSupport.parkNanos(LOOK_NANOS);
                    }
                    submit();
                    return enqueued.get() >= jobs;
                });
        join(running);
        var _ = await(before + enqueued.get(), FIRST_SECONDS);
        return watchman.ended(Figures.latencies());
    }

    /// Has the workers do what is there already. What counts is what is done, from when they got
    /// going, until so many seconds are over or all is done.
    ///
    /// @param waiting how many jobs there are
    static Outcome drain(Contender contender, double seconds, long waiting) throws Exception {
        long before = contender.done();
        contender.startWorkers();
        Callers none = new Callers(contender, 0, 1);
        none.await(before + Math.min(waiting, 1), FIRST_SECONDS);
        Watchman watchman = new Watchman(contender);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (contender.done() < before + waiting && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return watchman.ended(Figures.latencies());
    }

    /// Enqueues jobs while workers work, at even distances, each counted from when it was due. What
    /// is noted is how long it took until each began.
    Outcome open(double seconds, double perSecond) throws Exception {
        long before = contender.done();
        var _ = contender.starts();
        double gap = 1e9 / perSecond;
        long count = (long) (seconds * perSecond);
        Watchman watchman = new Watchman(contender);
        long began = System.nanoTime();
        AtomicLong next = new AtomicLong();
        List<Thread> running =
                start(() -> {
                    long number = next.getAndIncrement();
                    if (number >= count) {
                        return true;
                    }
                    long due = Pace.due(began, number, gap);
                    Pace.await(due);
                    contender.enqueue(Work.of(due));
                    enqueued.incrementAndGet();
                    return false;
                });
        join(running);
        rest(before + count);
        Outcome outcome = watchman.ended(contender.starts());
        return outcome.at(perSecond);
    }

    /// How many jobs were enqueued.
    long enqueued() {
        return enqueued.get();
    }

    private void submit() throws Exception {
        if (batch == 1) {
            contender.enqueue(Work.now());
        } else {
            contender.enqueueAll(Work.now(batch));
        }
        enqueued.addAndGet(batch);
    }

    private List<Thread> start(Step step) {
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            started.add(Thread.ofVirtual().name("bench-caller-" + i).start(() -> run(step)));
        }
        return started;
    }

    private void run(Step step) {
        try {
            boolean last = false;
            while (!last) {
                last = step.done();
            }
        } catch (Exception failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private void end(List<Thread> running) throws Exception {
        ended = true;
        join(running);
    }

    private void join(List<Thread> running) throws Exception {
        for (Thread thread : running) {
            thread.join();
        }
        check();
    }

    private void check() throws IOException {
        Exception failed = failure.get();
        if (failed != null) {
            throw new IOException("A job could not be enqueued: " + failed, failed);
        }
    }

    /// Waits until all is done that was enqueued, so that what is lost, or done twice, is noticed.
    /// Who takes too long is not waited for.
    private void rest(long all) throws Exception {
        if (await(all, REST_SECONDS) && contender.done() > all) {
            throw new IllegalStateException(
                    "%d jobs were done more than once".formatted(contender.done() - all));
        }
        if (contender.done() < all) {
            System.err.printf(
                    "%d of the jobs that were enqueued are not done after %d s.%n",
                    all - contender.done(), REST_SECONDS);
        }
    }

    private boolean await(long done, long secondsMax) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
        while (contender.done() < done) {
            check();
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }
}
