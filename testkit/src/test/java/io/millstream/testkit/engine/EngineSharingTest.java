package io.millstream.testkit.engine;

import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.contract.SharingContract;

/// The engine keeps what those are promised who share a queue.
class EngineSharingTest extends SharingContract {
    @Override
    protected Harness open() {
        return new EngineHarness();
    }
}
