package io.millstream.engine;

import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;

import java.time.Duration;
import java.util.function.Consumer;

/// How an engine uses its machine. The defaults are right for one machine; tests make everything
/// small.
///
/// @param log how the log is laid out
/// @param checkpointBytes a checkpoint is written when the log has grown by so much
/// @param evacuation when unsettled messages are moved out of the log
/// @param sliceBytes how much of a checkpoint is written down between two things that the loop does
/// @param queuedBytesMax how many bytes of commits may wait to be decided before publishes are
///   refused as busy
/// @param heapBytesMax how much heap may be used for what is known of unsettled messages, topics
///   and rows; publishes are refused as busy before it is used up
/// @param grace how much longer timed leases last at least after a restart, so that holders can
///   come back
/// @param vouch how soon after the last acknowledged frame an empty one proves it
/// @param time the clocks
public record EngineOptions(
        Log.Settings log,
        long checkpointBytes,
        EvacuationPolicy evacuation,
        int sliceBytes,
        long queuedBytesMax,
        long heapBytesMax,
        Duration grace,
        Duration vouch,
        TimeSource time) {

    private static final int MIB = 1 << 20;
    private static final long HEAP_BYTES_MAX = Runtime.getRuntime().maxMemory() / 2;
    private static final int SLICE_BYTES = 128 << 10;

    /// For a directory on a disk: a ring of sixteen files of 64 MiB.
    public static EngineOptions standard() {
        return new EngineOptions(
                new Log.Settings(64 * MIB, 16, 4 * MIB, 32L * MIB),
                128L * MIB,
                EvacuationPolicy.STANDARD,
                SLICE_BYTES,
                64L * MIB,
                HEAP_BYTES_MAX,
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                TimeSource.system());
    }

    /// For a disk in memory: the same in small.
    public static EngineOptions inMemory() {
        return new EngineOptions(
                new Log.Settings(32 * MIB, 16, MIB, 4L * MIB),
                32L * MIB,
                EvacuationPolicy.STANDARD,
                SLICE_BYTES,
                64L * MIB,
                HEAP_BYTES_MAX,
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                TimeSource.system());
    }

    /// The same with other clocks.
    public EngineOptions withTime(TimeSource other) {
        return with(draft -> draft.time = other);
    }

    /// The same with another log.
    public EngineOptions withLog(Log.Settings other) {
        return with(draft -> draft.log = other);
    }

    /// The same with another distance between checkpoints.
    public EngineOptions withCheckpointBytes(long other) {
        return with(draft -> draft.checkpointBytes = other);
    }

    /// The same with what outlives its log file moved at other times.
    public EngineOptions withEvacuation(EvacuationPolicy other) {
        return with(draft -> draft.evacuation = other);
    }

    /// The same with another bound of what may wait to be decided.
    public EngineOptions withQueuedBytesMax(long other) {
        return with(draft -> draft.queuedBytesMax = other);
    }

    /// The same with another bound of the heap for what is known.
    public EngineOptions withHeapBytesMax(long other) {
        return with(draft -> draft.heapBytesMax = other);
    }

    private EngineOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return new EngineOptions(
                draft.log,
                draft.checkpointBytes,
                draft.evacuation,
                sliceBytes,
                draft.queuedBytesMax,
                draft.heapBytesMax,
                grace,
                vouch,
                draft.time);
    }

    /// What may differ.
    private static final class Draft {
        private Log.Settings log;
        private long checkpointBytes;
        private EvacuationPolicy evacuation;
        private long queuedBytesMax;
        private long heapBytesMax;
        private TimeSource time;

        Draft(EngineOptions options) {
            this.log = options.log;
            this.checkpointBytes = options.checkpointBytes;
            this.evacuation = options.evacuation;
            this.queuedBytesMax = options.queuedBytesMax;
            this.heapBytesMax = options.heapBytesMax;
            this.time = options.time;
        }
    }
}
