package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.memory.MemoryHarness;

/// Firing on the model.
class FiringInMemoryTest extends FiringContract {
    @Override
    Harness harness() {
        return new MemoryHarness();
    }

    @Override
    boolean isSteady() {
        return false;
    }
}
