package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.memory.MemoryBackend;

/// The stores that tests of jobs run on.
enum Store {
    /// The engine with its own threads, on a disk in memory.
    ENGINE,
    /// The model of the seam.
    MODEL;

    Backend open(ManualClock clock) {
        return switch (this) {
            case ENGINE -> Engine.open(new MemoryDisk(), EngineOptions.inMemory().withTime(clock));
            case MODEL -> new MemoryBackend(clock);
        };
    }
}
