package io.millstream.engine.state;

import io.millstream.api.Groups;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// A queue's messages in the order in which one take would get them; changes nothing, and ends with
/// the next change.
final class ReadyOrder {
    private static final Comparator<Candidate> BY_TURN =
            Comparator.comparingLong(Candidate::turn).thenComparingLong(Candidate::sequence);

    private static final Comparator<Candidate> BY_SERVICE =
            Comparator.comparingLong(Candidate::served).thenComparing(BY_TURN);

    private final QueueState queue;
    private final Groups groups;

    /// Of what has one priority.
    private final Comparator<Candidate> order;

    private final long ageing;

    /// Whether nothing follows what has been passed of its group.
    private final boolean oneOfEach;

    private final List<LaneOrder> lanes = new ArrayList<>(1);
    private final Started started;

    /// How much groups have been served, with what has been passed, where they share fairly.
    private final Service.Ahead service;

    private final TypeFilter filter;
    private final boolean anyType;
    private long nextNew;
    private int fresh;

    /// All that one take could get.
    ///
    /// @param fresh how many there may be of those that were never handed out
    static ReadyOrder ofTake(QueueState queue, TypeFilter filter, int fresh, long now) {
        return new ReadyOrder(queue, filter, fresh, new Started(queue, now));
    }

    /// The order in which messages would be handed out if each were settled at once, and nothing
    /// were limited.
    static ReadyOrder ofAll(QueueState queue) {
        return new ReadyOrder(queue, TypeFilter.ALL, Integer.MAX_VALUE, Started.NOT_COUNTED);
    }

    private ReadyOrder(QueueState queue, TypeFilter filter, int fresh, Started started) {
        this.queue = queue;
        this.started = started;
        this.filter = filter;
        this.anyType = filter.isAll();
        this.groups = queue.definition.groups();
        this.order = groups.isFair() ? BY_SERVICE : BY_TURN;
        this.oneOfEach =
                started.isCounted()
                        && (groups == Groups.ORDERED_SINGLY || groups == Groups.FAIR_ORDERED);
        Duration step = queue.definition.ageing();
        this.ageing = step == null ? 0 : step.toMillis();
        this.nextNew = queue.cursor().at;
        this.fresh = fresh;
        this.service = queue.lanes().members().service().ahead();
        add(queue.lanes().all());
        if (!started.isCounted()) {
            add(queue.lanes().held());
        }
        if (!lanes.isEmpty() && anyType) {
            laneOfCursor().isOfCursor = true;
        }
    }

    /// Where messages stand that are handed out in the order of puts.
    private LaneOrder laneOfCursor() {
        for (LaneOrder order : lanes) {
            if (order.lane.priority == 0 && order.lane.type == 0) {
                return order;
            }
        }
        LaneOrder order = new LaneOrder(new Lane(0, 0));
        lanes.add(order);
        return order;
    }

    private void add(List<Lane> from) {
        for (Lane lane : from) {
            if (!lane.isEmpty() && isWanted(lane)) {
                lanes.add(new LaneOrder(lane));
            }
        }
    }

    private boolean isWanted(Lane lane) {
        return (!started.isCounted() || queue.lanes().isOpen(lane))
                && filter.admits(queue, lane.type);
    }

    /// Where a message comes from that may be next.
    private enum Source {
        CURSOR,
        FRESH,
        AGAIN,
        FAIR_FRESH,
        FAIR_AGAIN,
        FOLLOWER
    }

    /// A message that may be next.
    ///
    /// @param served where groups share fairly: how much its group has been served
    private record Candidate(
            Source source, long turn, long sequence, @Nullable Group group, long served) {
        Candidate with(long more) {
            return new Candidate(source, turn, sequence, group, more);
        }
    }

    /// The next sequence, or -1 when there is none.
    long next() {
        if (lanes.isEmpty()) {
            return nextAtCursor();
        }
        LaneOrder best = null;
        Candidate first = null;
        for (LaneOrder lane : lanes) {
            Candidate candidate = lane.first();
            if (candidate != null
                    && (best == null || first == null || isBefore(lane, candidate, best, first))) {
                best = lane;
                first = candidate;
            }
        }
        if (best == null || first == null) {
            return -1;
        }
        best.pass(first);
        return first.sequence();
    }

