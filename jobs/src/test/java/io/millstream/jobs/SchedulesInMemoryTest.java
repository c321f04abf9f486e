package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.memory.MemoryHarness;

/// Schedules on the model.
class SchedulesInMemoryTest extends SchedulesContract {
    @Override
    Harness harness() {
        return new MemoryHarness();
    }
}
