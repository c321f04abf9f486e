package io.millstream.protocols.aws;

import io.millstream.api.Backend;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.denied.DenyingBackend;
import io.millstream.testkit.memory.MemoryBackend;

/// Where the messages of a test are kept. The front end may not notice a difference.
enum Kept {
    /// One that can do what the front end has said that it needs, and nothing else.
    IN_A_MODEL {
        @Override
        Backend open(ManualClock clock) {
            return DenyingBackend.allBut(new MemoryBackend(clock), AwsDoor.NEEDS, clock::now);
        }
    },
    IN_THE_ENGINE {
        @Override
        Backend open(ManualClock clock) {
            return Engine.open(new MemoryDisk(), EngineOptions.inMemory().withTime(clock));
        }
    };

    abstract Backend open(ManualClock clock);
}
