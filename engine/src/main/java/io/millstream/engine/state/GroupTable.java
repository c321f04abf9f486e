package io.millstream.engine.state;

import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The groups that messages of a queue belong to, by their keys and by the sequences of the
/// messages that began them.
final class GroupTable {
    private final HeapAccount heap;
    private @Nullable Map<KeyHash, Group> byKey;
    private LongMap<Group> byBirth = new LongMap<>();

    GroupTable(HeapAccount heap) {
        this.heap = heap;
    }

    /// The group that began with a message, or null.
    @Nullable Group find(long birth) {
        return byBirth.get(birth);
    }

    @Nullable Group find(KeyHash key) {
        return byKey == null ? null : byKey.get(key);
    }

    /// The group that began with a message and is there.
    Group get(long birth) {
        return Invariant.present(byBirth.get(birth), "There is no group %d", birth);
    }

    /// There is a group that was not.
    Group begin(long birth, KeyHash key) {
        Map<KeyHash, Group> groups = byKey;
        if (groups == null) {
            groups = new HashMap<>();
            byKey = groups;
        }
        Group group = new Group(birth, key);
        groups.put(key, group);
        byBirth.put(birth, group);
        heap.add(HeapCosts.GROUP);
        return group;
    }

    /// A group's last message is gone.
    void remove(Group group) {
        if (byKey != null) {
            byKey.remove(group.key);
            byBirth.remove(group.birth);
            heap.add(-HeapCosts.GROUP);
        }
    }

    Collection<Group> all() {
        return byKey == null ? List.of() : byKey.values();
    }

    void clear() {
        byKey = null;
        byBirth = new LongMap<>();
    }

    /// Hands them over to what is written down of a queue that is being purged.
    void leaveTo(GroupTable rest) {
        rest.byBirth = byBirth;
        clear();
    }
}
