package io.millstream.engine.state;

import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What of a queue is not simply next at its cursor: what was handed out and is ready again, what
/// has a priority or a group, and what waits for its time though it was never handed out.
///
/// All of it follows from the queue's runs and deliveries and the time; nothing here is stored.
final class Lanes {
    /// A [Turn] takes fewer bits for the next hundred thousand years.
    private static final int PRIORITY_SHIFT = 56;

    private final QueueState queue;
    private final HeapAccount heap;
    private final List<Lane> lanes = new ArrayList<>(0);
    private final TimeOrder delayed = new TimeOrder();

    /// What waits for its time and was handed out before, by when it is due.
    private final TimeOrder waiting = new TimeOrder();

    private @Nullable Map<KeyHash, Group> byKey;
    private LongMap<Group> byBirth = new LongMap<>();

    /// How many messages are here that were never handed out.
    private int fresh;

    private int again;

    /// Whether any message may have had a time to live of its own since the queue was last empty.
    private boolean limited;

    private boolean rebuilding;

    private final Service service = new Service();

    Lanes(QueueState queue, HeapAccount heap) {
        this.queue = queue;
        this.heap = heap;
    }

    // What is here.

    /// All that have been needed so far, by their priorities: what is decided about several is not
    /// to depend on which one was needed first.
    List<Lane> all() {
        return lanes;
    }

    /// What waits for its time and was never handed out, by when it is due.
    TimeOrder delayed() {
        return delayed;
    }

    /// What waits for its time and was handed out before, by when it is due.
    TimeOrder waiting() {
        return waiting;
    }

    /// How many messages are here that were never handed out.
    int fresh() {
        return fresh;
    }

    /// Of two walks over what waits, the one that stands at what is due first, or null at the end.
    static TimeOrder.@Nullable Walk soonest(
            TimeOrder.@Nullable Walk one, TimeOrder.@Nullable Walk other) {
        if (one == null || !one.isAtOne()) {
            return other == null || !other.isAtOne() ? null : other;
        }
        if (other == null || !other.isAtOne()) {
            return one;
        }
        boolean isFirst =
                one.time() < other.time()
                        || (one.time() == other.time() && one.sequence() < other.sequence());
        return isFirst ? one : other;
    }

    /// How many messages are ready that were handed out before, those of groups that wait included.
    int again() {
        return again;
    }

    /// How many were never handed out and are ready, those of groups that wait included.
    int freshReady() {
        return fresh - delayed.size();
    }

