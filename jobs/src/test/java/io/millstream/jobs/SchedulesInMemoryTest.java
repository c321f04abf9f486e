package io.millstream.jobs;

import io.millstream.testkit.contract.Harness;

/// Schedules on the model.
class SchedulesInMemoryTest extends SchedulesContract {
    @Override
    Harness harness() {
        return new MemoryHarness();
    }

    @Override
    boolean isSteady() {
        return false;
    }
}
