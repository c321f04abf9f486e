package io.millstream.engine.state;

import io.millstream.api.Groups;
import io.millstream.engine.heap.HeapAccount;

import org.jspecify.annotations.Nullable;

/// Which group and which type each message of a queue belongs to, by its [Mark], and how many there
/// are of each.
final class Membership {
    private final QueueState queue;
    private final GroupTable groups;
    private final Service service = new Service();

    /// Whether any message may have had a time to live of its own since the queue was last empty.
    private boolean limited;

    Membership(QueueState queue, HeapAccount heap) {
        this.queue = queue;
        this.groups = new GroupTable(heap);
    }

    GroupTable groups() {
        return groups;
    }

    /// How much each group has been served.
    Service service() {
        return service;
    }

    /// Whether messages may have a time to live of their own.
    boolean isLimited() {
        return limited;
    }

    // What a mark says.

    /// The group of a message with this mark, or null if it has none that means anything.
    @Nullable Group groupOf(Mark mark) {
        return mark.group() == 0 || queue.definition.groups() == Groups.IGNORED
                ? null
                : groups.find(mark.group());
    }

    /// The type that a message with this mark is told apart by, or 0.
    int typeOf(Mark mark) {
        return queue.definition.typed() ? mark.type() : 0;
    }

    /// What stands for the group of a message with this mark, or null if it has none.
    @Nullable KeyHash groupKey(Mark mark) {
        return mark.group() == 0 ? null : groups.get(mark.group()).key;
    }

    /// What stands for the type of a message with this mark, or null if it has none.
    @Nullable KeyHash typeKey(Mark mark) {
        Throttle throttle = queue.throttle();
        return mark.type() == 0 || throttle == null ? null : throttle.types().get(mark.type()).key;
    }

    // What is said of a message that comes.

    /// What is special about a message that is put now.
    Mark mark(Traits traits, long sequence, long now) {
        if (traits.equals(Traits.PLAIN)) {
            return Mark.NONE;
        }
        long due = traits.delayMillis() == 0 ? 0 : now + traits.delayMillis();
        long expires =
                traits.liveMillis() == Traits.NO_LIMIT
                        ? Mark.NEVER
                        : now + Math.max(1, traits.liveMillis());
        Throttle throttle = typing();
        String type = traits.type();
        int number = type == null || throttle == null ? 0 : throttle.typeOf(type, now);
        long group = groupOf(traits.group(), sequence, now);
        return simplified(new Mark(group, number, traits.priority(), due, expires));
    }

    /// What is special about a message that comes from another queue: it waits no more.
    Mark mark(
            @Nullable KeyHash group,
            @Nullable KeyHash type,
            int priority,
            long sequence,
            long now) {
        Throttle throttle = typing();
        int number = type == null || throttle == null ? 0 : throttle.typeOf(type, now);
        return simplified(new Mark(groupOf(group, sequence, now), number, priority, 0, Mark.NEVER));
    }

    private static Mark simplified(Mark mark) {
        return mark.isPlain() ? Mark.NONE : mark;
    }

    /// What knows types, or null if the queue does not tell them apart.
    private @Nullable Throttle typing() {
        return queue.definition.typed() ? queue.throttle() : null;
    }

    /// By its birth; 0 for none. A queue in which groups mean nothing knows them, too: its messages
    /// may be moved to another one, or it may be declared to be something else.
    private long groupOf(@Nullable KeyHash key, long sequence, long now) {
        if (key == null) {
            return 0;
        }
        Group known = groups.find(key);
        if (known != null) {
            return known.birth;
        }
        Group group = restoreGroup(sequence, key);
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.begins(group, now);
        }
        return group.birth;
    }

    /// There is a group, unless it is known already.
    Group restoreGroup(long birth, KeyHash key) {
        Group known = groups.find(birth);
        if (known != null) {
            return known;
        }
        Group group = groups.begin(birth, key);
        service.begins(group);
        return group;
    }

    // What comes and goes.

    /// A message has come into the queue.
    void came(Mark mark) {
        limited |= mark.expires() != Mark.NEVER;
        if (mark.group() != 0) {
            groups.get(mark.group()).messages++;
        }
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.came(mark.type());
        }
    }

    /// A message has left the queue.
    void left(Mark mark) {
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.left(mark.type());
        }
        if (mark.group() == 0) {
            return;
        }
        Group group = groups.get(mark.group());
        if (--group.messages == 0) {
            service.goes(group);
            if (throttle != null) {
                throttle.goes(group);
            }
            groups.remove(group);
        }
    }

    // All at once.

    /// Nothing is in the queue any more.
    void clear() {
        goes();
        groups.clear();
        limited = false;
    }

    /// Hands the groups over to what is written down of a queue that is being purged.
    void leaveGroupsTo(Membership rest) {
        goes();
        groups.leaveTo(rest.groups);
    }

    private void goes() {
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            groups.all().forEach(throttle::goes);
            throttle.forget();
        }
    }

    /// Messages will be told of anew.
    void forget(long now) {
        groups.all().forEach(Group::forget);
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.forget();
            groups.all().forEach(group -> throttle.begins(group, now));
        }
    }
}
