package io.millstream.testkit.memory;

import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Refusal;
import io.millstream.api.Support;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// What the model does not do.
final class Gaps {
    private static final Set<Feature> GAPS = EnumSet.of(Feature.COMMIT_IDS);

    private Gaps() {}

    static Refusal notSupported(Feature feature) {
        return new Refusal.NotSupported(feature);
    }

    /// Everything but the gaps, natively.
    static Map<Feature, Support> features() {
        Map<Feature, Support> features = Capabilities.natively(Feature.values());
        for (Feature gap : GAPS) {
            features.put(
                    gap, new Support.None("The memory model does not have it.", gap.instead()));
        }
        return features;
    }
}
