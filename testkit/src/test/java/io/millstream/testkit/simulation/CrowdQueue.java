package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscription;
import io.millstream.api.View;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One queue of the [Crowd]: who is there, and who may get what.
///
/// What is asked for is kept in its order and played through at a census, when everything that was
/// asked has been done and heard: who is refused, and who is the active one, follows from the order
/// alone.
final class CrowdQueue {
    /// The engine's clock differs from the monotonic one by much less.
    private static final long CLOCK_PARTS = 500;

    private static final long SLACK_MILLIS = 10;

    /// Somebody who consumes.
    static final class Member {
        final CrowdQueue queue;
        final int session;
        final int priority;
        final boolean exclusive;
        final int credit;
        final List<Handle> held = new ArrayList<>();
        Subscription subscription;

        /// What it was told at the end, and last of being the active one.
        Refusal ended;

        Boolean standing;

        /// Whether it was there at a census, and whether it has asked to leave.
        boolean seen;

        boolean left;

        /// Whether its session is closed.
        boolean cut;

        Member(CrowdQueue queue, int session, int priority, boolean exclusive, int credit) {
            this.queue = queue;
            this.session = session;
            this.priority = priority;
            this.exclusive = exclusive;
            this.credit = credit;
        }

        int creditLeft() {
            return Math.max(0, credit - held.size());
        }

        @Override
        public String toString() {
            return "consumer of priority %d, %s, %d of %d held, told %s%s"
                    .formatted(
                            priority,
                            exclusive ? "exclusive" : "shared",
                            held.size(),
                            credit,
                            standing,
                            left ? ", left" : "");
        }
    }

    /// Somebody who takes.
    static final class Taker {
        final long nanos;
        boolean answered;
        Refusal refused;
        int leases;

        Taker(long nanos) {
            this.nanos = nanos;
        }
    }

    /// What somebody asked for.
    private sealed interface Call {
        record Begins(Member member) implements Call {}

        record Ends(Member member) implements Call {}

        record Takes(Taker taker) implements Call {}
    }

    private record Push(Member member, long position) {}

    final ChannelName name;

    /// What it is, or null if it is not there; and what it may be, because nobody was answered.
    Definition.Queue definition;

    Definition.Queue asked;

    /// Whether its removal has been asked for.
    boolean removed;

    private final Machine machine;
    private final List<Member> members = new ArrayList<>();
    private final List<Taker> takers = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Push> pushes = new ArrayList<>();
    private Member active;

    /// Those that were the active one since the last census, in that order.
    private final Map<Member, Integer> activations = new LinkedHashMap<>();

    private boolean sawExclusive;

    /// It was certainly used at this time or later, and certainly not after that one.
    private long usedFrom;

    private long usedUntil;

    CrowdQueue(ChannelName name, Machine machine) {
        this.name = name;
        this.machine = machine;
    }

    List<Member> members() {
        return members;
    }

    boolean hasTakers() {
        return !takers.isEmpty();
    }

    private long nanos() {
        return machine.clock().nanos();
    }

    // What is asked for, and what comes.

    void begins(Member member) {
        calls.add(new Call.Begins(member));
    }

    void ends(Member member) {
        member.left = true;
        calls.add(new Call.Ends(member));
        if (member.seen) {
            usedFrom = nanos();
        }
    }

    void takes(Taker taker) {
        takers.add(taker);
        calls.add(new Call.Takes(taker));
    }

    void pushed(Member member, List<Lease> leases) {
        for (Lease lease : leases) {
            pushes.add(new Push(member, lease.handle().fence().position()));
        }
    }

    /// How many messages were pushed since the last census to those of one priority.
    int pushedTo(int priority) {
        return (int) pushes.stream().filter(push -> push.member.priority == priority).count();
    }

    // A census.

