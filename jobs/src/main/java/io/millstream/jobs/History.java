package io.millstream.jobs;

import io.millstream.api.Capabilities;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Retention;

import java.time.Duration;
import java.util.Set;

/// The topic that queues of jobs tell what happens to each job, so that jobs can be found, counted
/// and followed after they have ended: see [io.millstream.api.Lifecycle]. What only workers know,
/// such as why an attempt failed, they append themselves; see [Notes].
final class History {
    /// Where all queues of jobs tell it that do not name another topic, or none.
    static final ChannelName TOPIC = ChannelName.of("jobs.history");

    private static final Set<Feature> NEEDS = Set.of(Feature.TOPICS, Feature.LIFECYCLE);

    /// Bounded in bytes, since taking and settling writes it, too, where the disk is nearly full.
    private static final Retention RETENTION = new Retention(Duration.ofDays(7), 2L << 30);

    private History() {}

    /// Whether a store can have it. Jobs are done without, and nobody can search for them then.
    static boolean isIn(Capabilities capabilities) {
        return NEEDS.stream().allMatch(capabilities::has);
    }

    /// As it is made by who needs it first; anybody may declare it otherwise.
    static Definition.Topic topic() {
        return Definition.Topic.of(TOPIC).withRetention(RETENTION);
    }
}
