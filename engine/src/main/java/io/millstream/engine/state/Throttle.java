package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.Limits;
import io.millstream.api.Rate;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/// What limits a queue besides its consumers, and what is known of it: who holds slots follows from
/// the leases, and of each rate one time is remembered, see [Pace].
///
/// Whether something is *open*, that is may begin as far as its limit says, changes with a lease,
/// with its end, and when a time has come that is waited for here. So nothing is tried again and
/// again.
final class Throttle {
    /// What stands for the queue among those that wait for a time; types are the numbers below it,
    /// groups those above.
    private static final long QUEUE = 0;

    private final QueueState queue;
    private final Images images;
    private final HeapAccount heap;
    private final Types types = new Types();
    private final Paces paces;
    private Limits limits = Limits.NONE;
    private Map<String, Integer> declaredWeights = Map.of();
    private final Map<KeyHash, Integer> weights = new HashMap<>();
    private KeyedLimits ofGroups = KeyedLimits.NONE;
    private @Nullable Rate rate;

    /// See [Pace]. Part of what is known.
    private long next;

    /// When the queue may go on, or 0 if it may.
    private long opens;

    /// What may not begin now because of its rate, by when it may.
    private final TimeOrder waiting = new TimeOrder();

    Throttle(QueueState queue, Images images, HeapAccount heap) {
        this.queue = queue;
        this.images = images;
        this.heap = heap;
        this.paces = new Paces(heap);
    }

    /// Whether a queue that is declared to be this needs one.
    static boolean isNeeded(Definition.Queue definition) {
        return definition.typed()
                || !definition.weights().isEmpty()
                || definition.limits().rate() != null
                || definition.limits().groups().isAny();
    }

    Types types() {
        return types;
    }

    Paces paces() {
        return paces;
    }

    long heapBytes() {
        return paces.heapBytes() + (long) types.all().size() * HeapCosts.TYPE;
    }

    // What may begin.

    /// Whether any message may begin as far as the queue's rate says.
    boolean isOpen() {
        return opens == 0;
    }

    /// Whether one of a type may, 0 for none.
    boolean isOpen(int type) {
        return type == 0 || types.get(type).isOpen();
    }

    /// How many messages may begin as far as the queue's rate says.
    int left(long now) {
        return rate == null ? Integer.MAX_VALUE : Pace.allowed(rate, next, now);
    }

    /// How many may of a type, 0 for none.
    int left(int type, long now) {
        return type == 0 ? Integer.MAX_VALUE : types.get(type).left(now);
    }

    /// When something may begin that may not now, in milliseconds since 1970, or [Long#MAX_VALUE].
    long nextOpening() {
        return waiting.firstTime();
    }

    /// The time has come for some to begin again.
    ///
    /// @param opened told of each group among them, by its birth
    /// @return whether there were any
    boolean open(long now, LongConsumer opened) {
        boolean any = false;
        while (waiting.firstTime() <= now) {
            long which = waiting.firstSequence();
            waiting.remove(waiting.firstTime(), which);
            if (which == QUEUE) {
                opens = 0;
            } else if (which < QUEUE) {
                types.get((int) -which).opens = 0;
            } else {
                opened.accept(which);
            }
            any = true;
        }
        return any;
    }

    /// Notes when something may begin, if not now.
    ///
    /// @param before when it could have as far as is noted, or 0
    /// @return when it may, or 0 for now
    private long await(long which, long before, @Nullable Rate limit, long following, long now) {
        if (before != 0) {
            waiting.remove(before, which);
        }
        long time = limit == null ? 0 : Pace.opens(limit, following);
        if (time <= now) {
            return 0;
        }
        waiting.add(time, which);
        return time;
    }

    // Messages that come and go.

    /// The number of a type that a message is put with, or 0 if there is none left.
    int typeOf(String text, long now) {
        Types.Type known = types.find(text);
        return known == null ? begin(KeyHash.of(text), now) : known.number;
    }

    /// The number of a type that a message has that comes from another queue.
    int typeOf(KeyHash key, long now) {
        Types.Type known = types.find(key);
        return known == null ? begin(key, now) : known.number;
    }

