package io.millstream.bench.jobs;

import io.millstream.bench.Machine;

import org.HdrHistogram.Histogram;

import java.time.Duration;
import java.util.List;

/// Notes what the machine and those who take part had done when something began, and tells what it
/// was until it ended. A process that ended meanwhile is not counted.
final class Watchman {
    private final Contender contender;
    private final long began = System.nanoTime();
    private final long done;
    private final double own;
    private final double busy;

    Watchman(Contender contender) {
        this.contender = contender;
        this.done = contender.done();
        this.own = seconds(contender.processes());
        this.busy = Machine.busySeconds() + Machine.stolenSeconds();
    }

    /// What came of it, where jobs that were done count.
    Outcome ended(Histogram micros) {
        return ended(contender.done() - done, micros);
    }

    /// What came of it.
    ///
    /// @param jobs how many
    Outcome ended(long jobs, Histogram micros) {
        double lasted = (System.nanoTime() - began) / 1e9;
        double used = seconds(contender.processes()) - own;
        double all = Machine.busySeconds() + Machine.stolenSeconds() - busy;
        return new Outcome(jobs / lasted, micros, jobs, used, Math.max(0, all - used) / lasted);
    }

    private static double seconds(List<ProcessHandle> processes) {
        return processes.stream()
                        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                        .mapToLong(Duration::toNanos)
                        .sum()
                / 1e9;
    }
}
