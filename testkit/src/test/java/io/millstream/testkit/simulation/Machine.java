package io.millstream.testkit.simulation;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineStats;
import io.millstream.engine.Restore;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// A disk, a clock, and the engine that runs on them, one step at a time.
final class Machine {
    private static final int CHECKPOINT_HEADER_BYTES = 4096;
    private static final int CHECKPOINT_NUMBER_AT = 16;
    private static final long RING_BYTES_ENOUGH = 512 << 10;

    /// More rounds than anything may take that ends at all.
    private static final int ROUNDS_MAX = 20_000;

    private final Plan plan;
    private final RandomGenerator random;
    private final Trace trace;
    private final SimulatedDisk disk;
    private final ManualClock clock = new ManualClock();
    private Engine.Stepped engine;
    private long latestAtOpen;
    private long nanosAtOpen;
    private long passes;
    private boolean scarce;
    private Throwable broken;

    /// How many messages of a queue may be handed out, or wait for its dead-letter queue, however
    /// short heap is.
    static final int FRESH_ALWAYS = 16;

    /// The engine waits for room on the disk: see [#isFull].
    static final class FullLog extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    Machine(Plan plan, RandomGenerator random, Trace trace) {
        this.plan = plan;
        this.random = random;
        this.trace = trace;
        this.disk = new SimulatedDisk(new java.util.SplittableRandom(random.nextLong()));
    }

    SimulatedDisk disk() {
        return disk;
    }

    ManualClock clock() {
        return clock;
    }

    Engine.Stepped engine() {
        return engine;
    }

    /// The position up to which the log is durable.
    long durable() {
        return engine.engine().stats().logEnd();
    }

    /// The engine's clock shows this or less. It runs at most a twentieth fast.
    long latest() {
        long passed = (clock.nanos() - nanosAtOpen) / 1_000_000;
        return latestAtOpen + passed + passed / 20 + 2;
    }

    /// Opens the engine on what the disk has.
    void open() throws IOException {
        latestAtOpen = Math.max(clock.wallMillis(), engine == null ? 0 : latest());
        nanosAtOpen = clock.nanos();
        Engine.Stepped opened = openOnce();
        if (random.nextInt(4) == 0) {
            // Nothing has been written since: whoever opens it now must find the same.
            opened.loop();
            byte[] first = opened.snapshot();
            long heapBytes = opened.engine().stats().heapBytes();
            disk.kill();
            opened = openOnce();
            opened.loop();
            PromiseBroken.unless(
                    Arrays.equals(first, opened.snapshot()),
                    "log",
                    "The same log was folded to two different states");
            requireSameWithoutCheckpoint(first, heapBytes, opened.now());
        }
        // Nobody has the engine before its epoch is durable.
        long begun = opened.engine().stats().logEnd();
        for (int round = 0; opened.engine().stats().logEnd() == begun; round++) {
            PromiseBroken.unless(round < 100, "log", "The first frame was never written");
            opened.loop();
            opened.writer();
            opened.background();
        }
        engine = opened;
        trace.tell(() -> "opened, durable to " + durable());
    }

    /// What the newest checkpoint says is what the log says that it was made of, as far as that is
    /// still there: from the checkpoint before it on, or from the beginning.
    private void requireSameWithoutCheckpoint(byte[] state, long heapBytes, long now)
            throws IOException {
        SimulatedDisk copy = disk.copy(new java.util.SplittableRandom(random.nextLong()));
        for (int files = 0; files < 2; files++) {
            String newest = newestCheckpoint(copy);
            if (newest.isEmpty()) {
                return;
            }
            copy.delete(newest);
            Engine.Stepped other;
            try {
                other = openOn(copy.copy(new java.util.SplittableRandom(files)));
            } catch (IOException gone) {
                trace.tell(() -> "the log before the checkpoint is gone");
                return;
            }
            other.loop();
            // Where the wall clock has jumped, the engine's begins where the last frame it knows of
            // left it, or the checkpoint, and all that is due follows it.
            PromiseBroken.unless(
                    other.now() != now
                            || plan.features().fair()
                            || Arrays.equals(state, other.snapshot()),
                    "log",
                    "The checkpoint is not what the log before it says");
            long otherBytes = other.engine().stats().heapBytes();
            PromiseBroken.unless(
                    other.now() != now || plan.features().fair() || heapBytes == otherBytes,
                    "heap",
                    "What takes %d bytes takes %d without the checkpoint",
                    heapBytes,
                    otherBytes);
        }
    }