    private int begin(KeyHash key, long now) {
        queue.images().changing();
        int before = types.all().size();
        Types.Type type = types.begin(key, now);
        heap.add((long) (types.all().size() - before) * HeapCosts.TYPE);
        return type == null ? 0 : type.number;
    }

    void came(int type) {
        if (type != 0) {
            types.get(type).messages++;
        }
    }

    void left(int type) {
        if (type != 0) {
            types.get(type).messages--;
        }
    }

    /// A group is there that was not.
    void begins(Group group, long now) {
        group.limit = ofGroups.of(group.key);
        group.weight = weights.isEmpty() ? 1 : weights.getOrDefault(group.key, 1);
        group.next = group.rate() == null ? 0 : paces.find(group.key);
        group.opens = await(group.birth, group.opens, group.rate(), group.next, now);
    }

    /// A group's last message is gone.
    void goes(Group group) {
        group.opens = await(group.birth, group.opens, null, 0, 0);
    }

    /// A message is leased.
    void starts(int type, @Nullable Group group, long now) {
        Rate ofQueue = rate;
        if (ofQueue != null) {
            next = Pace.started(ofQueue, next, now);
            opens = await(QUEUE, opens, ofQueue, next, now);
        }
        if (type != 0) {
            starts(types.get(type), now);
        }
        Rate ofGroup = group == null ? null : group.rate();
        if (group != null && ofGroup != null) {
            group.next = Pace.started(ofGroup, group.next, now);
            paces.set(group.key, group.next, now, images.number(), queue.images()::changing);
            group.opens = await(group.birth, group.opens, ofGroup, group.next, now);
        }
    }

    private void starts(Types.Type type, long now) {
        type.leased++;
        Rate ofType = type.rate();
        if (ofType != null) {
            type.next = Pace.started(ofType, type.next, now);
            type.opens = await(-type.number, type.opens, ofType, type.next, now);
        }
    }

    /// A lease is there, by what was known.
    void holds(int type) {
        if (type != 0) {
            types.get(type).leased++;
        }
    }

    /// A lease has ended.
    void ends(int type) {
        if (type != 0) {
            types.get(type).leased--;
        }
    }

    // All at once.

    /// The queue is declared to be what it is now.
    ///
    /// @return whether other limits or weights hold for groups, which are to begin anew then
    boolean define(long now) {
        Limits before = limits;
        limits = queue.definition.limits();
        if (!limits.equals(before)) {
            limit(now);
        }
        boolean areGroupsLimitedAnew = !limits.groups().equals(before.groups());
        if (areGroupsLimitedAnew) {
            ofGroups = new KeyedLimits(limits.groups());
            paces.retain(ofGroups::hasRate, queue.images()::changing);
        }
        return weigh(queue.definition.weights()) || areGroupsLimitedAnew;
    }

    /// What holds for the queue and its types.
    private void limit(long now) {
        rate = limits.rate();
        next = rate == null ? 0 : next;
        opens = await(QUEUE, opens, rate, next, now);
        types.limit(new KeyedLimits(limits.types()));
        for (Types.Type type : types.all()) {
            type.next = type.rate() == null ? 0 : type.next;
            type.opens = await(-type.number, type.opens, type.rate(), type.next, now);
        }
    }

    /// @return whether these weights are others
    private boolean weigh(Map<String, Integer> declared) {
        if (declared.equals(declaredWeights)) {
            return false;
        }
        declaredWeights = declared;
        weights.clear();
        declared.forEach((group, weight) -> weights.put(KeyHash.of(group), weight));
        return true;
    }

    /// Nothing is known of messages and leases.
    void forget() {
        for (Types.Type type : types.all()) {
            type.messages = 0;
            type.leased = 0;
        }
    }

    /// ```
    ///   +--------------+-------+
    ///   | next of rate | Types |
    ///   +--------------+-------+
    /// ```
    void write(Output out) {
        out.varint(next);
        types.write(out);
    }

    void read(Input in) {
        next = in.varint();
        types.read(in);
        heap.add((long) types.all().size() * HeapCosts.TYPE);
    }

    /// Everything that was written has been taken in.
    void loaded(long now) {
        paces.loaded();
        limit(now);
    }
}
