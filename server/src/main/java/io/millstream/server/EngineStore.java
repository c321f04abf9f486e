package io.millstream.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;
import io.millstream.server.broker.HeapShares;
import io.millstream.server.broker.OpenStore;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The engine on a directory.
final class EngineStore {
    private EngineStore() {}

    static OpenStore open(Path data) throws IOException {
        Engine engine = Engine.open(FileDisk.at(data), options(HeapShares.here()));
        return new OpenStore(
                engine, engine::onStopped, registry -> count(engine, registry), engine::backup);
    }

    private static EngineOptions options(HeapShares shares) {
        EngineOptions standard = EngineOptions.standard();
        return standard.withQueuedBytesMax(shares.queuedBytesMax())
                .withHeapBytesMax(shares.knownBytesMax())
                .withLog(standard.log().withTail(shares.tailChunkBytes(), shares.tailBytes()));
    }

    private static void count(Engine engine, MeterRegistry registry) {
        FunctionTimer.builder(
                        "millstream.log.sync",
                        engine,
                        e -> e.stats().syncs(),
                        e -> e.stats().syncNanos(),
                        TimeUnit.NANOSECONDS)
                .description(
                        "Syncs of the log to the disk; each carries all commits of its moment.")
                .register(registry);
        FunctionCounter.builder("millstream.log.durable", engine, e -> e.stats().logEnd())
                .description("Position up to which the log is on the disk.")
                .baseUnit("bytes")
                .register(registry);
        FunctionCounter.builder(
                        "millstream.log.checkpointed", engine, e -> e.stats().checkpointed())
                .description("Position of the newest checkpoint; a start reads the log from there.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millstream.log.files", engine, e -> e.stats().logFiles())
                .description("Log files in use.")
                .register(registry);
        Gauge.builder("millstream.log.size.max", engine, e -> e.stats().logBytesMax())
                .description("How large the log can become.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millstream.state.size", engine, e -> e.stats().heapBytes())
                .description("Heap taken by what is known of messages, topics and rows.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millstream.state.size.max", engine, e -> e.stats().heapBytesMax())
                .description("How much heap that may take; publishes are refused before.")
                .baseUnit("bytes")
                .register(registry);
        FunctionCounter.builder("millstream.mistakes", engine, e -> e.stats().mistakes())
                .description("Requests refused because the engine failed to decide them.")
                .register(registry);
        Gauge.builder("millstream.store.short", engine, e -> e.stats().shortage().isEmpty() ? 0 : 1)
                .description("Whether the store is short of something and publishes are refused.")
                .register(registry);
    }
}
