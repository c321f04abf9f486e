package io.millstream.server.broker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.Backend;
import io.millstream.index.IndexOptions;
import io.millstream.index.IndexStatus;
import io.millstream.index.JobIndex;
import io.millstream.server.config.ServerConfig;

import java.time.Duration;

/// The search index beside the store.
final class Indexing {
    private Indexing() {}

    /// Opens it, on a thread of its own: whatever is wrong with it, the server starts.
    static JobIndex open(Backend backend, ServerConfig.IndexFiles files, MeterRegistry registry) {
        IndexOptions options =
                IndexOptions.STANDARD
                        .withKeepEnded(Duration.ofDays(files.days()))
                        .withBytesMax((long) files.megabytes() << 20);
        JobIndex index = JobIndex.open(backend, files.directory(), options);
        Gauge.builder("millstream.index.failed", index, Indexing::hasFailed)
                .description("Whether the search index has failed and is tried again.")
                .register(registry);
        Gauge.builder("millstream.index.jobs", index, one -> one.status().jobs())
                .description("Jobs that the search index knows.")
                .register(registry);
        Gauge.builder("millstream.index.size", index, one -> one.status().bytes())
                .description("How much of the search index's file is in use.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millstream.index.offset", index, one -> one.status().asOf().offset())
                .description("Up to which offset of its topic the search index has read.")
                .register(registry);
        return index;
    }

    private static int hasFailed(JobIndex index) {
        return index.status().phase() == IndexStatus.Phase.FAILED ? 1 : 0;
    }
}
