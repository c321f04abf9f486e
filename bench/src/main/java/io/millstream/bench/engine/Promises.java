package io.millstream.bench.engine;

import io.millstream.bench.Scratch;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import java.io.IOException;
import java.nio.file.Path;

/// What those who share a queue are promised about each other.
final class Promises {
    private final Path data;
    private final double seconds;
    private final int bytes;
    private final int many;

    Promises(Path data, double seconds, int bytes, int many) {
        this.data = data.resolve("promises");
        this.seconds = seconds;
        this.bytes = bytes;
        this.many = many;
    }

    void run() throws IOException {
        Scratch.delete(data);
        try (Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard())) {
            new AgeingPromise(engine, seconds, bytes).run();
            new TenantPromise(engine, seconds, bytes, many).run();
            new GroupPromise(engine, seconds, bytes, many).run();
        }
        Scratch.delete(data);
        System.out.flush();
    }
}