    /// Everything that was asked for has been done and heard.
    ///
    /// @param view what is there, or null
    void census(View.QueueView view) {
        boolean wasInUse = !calls.isEmpty() || inUse();
        activations.clear();
        if (active != null) {
            activations.put(active, 0);
        }
        sawExclusive = hasExclusive();
        if (definition != null && definition.singleActive() && active == null) {
            activate();
        } else if (definition != null && !definition.singleActive()) {
            active = null;
        }
        for (Call call : calls) {
            switch (call) {
                case Call.Begins(Member member) -> begun(member);
                case Call.Ends(Member member) -> ended(member);
                case Call.Takes(Taker taker) -> took(taker);
            }
        }
        checkTakers();
        checkPushes();
        takers.removeIf(taker -> taker.answered);
        checkLife(view, wasInUse);
        checkMembers();
        if (view != null) {
            checkNobodyForgotten(view);
        }
        calls.clear();
        pushes.clear();
    }

    private void begun(Member member) {
        if (member.ended instanceof Refusal.NoSuchChannel) {
            return;
        }
        boolean refused = hasExclusive() || (member.exclusive && !members.isEmpty());
        PromiseBroken.unless(
                refused == (member.ended instanceof Refusal.Invalid),
                name.toString(),
                "A %s beside %s was told %s",
                member,
                members,
                member.ended);
        if (refused) {
            return;
        }
        members.add(member);
        sawExclusive |= member.exclusive;
        if (definition != null && definition.singleActive() && active == null) {
            activate();
        }
    }

    private void ended(Member member) {
        members.remove(member);
        if (active == member) {
            activate();
        }
    }

    /// The highest priority, and of that the oldest.
    private void activate() {
        active =
                members.stream()
                        .min(Comparator.comparingInt(member -> -member.priority))
                        .orElse(null);
        if (active != null) {
            activations.put(active, activations.size());
        }
    }

    private boolean hasExclusive() {
        return members.stream().anyMatch(member -> member.exclusive);
    }

    private void took(Taker taker) {
        PromiseBroken.unless(
                !hasExclusive() || (taker.answered && taker.leases == 0),
                name.toString(),
                "A take got %d beside an exclusive consumer",
                taker.leases);
    }

    private void checkTakers() {
        for (Taker taker : takers) {
            PromiseBroken.unless(
                    taker.answered || !hasExclusive(),
                    name.toString(),
                    "A take waits beside an exclusive consumer");
            PromiseBroken.unless(
                    sawExclusive || !(taker.refused instanceof Refusal.Invalid),
                    name.toString(),
                    "A take was refused though nobody is exclusive: %s",
                    taker.refused);
            PromiseBroken.unless(
                    taker.leases == 0 || definition == null || !definition.paused(),
                    name.toString(),
                    "A take got %d of a paused queue",
                    taker.leases);
            if (taker.answered && !(taker.refused instanceof Refusal.NoSuchChannel)) {
                usedFrom = Math.max(usedFrom, taker.nanos);
            }
        }
    }

    /// Nobody gets anything but the active one, and its predecessors nothing after it has.
    private void checkPushes() {
        PromiseBroken.unless(
                pushes.isEmpty() || definition == null || !definition.paused(),
                name.toString(),
                "A paused queue pushes");
        if (definition == null || !definition.singleActive()) {
            return;
        }
        pushes.sort(Comparator.comparingLong(Push::position));
        int latest = 0;
        for (Push push : pushes) {
            Integer turn = activations.get(push.member);
            PromiseBroken.unless(
                    turn != null && turn >= latest,
                    name.toString(),
                    "A %s gets messages, but %s is the active one, and before in turn %s",
                    push.member,
                    active,
                    activations.keySet());
            latest = turn;
        }
    }

    private void checkMembers() {
        for (Member member : members) {
            PromiseBroken.unless(
                    member.ended == null,
                    name.toString(),
                    "A %s was ended: %s",
                    member,
                    member.ended);
            boolean gets = active == null || active == member;
            boolean told =
                    definition.singleActive()
                            ? Boolean.valueOf(gets).equals(member.standing)
                            : !Boolean.FALSE.equals(member.standing);
            // It is told once everything before it is on disk.
            PromiseBroken.unless(
                    told || machine.isLogFull(),
                    name.toString(),
                    "A %s of %s is told %s",
                    member,
                    definition,
                    member.standing);
            member.seen = true;
        }
    }

