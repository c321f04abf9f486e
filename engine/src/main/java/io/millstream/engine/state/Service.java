package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// How much has been served of a queue whose groups share it fairly, by start-time fair queueing: a
/// group's tag grows with each message, the less the larger its weight is; a group that comes back
/// after it had nothing goes on at the tag that was chosen last, or at its own if that is larger.
/// Messages without a group are one more group.
///
/// It decides who is next and nothing else, so it need not outlive the process: it is not part of
/// what is known.
final class Service {
    private static final int REMEMBERED_MAX = 4096;

    /// By how much a tag grows at weight 1.
    private static final long UNIT = 1_000_000;

    private long last;
    private long withoutGroup;

    /// The tags of groups that have nothing now, the one that was served first first.
    private @Nullable Map<KeyHash, Long> gone;

    /// The tag of the messages without a group.
    long ofThoseWithout() {
        return Math.max(withoutGroup, last);
    }

    void serveWithout() {
        last = ofThoseWithout();
        withoutGroup = last + UNIT;
    }

    void serve(Group group) {
        last = Math.max(last, group.served);
        group.served = after(last, group);
    }

    /// The tag of a group after one message more; of those without a group if it is null.
    static long after(long tag, @Nullable Group group) {
        return tag + (group == null ? UNIT : UNIT / group.weight);
    }

    /// A group has something again.
    void comes(Group group) {
        group.served = Math.max(group.served, last);
    }

    /// A group's last message is gone. Its tag is remembered until it makes no difference any more,
    /// but of so many groups at most.
    void goes(Group group) {
        if (group.served <= last) {
            return;
        }
        Map<KeyHash, Long> tags = gone;
        if (tags == null) {
            tags = new LinkedHashMap<>();
            gone = tags;
        }
        Iterator<Long> oldest = tags.values().iterator();
        while (oldest.hasNext() && (oldest.next() <= last || tags.size() >= REMEMBERED_MAX)) {
            oldest.remove();
        }
        tags.put(group.key, group.served);
    }

    /// A group is there that was not.
    void begins(Group group) {
        Map<KeyHash, Long> tags = gone;
        Long tag = tags == null ? null : tags.remove(group.key);
        group.served = tag == null ? last : Math.max(tag, last);
    }
}
