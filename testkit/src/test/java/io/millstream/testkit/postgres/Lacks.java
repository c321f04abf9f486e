package io.millstream.testkit.postgres;

import io.millstream.api.Capabilities;
import io.millstream.api.Commit;
import io.millstream.api.Feature;
import io.millstream.api.Interest;
import io.millstream.api.Longest;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Support;
import io.millstream.api.Take;
import io.millstream.api.Term;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// What the spike does not do, and so refuses.
final class Lacks {

    private static final Set<Feature> HAS =
            EnumSet.of(
                    Feature.QUEUES,
                    Feature.CONSUME,
                    Feature.ATOMIC_COMMIT,
                    Feature.DEAD_LETTER,
                    Feature.RETRY_AFTER,
                    Feature.BROWSE,
                    Feature.ROWS,
                    Feature.PURGE,
                    Feature.DELAY,
                    Feature.ROUTING,
                    Feature.PAUSE);

    private Lacks() {}

    static Map<Feature, Support> features() {
        Map<Feature, Support> features = Capabilities.natively(HAS.toArray(Feature[]::new));
        for (Feature lacking : EnumSet.complementOf(EnumSet.copyOf(HAS))) {
            features.put(
                    lacking,
                    new Support.None(
                            lacking == Feature.STEADY_TIME
                                    ? "The database goes by its machine's wall clock."
                                    : "The spike does not go so far.",
                            lacking.instead()));
        }
        return features;
    }

    static Refusal refusal(Feature feature) {
        return new Refusal.NotSupported(feature);
    }

    /// What a look asks for that is lacking, or null.
    static Feature of(Query<?> query) {
        return first(Feature.askedBy(query));
    }

    /// What an operation asks for that is lacking, or null.
    static Feature of(Operation operation) {
        return first(Feature.askedBy(operation));
    }

    /// What a commit asks for as a whole that is lacking, or null.
    static Feature of(Commit commit) {
        return first(Feature.askedBy(commit));
    }

    /// What a take asks for that is lacking, or null.
    static Feature of(Take take) {
        return first(Feature.askedBy(take));
    }

    /// What a consumer asks for that is lacking, or null.
    static Feature of(Subscribe what) {
        return first(Feature.askedBy(what));
    }

    /// What a watch asks for that is lacking, or null.
    static Feature of(Interest what) {
        return first(Feature.askedBy(what));
    }

    /// Why a take or a consumer is refused, or null.
    static Refusal refusalOf(Feature lacking, Term term) {
        return lacking != null ? refusal(lacking) : Longest.CENTURY.refusalOf(term).orElse(null);
    }

    private static Feature first(Set<Feature> asked) {
        return asked.stream().filter(feature -> !HAS.contains(feature)).findFirst().orElse(null);
    }
}
