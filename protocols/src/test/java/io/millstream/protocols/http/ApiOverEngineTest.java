package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;

class ApiOverEngineTest extends ApiContract {
    @Override
    Backend backend() {
        return Engine.open(new MemoryDisk(), EngineOptions.inMemory());
    }
}
