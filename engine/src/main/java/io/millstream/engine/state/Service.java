package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// How much has been served of a queue whose groups share it fairly, in each priority by itself, by
/// start-time fair queueing: a group's tag grows with each message, the less the larger its weight
/// is; a group that comes back after it had nothing goes on at the tag that was chosen last, or at
/// its own if that is larger. Messages without a group are one more group.
///
/// It decides who is next and nothing else, so it need not outlive the process: it is not part of
/// what is known.
final class Service {
    private static final int REMEMBERED_MAX = 4096;

    /// By how much a tag grows at weight 1.
    private static final long UNIT = 1_000_000;

    /// The tags that were chosen last, by priority.
    private final Tags last = new Tags();

    private final Tags ofThoseWithout = new Tags();

    /// The tags of groups that have nothing now, the one that was served first first.
    private @Nullable Map<KeyHash, Tags> gone;

    /// One for each priority, 0 where nothing was served.
    static final class Tags {
        private static final long[] NONE = {};

        private long[] byPriority = NONE;

        Tags() {}

        private Tags(Tags other) {
            byPriority = other.byPriority.clone();
        }

        long of(int priority) {
            return priority < byPriority.length ? byPriority[priority] : 0;
        }

        private void set(int priority, long tag) {
            if (tag != of(priority)) {
                if (priority >= byPriority.length) {
                    byPriority = Arrays.copyOf(byPriority, priority + 1);
                }
                byPriority[priority] = tag;
            }
        }

        private boolean isBehind(Tags others) {
            for (int priority = 0; priority < byPriority.length; priority++) {
                if (byPriority[priority] > others.of(priority)) {
                    return false;
                }
            }
            return true;
        }
    }

    /// A message of a group is served; of those without a group if it is null.
    void serve(@Nullable Group group, int priority) {
        Tags tags = group == null ? ofThoseWithout : group.served;
        long tag = Math.max(last.of(priority), tags.of(priority));
        last.set(priority, tag);
        tags.set(priority, tag + share(group));
    }

    private static long share(@Nullable Group group) {
        return group == null ? UNIT : UNIT / group.weight;
    }

    /// A group has something of a priority again.
    void comes(Group group, int priority) {
        group.served.set(priority, Math.max(group.served.of(priority), last.of(priority)));
    }

    /// A group's last message is gone. Its tags are remembered until they make no difference any
    /// more, but of so many groups at most.
    void goes(Group group) {
        if (group.served.isBehind(last)) {
            return;
        }
        Map<KeyHash, Tags> tags = gone;
        if (tags == null) {
            tags = new LinkedHashMap<>();
            gone = tags;
        }
        Iterator<Tags> oldest = tags.values().iterator();
        while (oldest.hasNext()
                && (oldest.next().isBehind(last) || tags.size() >= REMEMBERED_MAX)) {
            oldest.remove();
        }
        tags.put(group.key, group.served);
    }

    /// A group is there that was not.
    void begins(Group group) {
        Tags tags = gone == null ? null : gone.remove(group.key);
        if (tags != null) {
            group.served = tags;
        }
    }

    Ahead ahead() {
        return new Ahead();
    }

    /// What the tags will be when more messages have been served one after the other, as
    /// [#serve(Group, int)] would have it. Changes nothing, and ends with the next change.
    final class Ahead {
        private final Map<Share, Long> tags = new HashMap<>(0);
        private final Tags lastThen = new Tags(last);

        private Ahead() {}

        private record Share(@Nullable Group group, int priority) {}

        /// The tag of a group, or of those without a group if it is null.
        long tag(@Nullable Group group, int priority) {
            Long then = tags.get(new Share(group, priority));
            Tags now = group == null ? ofThoseWithout : group.served;
            long tag = then == null ? now.of(priority) : then;
            return group == null ? Math.max(tag, lastThen.of(priority)) : tag;
        }

        void serve(@Nullable Group group, int priority) {
            long tag = Math.max(lastThen.of(priority), tag(group, priority));
            lastThen.set(priority, tag);
            tags.put(new Share(group, priority), tag + share(group));
        }
    }
}
