package io.millstream.engine;

import io.millstream.api.MillstreamException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Runs the steps of an [EngineCore], each kind on a thread of its own.
final class EngineThreads {
    private static final long IDLE_NANOS = 50_000_000L;

    /// Between two steps of background work that nobody waits for: its syncs make those of the log
    /// slower. With steps of a quarter of a mebibyte it takes up to 50 MB/s of the disk.
    private static final long PACE_NANOS = 5_000_000L;

    private final EngineCore core;
    private final Consumer<Throwable> onBroken;
    private final Signal writing = new Signal();
    private final Signal working = new Signal();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final Thread loop;
    private final Thread writer;
    private final Thread background;
    private final Thread reader;
    private final Thread answerer;
    private volatile boolean killed;
    private volatile boolean loopEnded;
    private volatile boolean allEnded;

    EngineThreads(EngineCore core, Consumer<Throwable> onBroken) {
        this.core = core;
        this.onBroken = onBroken;
        this.loop = named("millstream-loop", this::runLoop);
        this.writer = named("millstream-writer", guarded(this::runWriter));
        this.background = named("millstream-background", guarded(this::runBackground));
        this.reader = named("millstream-reader", guarded(this::runReader));
        this.answerer = named("millstream-answers", this::runAnswers);
    }

    private static Thread named(String name, Runnable body) {
        return Thread.ofPlatform().name(name).daemon().unstarted(body);
    }

    void start() {
        writer.start();
        background.start();
        reader.start();
        answerer.start();
        loop.start();
    }

    /// Waits until the first frame of this opening is durable.
    void awaitReady() throws IOException {
        join(ready::await);
        Throwable why = broken.get();
        if (why != null) {
            throw new IOException(why.getMessage(), why);
        }
    }

    private void runLoop() {
        try {
            long opened = core.log().appender().position();
            while (!killed && !core.loop().isFinished()) {
                boolean worked = core.loop().step();
                if (!core.log().writer().isIdle()) {
                    writing.give();
                }
                if (core.log().writer().durable() > opened) {
                    ready.countDown();
                }
                if (core.background().isAsked() || core.log().ring().wantsPreparing()) {
                    working.give();
                }
                if (!worked) {
                    core.looping().await(core.loop().idleNanos());
                }
            }
        } catch (Throwable failed) {
            broken.compareAndSet(null, failed);
        } finally {
            core.abandon();
            loopEnded = true;
            ready.countDown();
            writing.give();
            working.give();
            core.answering().give();
        }
    }

    /// Whatever a thread dies of ends the engine: one that lacks a part would hang.
    private Runnable guarded(Runnable body) {
        return () -> {
            try {
                body.run();
            } catch (Throwable failed) {
                fail(failed);
            }
        };
    }

    private void fail(Throwable why) {
        broken.compareAndSet(null, why);
        killed = true;
        core.looping().give();
    }

    private void runWriter() {
        while (!loopEnded) {
            if (core.log().writer().step()) {
                if (core.log().writer().isSynced() || core.answers().waitsForWrite()) {
                    core.looping().give();
                }
            } else {
                writing.await(IDLE_NANOS);
            }
        }
    }

    private void runBackground() {
        while (!loopEnded) {
            if (!core.background().step()) {
                working.await(IDLE_NANOS);
                continue;
            }
            core.looping().give();
            if (!core.log().ring().isShort()) {
                LockSupport.parkNanos(PACE_NANOS);
            }
        }
    }

    private void runReader() {
        while (!loopEnded) {
            if (!core.reads().step()) {
                core.reading().await(IDLE_NANOS);
            }
        }
    }

    private void runAnswers() {
        while (!loopEnded || !allEnded) {
            if (!runSome()) {
                core.answering().await(IDLE_NANOS);
                allEnded = loopEnded;
            }
        }
        runSome();
        core.reads().failAll();
        Throwable why = broken.get();
        if (why != null) {
            onBroken.accept(why);
        }
    }

    private boolean runSome() {
        try {
            return core.answers().run();
        } catch (Throwable failed) {
            // An answer that cannot be given would be missed by nobody but its asker.
            fail(failed);
            return true;
        }
    }

    /// Stops after the step that is under way, leaving everything else undone.
    void kill() {
        killed = true;
        core.looping().give();
        end();
    }

    /// Stops in order: finishes what is in flight, stores a checkpoint, ends the threads, closes
    /// the files.
    void stop() {
        core.stopSoon();
        end();
    }

    private void end() {
        join(loop::join);
        join(writer::join);
        join(background::join);
        join(reader::join);
        join(answerer::join);
        try {
            core.log().close();
            core.disk().close();
        } catch (IOException failed) {
            throw new MillstreamException(
                    "Closing the data directory failed: "
                            + failed.getMessage()
                            + ". Everything acknowledged is on disk.",
                    failed);
        }
    }

    private interface Joining {
        void join() throws InterruptedException;
    }

    private static void join(Joining joining) {
        boolean interrupted = false;
        while (true) {
            try {
                joining.join();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
