package io.millstream.testkit.memory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One take or one batch for a subscription while it is filled: what it is for, and which groups it
/// has messages of. What one turn gets is worked by one holder, so it may be several messages of a
/// group.
final class Turn {

    private final Set<String> types;
    private final Set<String> groups = new HashSet<>();
    private final List<Entry> settled = new ArrayList<>();

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

    /// @param settled whether its delivery has settled it
    void got(Entry entry, boolean settled) {
        if (settled) this.settled.add(entry);
        if (entry.message().group() != null) groups.add(entry.message().group());
    }

    /// What it has got that is settled: its holder is busy with that all the same.
    List<Entry> settled() {
        return settled;
    }

    boolean has(String group) {
        return groups.contains(group);
    }
}
