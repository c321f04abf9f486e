package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.memory.MemoryBackend;

class ApiOverModelTest extends ApiContract {
    @Override
    Backend backend() {
        return new MemoryBackend(TimeSource.system());
    }
}
