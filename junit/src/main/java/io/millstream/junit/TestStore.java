package io.millstream.junit;

import io.millstream.Millstream;
import io.millstream.api.MillstreamException;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.disk.FaultyDisk;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// Everything that one test, or the tests of one class, are given. Closed in the reverse order of
/// opening.
final class TestStore implements AutoCloseable {
    private final String owner;
    private final FaultyDisk disk;
    private final SurvivingBackend backend;
    private final Millstream millstream;
    private final MillstreamClock clock;
    private final Faults faults;
    private @Nullable SqsDoor sqs;

    private TestStore(String owner) {
        ManualClock time = new ManualClock();
        this.owner = owner;
        this.disk = new FaultyDisk(new MemoryDisk());
        this.backend = new SurvivingBackend(disk, time);
        this.millstream = Millstream.over(backend);
        this.clock = new MillstreamClock(time, backend);
        this.faults = new Faults(disk, backend);
    }

    /// An empty store.
    ///
    /// @param owner whose it is, for messages
    static TestStore open(String owner) {
        return new TestStore(owner);
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

    /// Closes all of it, whatever fails on the way.
    ///
    /// @throws MillstreamException if something failed, or the engine had stopped by itself
    @Override
    public synchronized void close() {
        disk.slow(Duration.ZERO);
        disk.full(false);
        Throwable failure = closing(sqs, null);
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
                part.close();
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
}
