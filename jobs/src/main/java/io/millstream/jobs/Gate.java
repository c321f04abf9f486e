package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/// Which jobs workers may take now: those of the types that they know, but for those that depend on
/// what fails. For use by any thread.
final class Gate {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Circuits circuits;
    private final Handlers handlers;
    private final IntSupplier places;
    private final Runnable changed;

    /// By the type of the message.
    private final Map<String, Downstream> downstreams;

    private final Map<String, Circuit> mine = new TreeMap<>();

    /// What may be taken.
    ///
    /// @param isNothing whether nothing may be
    /// @param types these; empty for all
    /// @param few those of them that depend on what is not known to be well again
    /// @param most how many of the few at once, 1 or more
    /// @param holds for how long this is so unless [Gate#changed] is called
    record Allowed(
            boolean isNothing, Set<String> types, Set<String> few, int most, Duration holds) {
        /// Those of which any number may be taken.
        Set<String> others() {
            Set<String> others = new HashSet<>(types);
            others.removeAll(few);
            return others;
        }
    }

    /// A job that may begin. It is to [#end].
    ///
    /// @param circuit what it depends on, or null for nothing
    record Pass(
            @Nullable Circuit circuit,
            Circuit.@Nullable Entry entry,
            @Nullable Downstream downstream,
            Retry retry) {
        private static final Pass FREE = new Pass(null, null, null, Retry.never());

        /// @param sign what it came to
        void end(Sign sign, Hold hold) {
            if (circuit != null && entry != null && downstream != null) {
                circuit.leave(entry, sign.verdict(downstream, retry, hold), sign.why(hold));
            }
        }
    }

    /// @param places how many jobs its workers do at once at most
    /// @param changed is called when more or fewer may be taken
    Gate(Circuits circuits, Handlers handlers, IntSupplier places, Runnable changed) {
        this.circuits = circuits;
        this.handlers = handlers;
        this.places = places;
        this.changed = changed;
        this.downstreams = handlers.downstreams();
        for (Downstream downstream : downstreams.values()) {
            mine.put(downstream.name(), circuits.of(downstream.name()));
        }
    }

    void open() {
        circuits.join(this);
    }

    void close() {
        circuits.leave(this);
    }

    boolean dependsOn(String downstream) {
        return mine.containsKey(downstream);
    }

    int places() {
        return places.getAsInt();
    }

    void changed() {
        changed.run();
    }

    Allowed now() {
        if (mine.isEmpty()) {
            return new Allowed(false, handlers.wireNames(), Set.of(), Integer.MAX_VALUE, LONG);
        }
        Set<String> failing = new HashSet<>();
        Set<String> returning = new HashSet<>();
        int most = Integer.MAX_VALUE;
        long quiet = LONG.toNanos();
        for (Circuit circuit : mine.values()) {
            int room = circuit.room();
            quiet = Math.min(quiet, circuit.quietNanos());
            if (room == 0) {
                failing.add(circuit.name());
            } else if (room < Integer.MAX_VALUE) {
                returning.add(circuit.name());
                most = Math.min(most, room);
            }
        }
        Set<String> types = handlers.wireNames();
        if (!failing.isEmpty()) {
            types = new HashSet<>(types);
            types.removeAll(dependingOn(failing));
        }
        Duration holds = Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), quiet));
        return new Allowed(types.isEmpty(), types, dependingOn(returning), most, holds);
    }

    private Set<String> dependingOn(Set<String> names) {
        Set<String> types = new HashSet<>();
        downstreams.forEach((type, downstream) -> {
            if (names.contains(downstream.name())) {
                types.add(type);
            }
        });
        return types;
    }

    /// A job was taken and is to begin.
    ///
    /// @return null if it may not
    @Nullable Pass enter(@Nullable String type) {
        Downstream downstream = type == null ? null : downstreams.get(type);
        Circuit circuit = downstream == null ? null : mine.get(downstream.name());
        Handlers.Handler<?, ?> handler = handlers.find(type);
        if (downstream == null || circuit == null || handler == null) {
            return Pass.FREE;
        }
        Circuit.Entry entry = circuit.enter(handler.options().timeout());
        return entry == null
                ? null
                : new Pass(circuit, entry, downstream, handler.options().retry());
    }

    // For people.

    /// Whether all messages are done, whatever their type.
    boolean isForAll() {
        return handlers.isForAll();
    }

    /// The types that are not taken now, with what they depend on.
    Map<String, String> resting() {
        Map<String, String> resting = new HashMap<>();
        downstreams.forEach((type, downstream) -> {
            Circuit circuit = mine.get(downstream.name());
            if (circuit != null && circuit.room() == 0) {
                resting.put(type, downstream.name());
            }
        });
        return resting;
    }

    /// How what they depend on is, by name.
    List<DownstreamLook> show() {
        return mine.values().stream()
                .map(Circuit::show)
                .sorted(Comparator.comparing(DownstreamLook::name))
                .toList();
    }
}
