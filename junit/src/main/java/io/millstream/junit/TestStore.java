package io.millstream.junit;

import io.millstream.Millstream;
import io.millstream.api.MillstreamException;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.disk.FaultyDisk;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Everything that one test, or the tests of one class, are given. Closed in the reverse order of
/// opening.
final class TestStore implements AutoCloseable {
    private static final int CLOSE_SECONDS_MAX = 20;

    private final String owner;
    private final FaultyDisk disk;
    private final SurvivingBackend backend;
    private final Millstream millstream;
    private final MillstreamClock clock;
    private final Faults faults;
    private @Nullable SqsDoor sqs;
    private @Nullable JobTest jobs;

    private TestStore(String owner, Patience patience) {
        ManualClock time = new ManualClock();
        this.owner = owner;
        this.disk = new FaultyDisk(new MemoryDisk());
        this.backend = new SurvivingBackend(disk, time, patience);
        this.millstream = Millstream.over(backend);
        this.clock = new MillstreamClock(time, backend);
        this.faults = new Faults(disk, backend);
    }

    /// An empty store.
    ///
    /// @param owner whose it is, for messages
    /// @param patience how long it is waited for
    static TestStore open(String owner, Patience patience) {
        return new TestStore(owner, patience);
    }

    Millstream millstream() {
        return millstream;
    }

    MillstreamClock clock() {
        return clock;
    }

    Faults faults() {
        return faults;
    }

    /// Its port for clients of AWS, opened the first time.
    synchronized SqsEndpoint sqs() {
        SqsDoor door = sqs;
        if (door == null) {
            door = SqsDoor.open(backend);
            sqs = door;
        }
        return door.endpoint();
    }

    /// Its jobs, begun the first time.
    synchronized JobTest jobs() {
        JobTest begun = jobs;
        if (begun == null) {
            begun = new JobTest(backend, clock);
            jobs = begun;
        }
        return begun;
    }

    /// Closes all of it, whatever fails on the way.
    ///
    /// @throws MillstreamException if something failed, or the engine had stopped by itself
    @Override
    public synchronized void close() {
        disk.slow(Duration.ZERO);
        disk.full(false);
        JobTest begun = jobs;
        Throwable failure = closing(begun == null ? null : begun::close, null);
        failure = closing(sqs, failure);
        failure = closing(millstream, failure);
        if (failure != null) {
            throw new MillstreamException(
                    "The store of %s did not close in order: %s"
                            .formatted(owner, failure.getMessage()),
                    failure);
        }
        Throwable stoppedBy = backend.stoppedBy();
        if (stoppedBy != null) {
            throw new MillstreamException(
                    ("The store of %s had stopped by itself: %s. What the test did afterwards"
                                    + " proves nothing; if it broke the store on purpose, it has"
                                    + " to end with faults.crash(), which brings it back.")
                            .formatted(owner, stoppedBy.getMessage()),
                    stoppedBy);
        }
    }

    private static @Nullable Throwable closing(
            @Nullable AutoCloseable part, @Nullable Throwable before) {
        try {
            if (part != null) {
                close(part);
            }
            return before;
        } catch (Exception failed) {
            if (before == null) {
                return failed;
            }
            before.addSuppressed(failed);
            return before;
        }
    }

    /// On a thread of its own, which is left alone if it does not end: a test whose sink blocks
    /// must not hang when it is over.
    private static void close(AutoCloseable part) throws Exception {
        FutureTask<Void> closing =
                new FutureTask<>(() -> {
                    part.close();
                    return null;
                });
        Thread.ofPlatform().name("millstream-closing").daemon().start(closing);
        try {
            closing.get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new MillstreamException(
                    ("It is not closed after %d s. A sink, or what hangs on a stage of the seam,"
                                    + " blocks the thread that answers.")
                            .formatted(CLOSE_SECONDS_MAX),
                    late);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception known ? known : failed;
        }
    }
}
