package io.millstream.testkit.memory;

import io.millstream.api.Backend;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.contract.Harness;

import java.time.Duration;

/// The memory backend under the contracts.
public final class MemoryHarness implements Harness {

    private final ManualClock clock = new ManualClock();
    private final MemoryBackend backend = new MemoryBackend(clock);

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
        backend.restart();
        return backend;
    }

    @Override
    public TimeSource time() {
        return clock;
    }

    @Override
    public void close() {
        backend.close();
    }
}
