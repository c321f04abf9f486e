package io.millstream.testkit.contract;

import io.millstream.api.Lifecycle;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What somebody knows of queues who has nothing but what their lifecycle topic was told. Whatever
/// makes no sense is refused: a message that comes twice, or ends without having come.
public final class LifecycleFold {
    private final Map<Lifecycle.Life, NavigableMap<Long, Held>> queues = new HashMap<>();

    /// A message that is there.
    ///
    /// @param leased whether it is handed out
    /// @param attempts how many it has used
    /// @param due until when it waits after a return, or null
    /// @param said what its producer said, or null if that was not told
    public record Held(
            boolean leased, int attempts, @Nullable Instant due, Lifecycle.@Nullable Said said) {}

    /// What is in a queue, by places; empty if nothing was told of it.
    public NavigableMap<Long, Held> of(Lifecycle.Life life) {
        return queues.computeIfAbsent(life, _ -> new TreeMap<>());
    }

    /// Takes in what was told next.
    ///
    /// @throws IllegalStateException if it makes no sense
    public void add(Lifecycle event) {
        NavigableMap<Long, Held> queue = of(event.life());
        switch (event) {
            case Lifecycle.Stored(Lifecycle.Place place, var said, var from) -> {
                Held before = queue.put(place.sequence(), new Held(false, 0, null, said));
                require(before == null, "It was there", event);
            }
            case Lifecycle.Taken(Lifecycle.Place place, int attempts, var until) -> {
                Held before = present(queue, event, place);
                require(!before.leased, "It was leased", event);
                queue.put(place.sequence(), new Held(true, attempts, null, before.said));
            }
            case Lifecycle.Returned(Lifecycle.Place place, int attempts, Instant due) -> {
                Held before = present(queue, event, place);
                queue.put(place.sequence(), new Held(false, attempts, due, before.said));
            }
            case Lifecycle.Stranded(Lifecycle.Place place, var cause, var reason) -> {
                Held before = present(queue, event, place);
                queue.put(place.sequence(), new Held(false, before.attempts, null, before.said));
            }
            case Lifecycle.Done(Lifecycle.Place place) -> end(queue, event, place);
            case Lifecycle.Dead dead -> end(queue, event, dead.place());
            case Lifecycle.Moved moved -> end(queue, event, moved.place());
            case Lifecycle.Dropped(var life, long first, long end) -> {
                require(!queue.subMap(first, end).isEmpty(), "They were not there", event);
                queue.subMap(first, end).clear();
            }
            case Lifecycle.Purged(var life, long end) -> queue.headMap(end).clear();
            case Lifecycle.Left(var life) -> queues.remove(life);
            case Lifecycle.Removed(var life) -> queues.remove(life);
            case Lifecycle.OfAttempt _ -> {
                // Said by a worker; it changes nothing.
            }
        }
    }

    private static Held present(
            NavigableMap<Long, Held> queue, Lifecycle event, Lifecycle.Place place) {
        Held held = queue.get(place.sequence());
        if (held == null) {
            throw new IllegalStateException("It was not there: " + event);
        }
        return held;
    }

    private static void require(boolean sense, String otherwise, Lifecycle event) {
        if (!sense) {
            throw new IllegalStateException(otherwise + ": " + event);
        }
    }

    private static void end(
            NavigableMap<Long, Held> queue, Lifecycle event, Lifecycle.Place place) {
        present(queue, event, place);
        queue.remove(place.sequence());
    }
}
