package io.millstream.testkit.memory;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.contract.SharingContract;

/// The memory model keeps what those are promised who share a queue.
class MemorySharingTest extends SharingContract {
    @Override
    protected Harness open() {
        return new MemoryHarness();
    }
}
