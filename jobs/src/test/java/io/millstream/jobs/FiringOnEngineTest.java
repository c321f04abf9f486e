package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.engine.EngineHarness;

/// Firing on the engine.
class FiringOnEngineTest extends FiringContract {
    @Override
    Harness harness() {
        return new EngineHarness();
    }

    @Override
    boolean isSteady() {
        return true;
    }
}
