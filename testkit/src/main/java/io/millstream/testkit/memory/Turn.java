package io.millstream.testkit.memory;

import java.util.HashSet;
import java.util.Set;

/// One take or one batch for a subscription while it is filled: which groups it has messages of.
/// What one turn gets is worked by one holder, so it may be several messages of a group.
final class Turn {

    private final Set<String> groups = new HashSet<>();

    void got(Entry entry) {
        if (entry.origin().group() != null) groups.add(entry.origin().group());
    }

    boolean has(String group) {
        return groups.contains(group);
    }
}
