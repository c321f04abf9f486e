package io.millstream.engine.state;

import io.millstream.api.Message;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What of a queue is not simply next at its cursor: what was handed out and is ready again, what
/// has a priority or a group, and what waits for its time though it was never handed out.
///
/// All of it follows from the queue's runs and deliveries and the time; nothing here is stored.
final class Lanes {
    /// A [Turn] takes fewer bits for the next thousand years; what is due later is due in the order
    /// of puts.
    private static final int PRIORITY_SHIFT = 58;

    private static final int TYPE_SHIFT = 46;
    private static final long TURN_MAX = (1L << TYPE_SHIFT) - 1;

    private final QueueState queue;
    private final HeapAccount heap;
    private final List<Lane> lanes = new ArrayList<>(0);

    /// What is next of groups that are ready but for their limits.
    private final List<Lane> held = new ArrayList<>(0);

    private final TimeOrder delayed = new TimeOrder();

    /// What waits for its time and was handed out before, by when it is due.
    private final TimeOrder waiting = new TimeOrder();

    /// How many messages are here that were never handed out.
    private int fresh;

    private int again;

    private boolean rebuilding;

    private final Membership members;

    Lanes(QueueState queue, HeapAccount heap) {
        this.queue = queue;
        this.heap = heap;
        this.members = new Membership(queue, heap);
    }

    // What is here.

    /// All that have been needed so far, by their priorities: what is decided about several is not
    /// to depend on which one was needed first.
    List<Lane> all() {
        return lanes;
    }

