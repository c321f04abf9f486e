package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.engine.EngineHarness;

/// Runs that take long on the engine.
class StillRunningOnEngineTest extends StillRunningContract {
    @Override
    Harness harness() {
        return new EngineHarness();
    }
}
