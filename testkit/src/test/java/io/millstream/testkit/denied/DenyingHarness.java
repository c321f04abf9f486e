package io.millstream.testkit.denied;

import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.memory.MemoryBackend;

import java.time.Duration;
import java.util.Set;

/// The memory backend without one feature.
final class DenyingHarness implements Harness {

    private final ManualClock clock = new ManualClock();
    private final MemoryBackend memory = new MemoryBackend(clock);
    private final Backend backend;

    DenyingHarness(Feature denied) {
        backend = new DenyingBackend(memory, Set.of(denied), clock::now);
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public void advance(Duration by) {
        clock.advance(by);
    }

    @Override
    public void jumpWall(Duration by) {
        clock.jumpWall(by);
    }

    @Override
    public Backend restart() {
        memory.restart();
        return backend;
    }

    @Override
    public TimeSource time() {
        return clock;
    }

    @Override
    public void close() {
        memory.close();
    }
}
