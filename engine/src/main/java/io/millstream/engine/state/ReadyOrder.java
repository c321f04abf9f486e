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
    private final long ageing;

    /// Whether nothing follows what has been passed of its group.
    private final boolean oneOfEach;

    private final List<LaneOrder> lanes = new ArrayList<>(1);
    private long nextNew;
    private long servedWithout;
    private int fresh;

    /// @param fresh how many there may be of those that were never handed out
    ReadyOrder(QueueState queue, int fresh) {
        this(queue, fresh, queue.definition.groups() == Groups.ORDERED_SINGLY);
    }

    /// The order in which messages would be handed out if each were settled at once: a group that
    /// gives one at a time goes on.
    static ReadyOrder oneByOne(QueueState queue) {
        return new ReadyOrder(queue, Integer.MAX_VALUE, false);
    }

    private ReadyOrder(QueueState queue, int fresh, boolean oneOfEach) {
        this.oneOfEach = oneOfEach;
        this.queue = queue;
        this.groups = queue.definition.groups();
        Duration step = queue.definition.ageing();
        this.ageing = step == null ? 0 : step.toMillis();
        this.nextNew = queue.cursor;
        this.fresh = fresh;
        this.servedWithout = queue.lanes().servedWithout();
        for (Lane lane : queue.lanes().all()) {
            if (!lane.isEmpty()) {
                lanes.add(new LaneOrder(lane));
            }
        }
        if (!lanes.isEmpty() && lanes.stream().noneMatch(order -> order.lane.priority == 0)) {
            lanes.add(new LaneOrder(new Lane(0)));
        }
    }

    /// Where a message comes from that may be next.
    private enum Source {
        CURSOR,
        FRESH,
        AGAIN,
        FAIR,
        FOLLOWER
    }

    /// A message that may be next.
    ///
    /// @param served where groups share fairly: how much its group has been served
    private record Candidate(
            Source source, long turn, long sequence, @Nullable Group group, long served) {}

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
        if (nextNew >= queue.end || fresh <= 0) {
            return -1;
        }
        fresh--;
        long sequence = nextNew;
        nextNew = queue.behind(sequence);
        return sequence;
    }

    private boolean isBefore(LaneOrder lane, Candidate one, LaneOrder ofLane, Candidate other) {
        int priority = lane.lane.priority;
        int ofPriority = ofLane.lane.priority;
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
        private final TimeOrder.Walk ofFair;

        /// What comes behind something of its group that has been passed.
        private final PriorityQueue<Candidate> followers;

        LaneOrder(Lane lane) {
            this.lane = lane;
            this.ofFresh = lane.fresh.walk();
            this.ofAgain = lane.again.walk();
            this.ofFair = lane.fair.walk();
            this.followers = new PriorityQueue<>(groups == Groups.FAIR ? BY_SERVICE : BY_TURN);
        }

        @Nullable Candidate first() {
            if (groups == Groups.FAIR) {
                return fairest();
            }
            return better(earliest(), follower(), BY_TURN);
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
                                    servedWithout);
            best = better(best, fairGroup(), BY_SERVICE);
            return better(best, follower(), BY_SERVICE);
        }

        private @Nullable Candidate fairGroup() {
            for (; ofFair.isAtOne(); ofFair.advance()) {
                long sequence = ofFair.sequence();
                if (fresh > 0 || queue.delivery(sequence) != null) {
                    return new Candidate(
                            Source.FAIR,
                            Standing.turn(queue, sequence),
                            sequence,
                            queue.lanes().groupOf(queue.locate(sequence).mark()),
                            ofFair.time());
                }
            }
            return null;
        }

        private @Nullable Candidate follower() {
            while (fresh <= 0
                    && !followers.isEmpty()
                    && queue.delivery(followers.peek().sequence()) == null) {
                followers.poll();
            }
            return followers.peek();
        }

        private @Nullable Candidate earliest() {
            Candidate best = ofAgain.isAtOne() ? candidate(Source.AGAIN, ofAgain) : null;
            if (fresh > 0) {
                if (ofFresh.isAtOne()) {
                    best = better(best, candidate(Source.FRESH, ofFresh), BY_TURN);
                }
                if (lane.priority == 0 && nextNew < queue.end) {
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
            switch (candidate.source()) {
                case CURSOR -> nextNew = queue.behind(candidate.sequence());
                case FRESH -> ofFresh.advance();
                case AGAIN -> ofAgain.advance();
                case FAIR -> ofFair.advance();
                case FOLLOWER -> followers.poll();
            }
            if (queue.delivery(candidate.sequence()) == null) {
                fresh--;
            }
            if (groups == Groups.FAIR && candidate.group() == null) {
                servedWithout = candidate.served() + 1;
            }
            follow(candidate);
        }

        private void follow(Candidate candidate) {
            if (candidate.source() == Source.CURSOR || oneOfEach) {
                return;
            }
            Group group =
                    candidate.group() == null
                            ? queue.lanes().groupOf(queue.locate(candidate.sequence()).mark())
                            : candidate.group();
            if (group == null) {
                return;
            }
            Mark mark = queue.locate(candidate.sequence()).mark();
            long passed = queue.lanes().memberTime(mark, candidate.turn());
            TimeOrder.Walk behind = group.members.walkBehind(passed, candidate.sequence());
            if (behind.isAtOne() && isFollower(mark, behind.sequence())) {
                long sequence = behind.sequence();
                laneOf(sequence)
                        .followers
                        .add(
                                new Candidate(
                                        Source.FOLLOWER,
                                        Standing.turn(queue, sequence),
                                        sequence,
                                        group,
                                        candidate.served() + 1));
            }
        }
    }

    private boolean isFollower(Mark mark, long sequence) {
        return groups == Groups.FAIR
                ? queue.locate(sequence).mark().priority() == mark.priority()
                : Standing.isReady(queue, sequence);
    }

    private LaneOrder laneOf(long sequence) {
        int priority = queue.locate(sequence).mark().priority();
        for (LaneOrder order : lanes) {
            if (order.lane.priority == priority) {
                return order;
            }
        }
        LaneOrder order = new LaneOrder(new Lane(priority));
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