    private long nextAtCursor() {
        if (nextNew >= queue.end() || fresh <= 0 || !anyType) {
            return -1;
        }
        fresh--;
        long sequence = nextNew;
        nextNew = queue.cursor().behind(sequence);
        return sequence;
    }

    private boolean isBefore(LaneOrder lane, Candidate one, LaneOrder ofLane, Candidate other) {
        int priority = lane.lane.priority;
        int ofPriority = ofLane.lane.priority;
        if (priority == ofPriority) {
            return order.compare(one, other) < 0;
        }
        if (ageing == 0) {
            return priority < ofPriority;
        }
        long since = Turn.time(one.turn()) + priority * ageing;
        long ofSince = Turn.time(other.turn()) + ofPriority * ageing;
        return since < ofSince || (since == ofSince && priority < ofPriority);
    }

    /// What is ready with one priority.
    private final class LaneOrder {
        private final Lane lane;
        private final TimeOrder.Walk ofFresh;
        private final TimeOrder.Walk ofAgain;
        private final TimeOrder.Walk ofFairFresh;
        private final TimeOrder.Walk ofFairAgain;

        /// What comes behind something of its group that has been passed.
        private final PriorityQueue<Candidate> followers;

        /// What [#first] found, until something of this lane has been passed or comes to it: a
        /// queue may have a lane for each type of each priority, of which one at a time is passed.
        private @Nullable Candidate found;

        /// Whether messages are among these that are handed out in the order of puts.
        private boolean isOfCursor;

        LaneOrder(Lane lane) {
            this.lane = lane;
            this.ofFresh = lane.fresh.walk();
            this.ofAgain = lane.again.walk();
            this.ofFairFresh = lane.fairFresh.walk();
            this.ofFairAgain = lane.fairAgain.walk();
            this.followers = new PriorityQueue<>(order);
        }

        @Nullable Candidate first() {
            if (!started.mayGoOn(lane.type)) {
                return null;
            }
            Candidate known = found;
            if (known == null || !isStillFirst(known)) {
                known = groups.isFair() ? fairest() : better(earliest(), follower(), BY_TURN);
                found = known;
            }
            return known;
        }

        /// Whether nothing that was passed in other lanes is against it.
        private boolean isStillFirst(Candidate candidate) {
            return mayFollow(candidate)
                    && (!groups.isFair() || candidate.served() == tag(candidate.group()));
        }

        private @Nullable Candidate fairest() {
            Candidate without = earliest();
            Candidate best =
                    without == null
                            ? null
                            : new Candidate(
                                    without.source(),
                                    without.turn(),
                                    without.sequence(),
                                    null,
                                    tag(null));
            best = better(best, fairGroup(Source.FAIR_AGAIN, ofFairAgain), BY_SERVICE);
            if (fresh > 0) {
                best = better(best, fairGroup(Source.FAIR_FRESH, ofFairFresh), BY_SERVICE);
            }
            return better(best, follower(), BY_SERVICE);
        }

        private @Nullable Candidate fairGroup(Source source, TimeOrder.Walk walk) {
            for (; walk.isAtOne(); walk.advance()) {
                long sequence = walk.sequence();
                Group group = queue.lanes().members().groupOf(queue.locate(sequence).mark());
                if (!started.mayGoOn(group)) {
                    continue;
                }
                long turn = Standing.turn(queue, sequence);
                long tag = tag(group);
                if (tag == walk.time()) {
                    return new Candidate(source, turn, sequence, group, tag);
                }
                // It stands where it would before it was served out of another lane.
                followers.add(new Candidate(Source.FOLLOWER, turn, sequence, group, tag));
            }
            return null;
        }

        private @Nullable Candidate follower() {
            Candidate next = followers.peek();
            while (next != null && !isStillFirst(next)) {
                followers.poll();
                if (mayFollow(next)) {
                    followers.add(next.with(tag(next.group())));
                }
                next = followers.peek();
            }
            return next;
        }

