package io.millstream.testkit.simulation;

import io.millstream.engine.EngineOptions;
import io.millstream.engine.EvacuationPolicy;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// What one run is like; drawn from its seed. Everything is tiny, so that the ends of files, full
/// rings and checkpoints are met all the time.
///
/// @param trouble what goes wrong in it
/// @param steps how many steps it has
/// @param log the log's layout
/// @param checkpointBytes the distance between checkpoints
/// @param graceMillis how long timed leases last at least after a restart
/// @param clients how many there are
/// @param queues how many names of queues they use
/// @param cancels whether takes are called off, which may change the order of first deliveries
/// @param auto whether the first queue is taken from without settling
/// @param drops whether queues may drop what has used its attempts up, which hides a loss
/// @param expires whether queues drop what has become too old and refuse what is too large
/// @param features what of what queues can do is used
/// @param stepsPerCrash how many steps lie between two ends of the engine, about
/// @param weights how often each kind of step is chosen
record Plan(
        Trouble trouble,
        int steps,
        Log.Settings log,
        long checkpointBytes,
        long graceMillis,
        int clients,
        int queues,
        boolean cancels,
        boolean auto,
        boolean drops,
        boolean expires,
        Features features,
        int stepsPerCrash,
        Weights weights) {
    private static final long HEAP_BYTES_MIN = 16 << 10;
    private static final int KIB = 1 << 10;
    private static final long QUEUED_BYTES = 8L << 20;

    /// What goes wrong.
    enum Trouble {
        /// The engine only stops in order.
        NOTHING,
        /// Kills and power cuts.
        CRASHES,
        /// These, and writes and syncs that fail.
        FAILURES,
        /// Crashes, and a disk that is full now and then.
        FULL,
        /// Bits that turn over while nothing runs.
        FLIPS
    }

    /// How often each kind of step is chosen.
    record Weights(int loop, int writer, int background, int answers, int client, int time) {
        int sum() {
            return loop + writer + background + answers + client + time;
        }
    }

    /// @param expires drawn apart, so that the seeds without are what they were before
    /// @param features as well
    static Plan draw(RandomGenerator random, boolean expires, Features features) {
        Trouble[] often = {
            Trouble.CRASHES,
            Trouble.CRASHES,
            Trouble.CRASHES,
            Trouble.FAILURES,
            Trouble.FULL,
            Trouble.FLIPS,
            Trouble.NOTHING
        };
        Trouble trouble = often[random.nextInt(often.length)];
        int fileBytes = (32 * KIB) << random.nextInt(4);
        int files = random.nextInt(4, 13);
        Log.Settings log =
                new Log.Settings(
                        fileBytes,
                        files,
                        (4 * KIB) << random.nextInt(6),
                        (8L * KIB) << random.nextInt(6));
        return new Plan(
                trouble,
                random.nextInt(200, 2500),
                log,
                random.nextLong(4 * KIB, 1 + (long) fileBytes * files / 2),
                random.nextBoolean() ? 5000 : random.nextInt(1, 200),
                random.nextInt(1, 5),
                random.nextInt(1, 6),
                random.nextInt(3) == 0,
                random.nextInt(4) == 0,
                random.nextInt(5) == 0,
                expires,
                features,
                random.nextInt(20, 250),
                new Weights(
                        weight(random),
                        weight(random),
                        weight(random),
                        weight(random),
                        weight(random),
                        random.nextInt(3)));
    }

    private static int weight(RandomGenerator random) {
        return random.nextInt(4) == 0 ? random.nextInt(1, 4) : random.nextInt(4, 13);
    }

    boolean crashes() {
        return trouble != Trouble.NOTHING && trouble != Trouble.FLIPS;
    }

    /// In every second run so few that a crash or a change can come between any two parts of a
    /// state; in the others the whole state, so that crashes hit the end of a checkpoint, too.
    private int sliceBytes() {
        return checkpointBytes % 2 == 0 ? (int) (1 + checkpointBytes % 701) : 64 * KIB;
    }

    /// In half of the runs as usual; in the others files are emptied as soon as the log has left
    /// them, segments are merged that are almost full, or both.
    private EvacuationPolicy evacuation() {
        EvacuationPolicy usual = EvacuationPolicy.STANDARD;
        return switch ((int) (checkpointBytes / 11 % 6)) {
            case 0 -> new EvacuationPolicy(0, usual.sparseSegments(), usual.sparseShare());
            case 1 -> new EvacuationPolicy(usual.ringShare(), 2, 0.99);
            case 2 -> new EvacuationPolicy(0, 2, 0.99);
            default -> usual;
        };
    }

    /// In every eighth run so little that publishes and takes are refused for it.
    long heapBytes() {
        return checkpointBytes / 7 % 8 == 0
                ? HEAP_BYTES_MIN + checkpointBytes % HEAP_BYTES_MIN
                : Long.MAX_VALUE;
    }

    EngineOptions options(TimeSource time) {
        return new EngineOptions(
                log,
                checkpointBytes,
                evacuation(),
                sliceBytes(),
                QUEUED_BYTES,
                heapBytes(),
                Duration.ofMillis(graceMillis),
                Duration.ofMillis(100),
                time);
    }
}