    /// The same of groups that their limits hold up.
    List<Lane> held() {
        return held;
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

    /// Whether anything is ready that is not held up by a limit.
    boolean hasReady(TypeFilter filter) {
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (!lane.isEmpty() && isOpen(lane) && filter.admits(queue, lane.type)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a limit lets messages begin that are of a lane's type.
    boolean isOpen(Lane lane) {
        Throttle throttle = queue.throttle();
        return throttle == null || throttle.isOpen(lane.type);
    }

    /// When something is ready next by itself that was never handed out or is held up by a rate, in
    /// milliseconds since 1970, or [Long#MAX_VALUE].
    long nextChange() {
        Throttle throttle = queue.throttle();
        return throttle == null
                ? delayed.firstTime()
                : Math.min(delayed.firstTime(), throttle.nextOpening());
    }

    /// Which group and type messages belong to.
    Membership members() {
        return members;
    }

    // Messages that were never handed out.

    /// Takes in a message that is not handed out in the order of puts.
    ///
    /// @param arrived when it came, in milliseconds since 1970
    void addFresh(long sequence, Mark mark, long arrived, long now) {
        fresh++;
        heap.add(HeapCosts.LISTED);
        Group group = members.groupOf(mark);
        boolean waits = mark.due() > now;
        if (waits) {
            delayed.add(mark.due(), sequence);
        } else if (group == null) {
            lane(mark).fresh.add(turnOf(mark, arrived), sequence);
        }
        if (group != null && (!waits || isOrdered())) {
            group.members.add(memberTime(mark, turnOf(mark, arrived)), sequence);
            relist(group);
        }
    }

    void removeFresh(long sequence, Mark mark, long arrived) {
        fresh--;
        heap.add(-HeapCosts.LISTED);
        Group group = members.groupOf(mark);
        boolean waited = mark.due() != 0 && delayed.remove(mark.due(), sequence);
        long turn = turnOf(mark, arrived);
        boolean was =
                group == null
                        ? lane(mark).fresh.remove(turn, sequence)
                        : group.members.remove(memberTime(mark, turn), sequence);
        Invariant.check(was || waited, "Message %d was not where it had to be", sequence);
        if (group != null) {
            relist(group);
        }
    }

    private static long turnOf(Mark mark, long arrived) {
        return mark.due() == 0 ? Turn.ofPut(arrived) : Turn.ofWait(mark.due());
    }

    /// What has waited until `now` is ready, and what was held up by a rate until then may begin.
    ///
    /// @return whether there was anything
    boolean joinDue(long now) {
        Throttle throttle = queue.throttle();
        boolean any = throttle != null && throttle.open(now, this::open);
        while (delayed.firstTime() <= now) {
            long due = delayed.firstTime();
            long sequence = delayed.firstSequence();
            delayed.remove(due, sequence);
            isDue(sequence, queue.locate(sequence).mark());
            any = true;
        }
        return any;
    }

    private void open(long birth) {
        Group group = members.groups().get(birth);
        group.opens = 0;
        relist(group);
    }

    private void isDue(long sequence, Mark mark) {
        Group group = members.groupOf(mark);
        long turn = Turn.ofWait(mark.due());
        if (group == null) {
            lane(mark).fresh.add(turn, sequence);
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
        Group group = members.groupOf(delivery.mark);
        if (group == null) {
            lane(delivery.mark).again.add(delivery.turn(), delivery.sequence);
        } else {
            group.members.add(memberTime(delivery.mark, delivery.turn()), delivery.sequence);
            relist(group);
        }
    }

    /// It is not ready any more.
    void notReady(Delivery delivery) {
        again--;
        Group group = members.groupOf(delivery.mark);
        boolean was =
                group == null
                        ? lane(delivery.mark).again.remove(delivery.turn(), delivery.sequence)
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
        return isOrdered() ? members.groupOf(delivery.mark) : null;
    }

    void leased(Delivery delivery, long now) {
        Group group =
                delivery.mark.group() == 0 ? null : members.groups().get(delivery.mark.group());
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.starts(delivery.mark.type(), group, now);
        }
        if (group != null) {
            group.leased++;
        }
        if (queue.definition.groups().isFair()) {
            members.service().serve(group, delivery.mark.priority());
        }
        if (group != null) {
            relist(group);
        }
    }

    void leasedNoMore(Delivery delivery) {
        Throttle throttle = queue.throttle();
        if (throttle != null) {
            throttle.ends(delivery.mark.type());
        }
        if (delivery.mark.group() != 0) {
            Group group = members.groups().get(delivery.mark.group());
            group.leased--;
            relist(group);
        }
    }

    /// What is next of a group stands in a lane, unless the group has to wait.
    private void relist(Group group) {
        if (rebuilding) {
            return;
        }
        int before = group.listedPriorities();
        group.unlist();
        if (group.members.isEmpty()) {
            return;
        }
        group.mayGoOn(group.isOpen());
        if (!isOrdered()) {
            listFairly(group, before);
        } else if (group.leased == 0) {
            listInOrder(group, before);
        }
    }

    private void listInOrder(Group group, int before) {
        long head = group.members.firstSequence();
        Delivery delivery = queue.delivery(head);
        if (delivery != null) {
            if (delivery.status != Status.WAITING) {
                Lane lane = lane(group, delivery.mark);
                list(group, before, head, lane, lane.again, delivery.turn());
            }
            return;
        }
        Location at = queue.locate(head);
        if (at.mark().due() == 0 || !delayed.contains(at.mark().due(), head)) {
            Lane lane = lane(group, at.mark());
            long turn = turnOf(at.mark(), queue.arrived(head, at));
            list(group, before, head, lane, lane.fresh, turn);
        }
    }

    private void list(Group group, int before, long head, Lane lane, TimeOrder byTurn, long turn) {
        if (queue.definition.groups().isFair()) {
            listByShare(group, before, head, lane);
        } else {
            group.list(byTurn, lane.priority, turn, head);
        }
    }

    /// @param before in which priorities it had something that might be handed out
    private void listByShare(Group group, int before, long head, Lane lane) {
        if (group.isOpen() && (before & (1 << lane.priority)) == 0) {
            members.service().comes(group, lane.priority);
        }
        TimeOrder byShare = queue.delivery(head) == null ? lane.fairFresh : lane.fairAgain;
        group.list(byShare, lane.priority, group.served.of(lane.priority), head);
    }

    /// In the lane of each priority and type that any of its messages has.
    private void listFairly(Group group, int before) {
        TimeOrder.Walk walk = group.members.walk();
        while (walk.isAtOne()) {
            long laneBits = walk.time() >>> TYPE_SHIFT;
            int priority = (int) (walk.time() >>> PRIORITY_SHIFT);
            int type = (int) (laneBits - ((long) priority << (PRIORITY_SHIFT - TYPE_SHIFT)));
            Lane lane = lane(lanesOf(group), priority, type);
            listByShare(group, before, walk.sequence(), lane);
            walk = group.members.walkBehind((laneBits + 1) << TYPE_SHIFT, 0);
        }
    }

    private boolean isOrdered() {
        return queue.definition.groups().isOrdered();
    }

    /// What a message stands by among the members of its group.
    long memberTime(Mark mark, long turn) {
        return isOrdered()
                ? 0
                : ((long) mark.priority() << PRIORITY_SHIFT)
                        | ((long) members.typeOf(mark) << TYPE_SHIFT)
                        | Math.min(turn, TURN_MAX);
    }

    private Lane lane(Mark mark) {
        return lane(lanes, mark.priority(), members.typeOf(mark));
    }

    private Lane lane(Group group, Mark mark) {
        return lane(lanesOf(group), mark.priority(), members.typeOf(mark));
    }

    private List<Lane> lanesOf(Group group) {
        return group.isOpen() ? lanes : held;
    }

    private static Lane lane(List<Lane> lanes, int priority, int type) {
        int low = 0;
        int high = lanes.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            Lane lane = lanes.get(middle);
            if (lane.priority == priority && lane.type == type) {
                return lane;
            }
            if (lane.priority < priority || (lane.priority == priority && lane.type < type)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Invariant.check(
                priority >= 0 && priority <= Message.PRIORITY_MAX, "A priority is %d", priority);
        Lane lane = new Lane(priority, type);
        lanes.add(low, lane);
        return lane;
    }

    // All at once.

    /// Nothing is in the queue any more.
    void clear() {
        members.clear();
        clearPlaces();
    }

    private void clearPlaces() {
        lanes.clear();
        held.clear();
        delayed.clear();
        waiting.clear();
        fresh = 0;
        again = 0;
    }

    /// Hands the groups over to what is written down of a queue that is being purged.
    void leaveGroupsTo(Lanes rest) {
        members.leaveGroupsTo(rest.members);
    }

    /// Limits and weights are others now.
    void relimit(Throttle throttle, long now) {
        for (Group group : members.groups().all()) {
            throttle.begins(group, now);
            relist(group);
        }
    }

    /// Finds its place for everything anew: after a snapshot was loaded, or because groups mean
    /// something else now. Takes as long as there are messages with marks.
    void rebuild(long now) {
        rebuilding = true;
        heap.add(-(long) fresh * HeapCosts.LISTED);
        clearPlaces();
        members.forget(now);
        Throttle throttle = queue.throttle();
        for (Delivery delivery : queue.deliveries()) {
            switch (delivery.status) {
                case LEASED -> {
                    if (delivery.mark.group() != 0) {
                        members.groups().get(delivery.mark.group()).leased++;
                    }
                    if (throttle != null) {
                        throttle.holds(delivery.mark.type());
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
        members.groups().all().forEach(this::relist);
    }

    private void rebuild(Run run, long now) {
        Places places = run.places();
        for (long next = run.nextLive(0); next >= 0; next = run.nextLive(next + 1)) {
            Location at = run.locate(next, places);
            members.came(at.mark());
            if (at.mark().isElsewhere() && queue.delivery(next) == null) {
                addFresh(next, at.mark(), queue.arrived(next, at), now);
            }
        }
    }
}
