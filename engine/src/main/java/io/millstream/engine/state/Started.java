package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.IdentityHashMap;

/// What one take has got so far, as limits count it: they are to hold within it, too.
final class Started {
    /// Of who only looks, and is not held up.
    static final Started NOT_COUNTED = new Started(0, null);

    private final @Nullable Throttle throttle;
    private final long now;
    private int @Nullable [] ofTypes;
    private @Nullable IdentityHashMap<Group, Integer> ofGroups;

    Started(QueueState queue, long now) {
        this(now, queue.throttle());
    }

    private Started(long now, @Nullable Throttle throttle) {
        this.throttle = throttle;
        this.now = now;
    }

    boolean isCounted() {
        return this != NOT_COUNTED;
    }

    /// Whether it may get one more of a type, 0 for none.
    boolean mayGoOn(int type) {
        if (throttle == null || type == 0) {
            return true;
        }
        int already = ofTypes == null ? 0 : ofTypes[type];
        return already < throttle.left(type, now);
    }

    /// Whether it may get one more of a group, null for none.
    boolean mayGoOn(@Nullable Group group) {
        if (throttle == null || group == null || group.limit == null) {
            return true;
        }
        int already = ofGroups == null ? 0 : ofGroups.getOrDefault(group, 0);
        return already < group.left(now);
    }

    void start(int type, @Nullable Group group) {
        if (throttle == null) {
            return;
        }
        if (type != 0) {
            int[] counts = ofTypes;
            if (counts == null) {
                counts = new int[throttle.types().all().size() + 1];
                ofTypes = counts;
            }
            counts[type]++;
        }
        if (group != null && group.limit != null) {
            IdentityHashMap<Group, Integer> counts = ofGroups;
            if (counts == null) {
                counts = new IdentityHashMap<>();
                ofGroups = counts;
            }
            counts.merge(group, 1, Integer::sum);
        }
    }
}
