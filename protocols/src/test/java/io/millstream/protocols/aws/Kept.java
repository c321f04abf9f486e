package io.millstream.protocols.aws;

import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Users;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.denied.DenyingBackend;
import io.millstream.testkit.memory.MemoryBackend;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where the messages of a test are kept. The front end may not notice a difference.
enum Kept {
    /// One that can do what the front end and users have said that they need, and nothing else.
    IN_A_MODEL {
        @Override
        Backend open(ManualClock clock) {
            Set<Feature> needs =
                    Stream.of(AwsDoor.NEEDS, Users.NEEDS)
                            .flatMap(Set::stream)
                            .collect(Collectors.toUnmodifiableSet());
            return DenyingBackend.allBut(new MemoryBackend(clock), needs, clock::now);
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
