package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.memory.MemoryHarness;

/// Runs that take long on the model.
class StillRunningInMemoryTest extends StillRunningContract {
    @Override
    Harness harness() {
        return new MemoryHarness();
    }
}
