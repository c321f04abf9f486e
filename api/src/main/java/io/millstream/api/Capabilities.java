package io.millstream.api;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a backend can do, in numbers.
///
/// @param backend its name, such as `engine` or `memory`
/// @param features how far each feature is supported; one that is not named is not supported
/// @param messageBytesMax the largest message, headers included
/// @param commitBytesMax the largest commit
/// @param longest how long things may last
/// @param durability when an answer leaves
public record Capabilities(
        String backend,
        Map<Feature, Support> features,
        long messageBytesMax,
        long commitBytesMax,
        Longest longest,
        Durability durability) {

    /// When an answer leaves.
    public enum Durability {
        /// When it is on this machine's disk.
        LOCAL_SYNC,
        /// When a store on another machine has said that it is on disk there. What it says is as
        /// good as its settings.
        REMOTE_SYNC,
        /// When it is in this process's memory; for tests.
        NONE
    }

    /// Copies the features.
    public Capabilities {
        features = Map.copyOf(features);
    }

    /// How far a feature is supported.
    public Support of(Feature feature) {
        return features.getOrDefault(
                feature,
                new Support.None("It is not built yet.", "Use a version or backend that has it."));
    }

    /// Whether a feature is supported, natively or by other means.
    public boolean has(Feature feature) {
        return !(of(feature) instanceof Support.None);
    }

    /// Makes sure, at the start of who needs them, that all of these are supported.
    ///
    /// @param who needs them, in words such as `The SQS front end`
    /// @throws NotSupportedException if some are not, naming all of them
    public void require(String who, Set<Feature> needed) {
        List<Feature> missing = needed.stream().filter(one -> !has(one)).sorted().toList();
        if (!missing.isEmpty()) {
            throw new NotSupportedException(who, this, missing);
        }
    }

    /// The same with these features.
    public Capabilities withFeatures(Map<Feature, Support> features) {
        return new Capabilities(
                backend, features, messageBytesMax, commitBytesMax, longest, durability);
    }

    /// These features, natively.
    public static Map<Feature, Support> natively(Feature... features) {
        Map<Feature, Support> map = new EnumMap<>(Feature.class);
        for (Feature feature : features) {
            map.put(feature, Support.Native.NATIVE);
        }
        return map;
    }
}