    private static String newestCheckpoint(SimulatedDisk any) throws IOException {
        String newest = "";
        long most = -1;
        for (String name : any.list()) {
            if (name.startsWith("checkpoint-") && any.size(name) >= CHECKPOINT_HEADER_BYTES) {
                try (StoredFile file = any.open(name)) {
                    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
                    file.read(number, CHECKPOINT_NUMBER_AT);
                    if (number.getLong(0) > most) {
                        most = number.getLong(0);
                        newest = name;
                    }
                }
            }
        }
        return newest;
    }

    private Engine.Stepped openOnce() throws IOException {
        return openOn(disk);
    }

    /// An engine on any disk, which nobody else uses.
    Engine.Stepped openOn(SimulatedDisk any) throws IOException {
        return Engine.openStepped(any, plan.options(time()));
    }

    /// A disk with what a backup's archive holds, after a power cut that took all that was not
    /// synced.
    SimulatedDisk restored(byte[] archive, RandomGenerator dice) throws IOException {
        SimulatedDisk target = new SimulatedDisk(new java.util.SplittableRandom(dice.nextLong()));
        Restore.into(target, new ByteArrayInputStream(archive), plan.options(time()));
        target.crash();
        return target;
    }

    /// Without listeners: the engines of earlier boots are not to be kept.
    private TimeSource time() {
        return new TimeSource() {
            @Override
            public long wallMillis() {
                return clock.wallMillis();
            }

            @Override
            public long nanos() {
                return clock.nanos();
            }
        };
    }

    /// Whether the engine waits for room: nothing can be settled in a log that is full to its last
    /// block.
    boolean isFull() {
        return isLogFull() || isHeapShort();
    }

    /// Whether the log or the disk is full, so that nothing can be noted any more.
    boolean isLogFull() {
        EngineStats stats = engine.engine().stats();
        return mayBeFull()
                && (stats.logFiles() >= plan.log().filesMax()
                        || (!stats.shortage().isEmpty() && !isHeapShort()));
    }

    /// Whether heap is so short that messages may have to wait for others to be settled.
    boolean isHeapShort() {
        EngineStats stats = engine.engine().stats();
        return stats.heapBytes() >= stats.heapBytesMax() / 16 * 14 - HeapCosts.DELIVERY;
    }

    /// Whether that may be: where the heap is bounded or the disk's room is part of the run, or the
    /// ring is so small that what it keeps free for settles is a few blocks.
    boolean mayBeFull() {
        return scarce
                || plan.trouble() == Plan.Trouble.FULL
                || plan.heapBytes() < Long.MAX_VALUE
                || (long) plan.log().fileBytes() * plan.log().filesMax() < RING_BYTES_ENOUGH;
    }

    /// The disk has so much room from now on.
    void capacity(long bytes) {
        disk.capacity(bytes);
        scarce = bytes < Long.MAX_VALUE || scarce;
    }

    /// The disk has all the room that it needs, to the end.
    void plenty() {
        disk.capacity(Long.MAX_VALUE);
        // A disk that was full is tried again after a while.
        pass(Duration.ofSeconds(2));
        scarce = false;
    }

    void pass(Duration time) {
        clock.advance(time);
        passes++;
        trace.tell(() -> time + " pass");
    }

    /// How often time has passed: in between, it stands still.
    long passes() {
        return passes;
    }

    /// Everything that can be done without time passing is done.
    void settle() throws IOException {
        settle(engine);
    }

    void settle(Engine.Stepped any) throws IOException {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            boolean worked = any.loop();
            worked |= any.writer();
            worked |= any.background();
            worked |= any.reader();
            worked |= any.answers();
            requireUnbroken();
            if (!worked) {
                return;
            }
        }
        throw new PromiseBroken("engine", "The engine works on and on");
    }

    /// A promise was broken where the engine would have caught the error.
    void broken(Throwable why) {
        if (broken == null) {
            broken = why;
        }
    }

    /// Throws what [#broken] was told.
    void requireUnbroken() {
        switch (broken) {
            case null -> {}
            case PromiseBroken promise -> throw promise;
            default -> throw new PromiseBroken("simulation", broken.toString());
        }
        long mistakes = engine == null ? 0 : engine.engine().stats().mistakes();
        PromiseBroken.unless(
                mistakes == 0, "engine", "Deciding %d requests failed: see the log", mistakes);
    }
}
