package io.millstream.engine.state;

import java.util.Set;
import java.util.stream.Collectors;

/// Which types of messages somebody takes.
public final class TypeFilter {
    /// All, and messages that have none.
    public static final TypeFilter ALL = new TypeFilter(Set.of());

    private final Set<KeyHash> keys;

    private TypeFilter(Set<KeyHash> keys) {
        this.keys = keys;
    }

    /// Those of these names, or all if there are none.
    public static TypeFilter of(Set<String> types) {
        return types.isEmpty()
                ? ALL
                : new TypeFilter(
                        types.stream().map(KeyHash::of).collect(Collectors.toUnmodifiableSet()));
    }

    /// Whether it is all of them.
    public boolean isAll() {
        return keys.isEmpty();
    }

    /// Whether messages of a type of this queue are among them.
    boolean admits(QueueState queue, int type) {
        Throttle throttle = queue.throttle();
        return isAll()
                || (type != 0 && throttle != null && keys.contains(throttle.types().get(type).key));
    }
}
