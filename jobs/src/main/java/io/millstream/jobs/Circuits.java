package io.millstream.jobs;

import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// What the jobs of this process depend on, by its name: shared by all its workers of the same
/// [Jobs], so that what some learn holds for the others. For use by any thread.
final class Circuits {
    private final LongSupplier nanos;
    private final RandomGenerator random = new Random();
    private final Map<String, Circuit> byName = new ConcurrentHashMap<>();
    private final Set<Gate> gates = new CopyOnWriteArraySet<>();

    /// @param nanos a clock that never goes back
    Circuits(LongSupplier nanos) {
        this.nanos = nanos;
    }

    Circuit of(String name) {
        return byName.computeIfAbsent(
                name,
                _ -> new Circuit(name, nanos, random, () -> usual(name), () -> changed(name)));
    }

    /// How many jobs that depend on it are done at once at most.
    private int usual(String name) {
        long places =
                gates.stream().filter(gate -> gate.dependsOn(name)).mapToLong(Gate::places).sum();
        return (int) Math.min(places, Integer.MAX_VALUE);
    }

    private void changed(String name) {
        gates.stream().filter(gate -> gate.dependsOn(name)).forEach(Gate::changed);
    }

    /// It is told what changes.
    void join(Gate gate) {
        gates.add(gate);
    }

    void leave(Gate gate) {
        gates.remove(gate);
    }
}