    boolean hasReady() {
        for (int i = 0; i < lanes.size(); i++) {
            if (!lanes.get(i).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /// Whether messages may have a time to live of their own.
    boolean isLimited() {
        return limited;
    }

    /// The tag of the messages without a group, see [Service].
    long servedWithout() {
        return service.ofThoseWithout();
    }

    /// The group of a message with this mark, or null if it has none that means anything.
    @Nullable Group groupOf(Mark mark) {
        return mark.group() == 0 || queue.definition.groups() == Groups.IGNORED
                ? null
                : byBirth.get(mark.group());
    }

    /// The group that messages with this key are in, or null if there are none.
    @Nullable Group groupNamed(KeyHash key) {
        return byKey == null ? null : byKey.get(key);
    }

    // What comes and goes.

    /// What is special about a message that is put now.
    Mark mark(Traits traits, long sequence, long now) {
        if (traits.equals(Traits.PLAIN)) {
            return Mark.NONE;
        }
        KeyHash key = traits.group();
        long group =
                key == null || queue.definition.groups() == Groups.IGNORED
                        ? 0
                        : groupNamed(key, sequence).birth;
        long due = traits.delayMillis() == 0 ? 0 : now + traits.delayMillis();
        long expires =
                traits.liveMillis() == Traits.NO_LIMIT
                        ? Mark.NEVER
                        : now + Math.max(1, traits.liveMillis());
        Mark mark = new Mark(group, traits.priority(), due, expires);
        return mark.isPlain() ? Mark.NONE : mark;
    }

    /// What is special about a message that comes from another queue: it waits no more.
    Mark mark(@Nullable KeyHash group, int priority, long sequence) {
        if (group == null && priority == 0) {
            return Mark.NONE;
        }
        return mark(new Traits(group, priority, 0, Traits.NO_LIMIT, null), sequence, 0);
    }

    /// What stands for the group of a message with this mark, or null if it has none.
    @Nullable KeyHash keyOf(Mark mark) {
        return mark.group() == 0 ? null : named(mark).key;
    }

    private Group groupNamed(KeyHash key, long sequence) {
        Group known = groupNamed(key);
        return known == null ? restoreGroup(sequence, key) : known;
    }

    /// There is a group, unless it is known already.
    Group restoreGroup(long birth, KeyHash key) {
        Map<KeyHash, Group> groups = byKey;
        if (groups == null) {
            groups = new HashMap<>();
            byKey = groups;
        }
        Group group = byBirth.get(birth);
        if (group == null) {
            group = new Group(birth, key);
            service.begins(group);
            groups.put(key, group);
            byBirth.put(birth, group);
            heap.add(HeapCosts.GROUP);
        }
        return group;
    }

    /// The group that a mark names, whatever it means now.
    private Group named(Mark mark) {
        return named(mark.group());
    }

    Group named(long birth) {
        return Invariant.present(byBirth.get(birth), "There is no group %d", birth);
    }

    /// A message has come into the queue.
    void came(Mark mark) {
        limited |= mark.expires() != Mark.NEVER;
        if (mark.group() != 0) {
            named(mark).messages++;
        }
    }

    /// A message has left the queue.
    void left(Mark mark) {
        if (mark.group() != 0) {
            Group group = named(mark);
            if (--group.messages == 0 && byKey != null) {
                service.goes(group);
                byKey.remove(group.key);
                byBirth.remove(group.birth);
                heap.add(-HeapCosts.GROUP);
            }
        }
    }

    // Messages that were never handed out.

    /// Takes in a message that is not handed out in the order of puts.
    ///
    /// @param arrived when it came, in milliseconds since 1970
    void addFresh(long sequence, Mark mark, long arrived, long now) {
        fresh++;
        heap.add(HeapCosts.LISTED);
        Group group = groupOf(mark);
        boolean waits = mark.due() > now;
        if (waits) {
            delayed.add(mark.due(), sequence);
        } else if (group == null) {
            lane(mark.priority()).fresh.add(turnOf(mark, arrived), sequence);
        }
        if (group != null && (!waits || isOrdered())) {
            group.members.add(memberTime(mark, turnOf(mark, arrived)), sequence);
            relist(group);
        }
    }

    void removeFresh(long sequence, Mark mark, long arrived) {
        fresh--;
        heap.add(-HeapCosts.LISTED);
        Group group = groupOf(mark);
        boolean waited = mark.due() != 0 && delayed.remove(mark.due(), sequence);
        long turn = turnOf(mark, arrived);
        boolean was =
                group == null
                        ? lane(mark.priority()).fresh.remove(turn, sequence)
                        : group.members.remove(memberTime(mark, turn), sequence);
        Invariant.check(was || waited, "Message %d was not where it had to be", sequence);
        if (group != null) {
            relist(group);
        }
    }

    private static long turnOf(Mark mark, long arrived) {
        return mark.due() == 0 ? Turn.ofPut(arrived) : Turn.ofWait(mark.due());
    }

    /// What has waited until `now` is ready.
    ///
    /// @return whether there was anything
    boolean joinDue(long now) {
        boolean any = false;
        while (delayed.firstTime() <= now) {
            long due = delayed.firstTime();
            long sequence = delayed.firstSequence();
            delayed.remove(due, sequence);
            isDue(sequence, queue.locate(sequence).mark());
            any = true;
        }
        return any;
    }

    private void isDue(long sequence, Mark mark) {
        Group group = groupOf(mark);
        long turn = Turn.ofWait(mark.due());
        if (group == null) {
            lane(mark.priority()).fresh.add(turn, sequence);
            return;
        }
        if (!isOrdered()) {
            group.members.add(memberTime(mark, turn), sequence);
        }
        relist(group);
    }

    // Messages that were handed out.

    /// It is ready again.
    void ready(Delivery delivery) {
        again++;
        Group group = groupOf(delivery.mark);
        if (group == null) {
            lane(delivery.mark.priority()).again.add(delivery.turn(), delivery.sequence);
        } else {
            group.members.add(memberTime(delivery.mark, delivery.turn()), delivery.sequence);
            relist(group);
        }
    }

    /// It is not ready any more.
    void notReady(Delivery delivery) {
        again--;
        Group group = groupOf(delivery.mark);
        boolean was =
                group == null
                        ? lane(delivery.mark.priority())
                                .again
                                .remove(delivery.turn(), delivery.sequence)
                        : group.members.remove(
                                memberTime(delivery.mark, delivery.turn()), delivery.sequence);
        Invariant.check(was, "Message %d was not ready", delivery.sequence);
        if (group != null) {
            relist(group);
        }
    }

    /// It waits for its time, and with it its group if that is worked in order.
    void waits(Delivery delivery) {
        waiting.add(delivery.deadline, delivery.sequence);
        Group group = orderedGroupOf(delivery);
        if (group != null) {
            group.members.add(0, delivery.sequence);
            relist(group);
        }
    }

    /// It does not wait any more.
    void waitsNoMore(Delivery delivery) {
        waiting.remove(delivery.deadline, delivery.sequence);
        Group group = orderedGroupOf(delivery);
        if (group != null) {
            group.members.remove(0, delivery.sequence);
            relist(group);
        }
    }

    private @Nullable Group orderedGroupOf(Delivery delivery) {
        return isOrdered() ? groupOf(delivery.mark) : null;
    }

    void leased(Delivery delivery) {
        if (delivery.mark.group() != 0) {
            Group group = named(delivery.mark);
            group.leased++;
            service.serve(group);
            relist(group);
        } else if (queue.definition.groups() == Groups.FAIR) {
            service.serveWithout();
        }
    }

    void leasedNoMore(Delivery delivery) {
        if (delivery.mark.group() != 0) {
            Group group = named(delivery.mark);
            group.leased--;
            relist(group);
        }
    }

    /// What is next of a group stands in a lane, unless the group has to wait.
    private void relist(Group group) {
        if (rebuilding) {
            return;
        }
        boolean wasListed = group.isListed();
        group.unlist();
        if (group.members.isEmpty()) {
            return;
        }
        if (!isOrdered()) {
            if (!wasListed) {
                service.comes(group);
            }
            listFairly(group);
        } else if (group.leased == 0) {
            listInOrder(group);
        }
    }

    private void listInOrder(Group group) {
        long head = group.members.firstSequence();
        Delivery delivery = queue.delivery(head);
        if (delivery != null) {
            if (delivery.status != Status.WAITING) {
                group.list(lane(delivery.mark.priority()).again, delivery.turn(), head);
            }
            return;
        }
        Location at = queue.locate(head);
        if (at.mark().due() == 0 || !delayed.contains(at.mark().due(), head)) {
            long turn = turnOf(at.mark(), queue.arrived(head, at));
            group.list(lane(at.mark().priority()).fresh, turn, head);
        }
    }

    /// In the lane of each priority that any of its messages has.
    private void listFairly(Group group) {
        TimeOrder.Walk walk = group.members.walk();
        while (walk.isAtOne()) {
            int priority = (int) (walk.time() >>> PRIORITY_SHIFT);
            group.list(lane(priority).fair, group.served, walk.sequence());
            walk = group.members.walkBehind((priority + 1L) << PRIORITY_SHIFT, 0);
        }
    }

    private boolean isOrdered() {
        return queue.definition.groups().isOrdered();
    }

    /// What a message stands by among the members of its group.
    long memberTime(Mark mark, long turn) {
        return isOrdered() ? 0 : ((long) mark.priority() << PRIORITY_SHIFT) | turn;
    }

    private Lane lane(int priority) {
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get(i).priority == priority) {
                return lanes.get(i);
            }
        }
        Invariant.check(
                priority >= 0 && priority <= Message.PRIORITY_MAX, "A priority is %d", priority);
        Lane lane = new Lane(priority);
        int place = 0;
        while (place < lanes.size() && lanes.get(place).priority < priority) {
            place++;
        }
        lanes.add(place, lane);
        return lane;
    }

    // All at once.

    /// Nothing is in the queue any more.
    void clear() {
        lanes.clear();
        delayed.clear();
        waiting.clear();
        byKey = null;
        byBirth = new LongMap<>();
        fresh = 0;
        again = 0;
        limited = false;
    }

    /// Hands the groups over to what is written down of a queue that is being purged.
    void leaveGroupsTo(Lanes rest) {
        rest.byBirth = byBirth;
        byBirth = new LongMap<>();
        byKey = null;
    }

    /// Finds its place for everything anew: after a snapshot was loaded, or because groups mean
    /// something else now. Takes as long as there are messages with marks.
    void rebuild(long now) {
        rebuilding = true;
        heap.add(-(long) fresh * HeapCosts.LISTED);
        lanes.clear();
        delayed.clear();
        waiting.clear();
        fresh = 0;
        again = 0;
        if (byKey != null) {
            byKey.values().forEach(Group::forget);
        }
        for (Delivery delivery : queue.deliveries()) {
            switch (delivery.status) {
                case LEASED -> {
                    if (delivery.mark.group() != 0) {
                        named(delivery.mark).leased++;
                    }
                }
                case READY -> ready(delivery);
                case WAITING -> waits(delivery);
                case STRANDED -> {}
            }
        }
        for (Run run : queue.runs().all()) {
            if (run.isMarked()) {
                rebuild(run, now);
            }
        }
        rebuilding = false;
        if (byKey != null) {
            byKey.values().forEach(this::relist);
        }
    }

    private void rebuild(Run run, long now) {
        Places places = run.places();
        for (long next = run.nextLive(0); next >= 0; next = run.nextLive(next + 1)) {
            Location at = run.locate(next, places);
            came(at.mark());
            if (at.mark().isElsewhere() && queue.delivery(next) == null) {
                addFresh(next, at.mark(), queue.arrived(next, at), now);
            }
        }
    }
}
