package io.millstream.testkit.memory;

import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Refusal;
import io.millstream.api.Support;

import java.util.EnumMap;
import java.util.Map;

/// What the model does not do, and what to do instead.
final class Gaps {

    private static final Map<Feature, String> INSTEAD = new EnumMap<>(Feature.class);

    static {
        INSTEAD.put(
                Feature.MOVE, "Take from one queue; settle and put to the other in one commit.");
        INSTEAD.put(
                Feature.DELAY,
                "Put it when it is due, or take it and settle it with a retry after.");
        INSTEAD.put(
                Feature.TIME_TO_LIVE, "Put a deadline into a header and settle what is too late.");
        INSTEAD.put(Feature.PRIORITY, "Put urgent messages into a queue of their own.");
        INSTEAD.put(Feature.GROUPS, "Use one queue for each group.");
        INSTEAD.put(Feature.TYPES, "Use one queue for each type.");
        INSTEAD.put(Feature.CONSUMER_CHOICE, "Consume with priority 0 and not exclusively.");
        INSTEAD.put(Feature.TOPICS, "Put the message into one queue for each reader.");
        INSTEAD.put(Feature.ROUTING, "Put the message into each target queue in one commit.");
        INSTEAD.put(Feature.REPLAY, "Put what is needed again as new messages.");
        INSTEAD.put(
                Feature.COMMIT_IDS,
                "Commit without an id, guarded by a row that is written with it.");
    }

    private Gaps() {}

    static Refusal notSupported(Feature feature) {
        return new Refusal.NotSupported(
                feature.name(), INSTEAD.getOrDefault(feature, "Use the engine."));
    }

    /// Everything but the gaps, natively.
    static Map<Feature, Support> features() {
        Map<Feature, Support> features = Capabilities.natively(Feature.values());
        INSTEAD.forEach((feature, instead) ->
                features.put(
                        feature, new Support.None("The memory model does not have it.", instead)));
        return features;
    }
}
