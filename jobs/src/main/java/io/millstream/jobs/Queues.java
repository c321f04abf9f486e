package io.millstream.jobs;

import io.millstream.api.ChannelName;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Queues that the same workers work, and which of them a place that comes free is for. None stays
/// free while any of them has a job that may begin.
///
/// ```java
/// jobs.workers(Queues.strict("urgent", "jobs"))
/// jobs.workers(Queues.weighted(Map.of("paid", 3, "free", 1)))
/// ```
///
/// Immutable.
public final class Queues {
    /// The most that the same workers work.
    public static final int QUEUES_MAX = 32;

    /// The largest weight.
    public static final int WEIGHT_MAX = 1000;

    private final List<ChannelName> names;

    /// As many as there are names; empty if their order counts.
    private final List<Integer> weights;

    private Queues(List<String> names, List<Integer> weights) {
        if (names.isEmpty() || names.size() > QUEUES_MAX) {
            throw new IllegalArgumentException(
                    "Workers work 1 to %d queues, not %d".formatted(QUEUES_MAX, names.size()));
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException(
                    "Name each queue once, not as in " + String.join(", ", names));
        }
        this.names = names.stream().map(ChannelName::of).toList();
        this.weights = List.copyOf(weights);
    }

    /// One.
    public static Queues of(String name) {
        return new Queues(List.of(name), List.of());
    }

    /// A queue gets a place only if those named before it have nothing that may begin: it waits for
    /// as long as they do.
    ///
    /// @param names 1 to [#QUEUES_MAX], the most urgent one first
    public static Queues strict(String... names) {
        return new Queues(Arrays.asList(names), List.of());
    }

    /// While several have jobs that may begin, each begins as many as its weight is of theirs. What
    /// one does not need the others get, and it has no more for that later.
    ///
    /// @param weights 1 to [#WEIGHT_MAX] of each queue, of which there are 1 to [#QUEUES_MAX]
    public static Queues weighted(Map<String, Integer> weights) {
        List<String> names = weights.keySet().stream().sorted().toList();
        weights.forEach((name, weight) -> {
            if (weight < 1 || weight > WEIGHT_MAX) {
                throw new IllegalArgumentException(
                        "A queue's weight is 1 to %d, that of %s is not %d"
                                .formatted(WEIGHT_MAX, name, weight));
            }
        });
        return new Queues(names, names.stream().map(weights::get).toList());
    }

    List<ChannelName> names() {
        return names;
    }

    /// Who asks them in their turn, from now on.
    Turns turns() {
        return weights.isEmpty() ? new Turns.Strict() : new Turns.Weighted(weights);
    }

    @Override
    public String toString() {
        return names.stream().map(ChannelName::toString).collect(Collectors.joining(", "));
    }
}
