package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.engine.EngineHarness;

/// Schedules on the engine.
class SchedulesOnEngineTest extends SchedulesContract {
    @Override
    Harness harness() {
        return new EngineHarness();
    }
}
