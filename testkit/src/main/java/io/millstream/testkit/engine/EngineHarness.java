package io.millstream.testkit.engine;

import io.millstream.api.Backend;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.contract.Harness;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The engine with its own threads, on a disk in memory, under the contracts.
public final class EngineHarness implements Harness {
    private final ManualClock clock = new ManualClock();
    private final EngineOptions options = EngineOptions.inMemory().withTime(clock);
    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine = Engine.open(disk, options);

    @Override
    public Backend backend() {
        return engine;
    }

    @Override
    public void advance(Duration by) {
        clock.advance(by);
        // Whoever asks from now on is answered as of the new time.
        engine.caughtUp().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Override
    public void jumpWall(Duration by) {
        clock.jumpWall(by);
    }

    @Override
    public Backend restart() {
        engine.kill();
        engine = Engine.open(disk, options);
        return engine;
    }

    @Override
    public TimeSource time() {
        return clock;
    }

    @Override
    public void close() {
        engine.close();
    }
}