    private void checkNobodyForgotten(View.QueueView view) {
        boolean ready = view.counts().ready() > 0 && !view.definition().paused();
        boolean waits =
                hasTakers() || eligible().stream().anyMatch(member -> member.creditLeft() > 0);
        PromiseBroken.unless(
                !ready || !waits || machine.isFull(),
                name.toString(),
                "Ready, and somebody waits: %s",
                view);
    }

    private List<Member> eligible() {
        return active == null ? members : List.of(active);
    }

    /// How many messages go to those of each priority if so many are ready.
    Map<Integer, Integer> shares(int messages) {
        Map<Integer, Integer> shares = new LinkedHashMap<>();
        int left = definition.paused() ? 0 : messages;
        List<Member> best =
                eligible().stream()
                        .sorted(Comparator.comparingInt(member -> -member.priority))
                        .toList();
        for (Member member : best) {
            int share = Math.min(left, member.creditLeft());
            shares.merge(member.priority, share, Integer::sum);
            left -= share;
        }
        return shares;
    }

    // How long it lives.

    private boolean inUse() {
        return !members.isEmpty() || hasTakers();
    }

    private void checkLife(View.QueueView view, boolean wasInUse) {
        if (view == null) {
            requireMayBeGone(inUse());
            members.clear();
            takers.clear();
            active = null;
            definition = null;
            return;
        }
        PromiseBroken.unless(
                view.definition().equals(definition),
                name.toString(),
                "It is %s, and was defined as %s",
                view,
                definition);
        if (inUse()) {
            usedFrom = nanos();
        }
        if (inUse() || wasInUse) {
            usedUntil = nanos();
        }
        Duration unusedFor = definition.unusedFor();
        PromiseBroken.unless(
                unusedFor == null
                        || inUse()
                        || least(nanos() - usedUntil) <= unusedFor.toMillis()
                        || machine.mayBeFull(),
                name.toString(),
                "Nobody has used it for %d ms, and it is there: %s",
                least(nanos() - usedUntil),
                definition);
    }

    private void requireMayBeGone(boolean inUse) {
        if (definition == null || asked != null || removed) {
            return;
        }
        Duration unusedFor = definition.unusedFor();
        PromiseBroken.unless(
                unusedFor != null && !inUse && most(nanos() - usedFrom) >= unusedFor.toMillis(),
                name.toString(),
                "It is gone after %d ms, %s: %s",
                most(nanos() - usedFrom),
                inUse ? "in use" : "not in use",
                definition);
    }

    private static long most(long nanos) {
        long millis = nanos / 1_000_000;
        return millis + millis / CLOCK_PARTS + SLACK_MILLIS;
    }

    private static long least(long nanos) {
        long millis = nanos / 1_000_000;
        return millis - millis / CLOCK_PARTS - SLACK_MILLIS;
    }

    /// It was defined, and that was asked for at this time.
    void defined(Definition.Queue as, long nanos) {
        definition = as;
        asked = null;
        usedFrom = Math.max(usedFrom, nanos);
        usedUntil = nanos();
    }

    /// The engine has ended and is there again; nobody is.
    void compare(View.QueueView view) {
        if (view == null) {
            requireMayBeGone(members.stream().anyMatch(member -> !member.left));
            definition = null;
        } else {
            PromiseBroken.unless(
                    view.definition().equals(definition) || view.definition().equals(asked),
                    name.toString(),
                    "It is %s, and was defined as %s",
                    view,
                    definition);
            definition = view.definition();
        }
        asked = null;
        members.clear();
        takers.clear();
        calls.clear();
        pushes.clear();
        active = null;
        usedFrom = nanos();
        usedUntil = nanos();
    }
}