        private long tag(@Nullable Group group) {
            return service.tag(group, lane.priority);
        }

        private boolean mayFollow(Candidate candidate) {
            return (fresh > 0 || queue.delivery(candidate.sequence()) != null)
                    && started.mayGoOn(candidate.group());
        }

        private @Nullable Candidate earliest() {
            Candidate best = ofAgain.isAtOne() ? candidate(Source.AGAIN, ofAgain) : null;
            if (fresh > 0) {
                if (ofFresh.isAtOne()) {
                    best = better(best, candidate(Source.FRESH, ofFresh), BY_TURN);
                }
                if (isOfCursor && nextNew < queue.end()) {
                    long turn = Standing.turn(queue, nextNew);
                    best =
                            better(
                                    best,
                                    new Candidate(Source.CURSOR, turn, nextNew, null, 0),
                                    BY_TURN);
                }
            }
            return best;
        }

        private Candidate candidate(Source source, TimeOrder.Walk walk) {
            return new Candidate(source, walk.time(), walk.sequence(), null, 0);
        }

        /// Goes on behind a message that [#first] found.
        void pass(Candidate candidate) {
            found = null;
            switch (candidate.source()) {
                case CURSOR -> nextNew = queue.cursor().behind(candidate.sequence());
                case FRESH -> ofFresh.advance();
                case AGAIN -> ofAgain.advance();
                case FAIR_FRESH -> ofFairFresh.advance();
                case FAIR_AGAIN -> ofFairAgain.advance();
                case FOLLOWER -> followers.poll();
            }
            if (queue.delivery(candidate.sequence()) == null) {
                fresh--;
            }
            Group group =
                    candidate.group() == null && candidate.source() != Source.CURSOR
                            ? queue.lanes()
                                    .members()
                                    .groupOf(queue.locate(candidate.sequence()).mark())
                            : candidate.group();
            started.start(lane.type, group);
            if (groups.isFair()) {
                service.serve(group, lane.priority);
            }
            if (group != null) {
                follow(candidate, group);
            }
        }

        private void follow(Candidate candidate, Group group) {
            if (oneOfEach) {
                return;
            }
            Mark mark = queue.locate(candidate.sequence()).mark();
            long passed = queue.lanes().memberTime(mark, candidate.turn());
            TimeOrder.Walk behind = group.members.walkBehind(passed, candidate.sequence());
            if (behind.isAtOne() && isFollower(mark, behind.sequence())) {
                long sequence = behind.sequence();
                LaneOrder order = laneOf(queue.locate(sequence).mark());
                if (order != null) {
                    order.found = null;
                    order.followers.add(
                            new Candidate(
                                    Source.FOLLOWER,
                                    Standing.turn(queue, sequence),
                                    sequence,
                                    group,
                                    order.tag(group)));
                }
            }
        }
    }

    private boolean isFollower(Mark mark, long sequence) {
        if (groups != Groups.FAIR) {
            return Standing.isReady(queue, sequence);
        }
        Mark other = queue.locate(sequence).mark();
        return other.priority() == mark.priority()
                && queue.lanes().members().typeOf(other) == queue.lanes().members().typeOf(mark);
    }

    /// Where a message comes behind others of its group, or null if it is not to come at all.
    private @Nullable LaneOrder laneOf(Mark mark) {
        int type = queue.lanes().members().typeOf(mark);
        for (LaneOrder order : lanes) {
            if (order.lane.priority == mark.priority() && order.lane.type == type) {
                return order;
            }
        }
        Lane lane = new Lane(mark.priority(), type);
        if (!isWanted(lane)) {
            return null;
        }
        LaneOrder order = new LaneOrder(lane);
        lanes.add(order);
        return order;
    }

    private static @Nullable Candidate better(
            @Nullable Candidate one, @Nullable Candidate other, Comparator<Candidate> order) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return order.compare(other, one) < 0 ? other : one;
    }
}
