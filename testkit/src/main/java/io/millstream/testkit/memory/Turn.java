package io.millstream.testkit.memory;

import java.util.HashSet;
import java.util.Set;

/// One take or one batch for a subscription while it is filled: what it is for, and which groups it
/// has messages of. What one turn gets is worked by one holder, so it may be several messages of a
/// group.
final class Turn {

    private final Set<String> types;
    private final Set<String> groups = new HashSet<>();

    private Turn(Set<String> types) {
        this.types = types;
    }

    /// For messages of these types, or of any if there are none.
    static Turn of(Set<String> types) {
        return new Turn(types);
    }

    static Turn ofAll() {
        return new Turn(Set.of());
    }

    boolean wants(Entry entry) {
        String type = entry.origin().type();
        return types.isEmpty() || (type != null && types.contains(type));
    }

    void got(Entry entry) {
        if (entry.origin().group() != null) groups.add(entry.origin().group());
    }

    boolean has(String group) {
        return groups.contains(group);
    }
}
