package io.millstream.bench.engine;

import io.millstream.bench.Figures;
import io.millstream.bench.Machine;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineStats;

import org.HdrHistogram.Histogram;

import java.nio.file.Path;

/// What came of a load, added up over its slices.
final class Measured {
    private final Load load;
    private final Histogram acks = Figures.latencies();
    private final Histogram probe = Figures.latencies();
    private final Histogram busyProbe = Figures.latencies();
    private double seconds;
    private long messages;
    private long syncs;
    private long syncNanos;
    private long logBytes;
    private long diskBytes;
    private double own;
    private double others;
    private double stolen;

    Measured(Load load) {
        this.load = load;
    }

    Load load() {
        return load;
    }

    /// Times of acknowledgement in microseconds.
    Histogram acks() {
        return acks;
    }

    /// Times of the disk probe in microseconds, taken between the slices.
    Histogram probe() {
        return probe;
    }

    /// Times of the disk probe beside a program that is as busy as the measured one was.
    Histogram busyProbe() {
        return busyProbe;
    }

    /// What the engine and the machine had done at one moment.
    record Moment(
            long nanos,
            EngineStats stats,
            long diskBytes,
            double own,
            double others,
            double stolen) {
        static Moment now(Engine engine, Path data) {
            double own = Machine.ownSeconds();
            return new Moment(
                    System.nanoTime(),
                    engine.stats(),
                    Machine.bytesWritten(data),
                    own,
                    Machine.busySeconds() - own,
                    Machine.stolenSeconds());
        }
    }

    void add(Moment before, Moment after, long through) {
        seconds += (after.nanos - before.nanos) / 1e9;
        messages += through;
        syncs += after.stats.syncs() - before.stats.syncs();
        syncNanos += after.stats.syncNanos() - before.stats.syncNanos();
        logBytes += after.stats.logEnd() - before.stats.logEnd();
        diskBytes += after.diskBytes - before.diskBytes;
        own += after.own - before.own;
        others += after.others - before.others;
        stolen += after.stolen - before.stolen;
    }

    /// How many processors worked for others meanwhile, or were not given to this machine.
    double disturbance() {
        return Math.max(0, others + stolen) / seconds;
    }

    /// How many processors the engine, its publisher and its consumer kept busy.
    double cores() {
        return own / seconds;
    }

    /// How much processor time a message took, its publisher and consumer included.
    double processorMicros() {
        return own * 1e6 / Math.max(1, messages);
    }

    double seconds() {
        return seconds;
    }

    double perSecond() {
        return messages / seconds;
    }

    double syncsPerSecond() {
        return syncs / seconds;
    }

    double meanSyncMicros() {
        return syncNanos / 1e3 / Math.max(1, syncs);
    }

    double frameBytes() {
        return (double) logBytes / Math.max(1, syncs);
    }

    /// How many bytes the whole machine wrote to the disk for each byte of a body.
    double amplification() {
        return (double) diskBytes / Math.max(1, messages * load.bytes());
    }

    long messages() {
        return messages;
    }
}
