package io.millstream.testkit.simulation;

import io.millstream.api.Groups;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// In which order the messages of a queue have to be handed out, worked out from scratch and as far
/// as it is certain.
final class BookOrder {
    /// A share is fair to within a few messages: who is behind catches up first.
    private static final int TURNS_MAX = 6;

    private final Book book;
    private final long now;

    /// Whether of a group that gives one at a time the next one comes when the one before it has.
    private final boolean goesOn;

    BookOrder(Book book, long now) {
        this(book, now, false);
    }

    private BookOrder(Book book, long now, boolean goesOn) {
        this.book = book;
        this.now = now;
        this.goesOn = goesOn;
    }

    /// What may be handed out next.
    ///
    /// @param surely of these one has to be, if anything
    /// @param perhaps these too
    record Next(List<Booked> surely, List<Booked> perhaps) {}

    /// @param taken what the same take has got already
    /// @param buries whether what is unfit goes on the way
    Next next(Collection<Booked> taken, boolean buries) {
        Next next = new Next(new ArrayList<>(), new ArrayList<>());
        Map<String, List<Booked>> groups = new TreeMap<>();
        for (Booked one : book.messages) {
            String group = book.isOrdered() ? book.groupOf(one) : null;
            if (group != null) {
                groups.computeIfAbsent(group, name -> new ArrayList<>()).add(one);
            } else if (one.isReady(now) && !taken.contains(one)) {
                offer(one, next, buries);
            }
        }
        groups.values().forEach(members -> offerGroup(members, taken, next, buries));
        return next;
    }

    /// @return whether it holds up what is behind it
    private boolean offer(Booked one, Next next, boolean buries) {
        if (buries && book.isUnfit(one, now)) {
            return false;
        }
        boolean sure = !buries || !book.mayBeUnfit(one, now);
        (sure ? next.surely : next.perhaps).add(one);
        return sure;
    }

    private void offerGroup(
            List<Booked> members, Collection<Booked> taken, Next next, boolean buries) {
        boolean follows = members.stream().anyMatch(taken::contains);
        boolean locked = members.stream().anyMatch(one -> one.isLeased() && !taken.contains(one));
        boolean single = GroupOrder.isSingle(book.definition.groups()) && !goesOn;
        if (locked || (follows && single)) {
            return;
        }
        Next own = new Next(new ArrayList<>(), new ArrayList<>());
        boolean isBehind = false;
        for (Booked one : inOrder(members)) {
            if (taken.contains(one) || one.standing == Booked.Standing.STUCK) {
                continue;
            }
            if (!one.isReady(now)) {
                break;
            }
            if (offer(one, own, buries)) {
                break;
            }
            // One that has to go does so when its turn comes.
            isBehind = true;
        }
        next.perhaps.addAll(own.perhaps);
        (!isBehind ? next.surely : next.perhaps).addAll(own.surely);
    }

    private static List<Booked> inOrder(List<Booked> members) {
        return members.stream()
                .sorted(java.util.Comparator.comparingLong(one -> one.sequence))
                .toList();
    }

    /// Whether `first` has to be handed out before `second`, both being next.
    boolean isBefore(Booked first, Booked second) {
        int priority = first.message.priority();
        int ofPriority = second.message.priority();
        boolean fair = book.definition.groups().isFair();
        if (fair && priority == ofPriority) {
            return Objects.equals(book.groupOf(first), book.groupOf(second))
                    && isReadyBefore(first, second);
        }
        Duration step = book.definition.ageing();
        if (step == null) {
            return priority < ofPriority
                    || (priority == ofPriority && isReadyBefore(first, second));
        }
        if (fair || first.misplaced || second.misplaced) {
            return false;
        }
        if (priority == ofPriority) {
            return isReadyBefore(first, second);
        }
        Span since = first.readyAt().plus(priority * step.toMillis());
        Span ofSince = second.readyAt().plus(ofPriority * step.toMillis());
        return since.until() < ofSince.from()
                || (priority < ofPriority && since.until() <= ofSince.from());
    }

    /// By when they became ready; at equal times those that waited, then by sequence.
    private static boolean isReadyBefore(Booked one, Booked other) {
        if (one.misplaced || other.misplaced) {
            return false;
        }
        boolean waited = one.due != null;
        boolean otherWaited = other.due != null;
        boolean isFirst = one.sequence < other.sequence;
        if (!waited && !otherWaited) {
            return isFirst;
        }
        long until = one.readyAt().until();
        long from = other.readyAt().from();
        return until < from
                || (waited && !otherWaited && until <= from)
                || (waited && otherWaited && isFirst && until <= from);
    }

    /// Requires that a take of at most `most` may have got these, in this order.
    void requireTaken(List<Booked> got, int most) {
        Set<Booked> taken = new HashSet<>();
        for (Booked one : got) {
            Next next = next(taken, true);
            requireIn(one, next);
            requireFirst(one, next);
            taken.add(one);
        }
        if (book.definition.groups().isFair()) {
            requireFair(got);
        }
        boolean mayMore = book.leased() + got.size() < book.definition.maxInFlight();
        PromiseBroken.unless(
                got.isEmpty() || (!book.definition.paused() && got.size() <= most),
                subject(),
                "A take of %d got %d though it is %s",
                most,
                got.size(),
                book.definition);
        List<Booked> left = next(taken, true).surely;
        PromiseBroken.unless(
                got.size() >= most || !mayMore || book.definition.paused() || left.isEmpty(),
                left.isEmpty() ? subject() : left.getFirst().id(),
                "A take got %s only, though there are %s",
                got,
                left);
    }

    private void requireIn(Booked one, Next next) {
        PromiseBroken.unless(
                next.surely.contains(one) || next.perhaps.contains(one),
                one.id(),
                "Handed out at %d, though it is not its turn: %s of %s %s, next are %s",
                now,
                one,
                subject(),
                book.definition.groups(),
                next);
    }

    private void requireFirst(Booked one, Next next) {
        for (Booked other : next.surely) {
            PromiseBroken.unless(
                    other == one || !isBefore(other, one),
                    one.id(),
                    "Handed out at %d before %s: %s of %s, ageing %s",
                    now,
                    other,
                    one,
                    subject(),
                    book.definition.ageing());
        }
    }

    /// Whoever is ready all the time and has a larger share gets it: until another group has been
    /// served for the third time, as often as the difference between their shares says.
    private void requireShare(Booked waiting, List<String> served) {
        var weights = book.definition.weights();
        String group = String.valueOf(book.groupOf(waiting));
        int weight = weights.getOrDefault(group, 1);
        // What has to go on the way takes a turn.
        boolean hasUnfit =
                book.messages.stream()
                        .filter(one -> group.equals(String.valueOf(book.groupOf(one))))
                        .anyMatch(one -> book.mayBeUnfit(one, now));
        if (book.definition.groups() != Groups.FAIR
                || book.definition.ageing() != null
                || hasUnfit) {
            return;
        }
        for (String other : new HashSet<>(served)) {
            int ofOther = weights.getOrDefault(other, 1);
            List<String> before = served.subList(0, served.lastIndexOf(other));
            long times = before.stream().filter(other::equals).count();
            long own = before.stream().filter(group::equals).count();
            PromiseBroken.unless(
                    other.equals(group) || times * weight <= ofOther * (weight + own),
                    waiting.id(),
                    "Group %s of weight %d was served %d times while %s of weight %d was %d times",
                    other,
                    ofOther,
                    times + 1,
                    group,
                    weight,
                    own);
        }
    }

    /// Whoever is served again and again leaves nobody of the same priority out who waits.
    private void requireFair(List<Booked> got) {
        List<Booked> left = next(got, true).surely;
        for (Booked waiting : left) {
            int priority = waiting.message.priority();
            List<String> served =
                    got.stream()
                            .filter(one -> one.message.priority() == priority)
                            .map(one -> String.valueOf(book.groupOf(one)))
                            .toList();
            requireShare(waiting, served);
            String group = String.valueOf(book.groupOf(waiting));
            List<String> since = served.subList(1 + served.lastIndexOf(group), served.size());
            for (String other : since) {
                long times = since.stream().filter(other::equals).count();
                PromiseBroken.unless(
                        times < TURNS_MAX || book.definition.ageing() != null,
                        waiting.id(),
                        "Group %s was served %d times while %s waited",
                        other,
                        times,
                        group);
            }
        }
    }

    /// Requires that these may be the ones that a move of `count` takes, or that go first of those
    /// that are ready.
    ///
    /// @param movable what could go of what is ready
    void requireFirst(Set<Booked> gone, List<Booked> movable) {
        for (Booked one : gone) {
            for (Booked other : movable) {
                boolean sameGroup =
                        book.isOrdered()
                                && book.groupOf(one) != null
                                && Objects.equals(book.groupOf(one), book.groupOf(other));
                PromiseBroken.unless(
                        gone.contains(other)
                                || !(sameGroup
                                        ? other.sequence < one.sequence
                                        : isBefore(other, one) && isHead(other)),
                        one.id(),
                        "It went out of %s at %d before %s: %s",
                        subject(),
                        now,
                        other,
                        one);
            }
        }
    }

    /// Whether nothing of its group is in front of it.
    private boolean isHead(Booked one) {
        return next(Set.of(), false).surely.contains(one);
    }

    /// All that one take of everything would get.
    List<Booked> all() {
        Set<Booked> taken = new HashSet<>();
        List<Booked> all = new ArrayList<>();
        for (Next next = next(taken, false); !next.surely.isEmpty(); next = next(taken, false)) {
            taken.addAll(next.surely);
            all.addAll(next.surely);
        }
        return all;
    }

    /// What one take of everything would get, in order and as far as that is certain.
    List<Booked> certain() {
        List<Booked> order = new ArrayList<>();
        Set<Booked> taken = new HashSet<>();
        for (Booked first = surelyFirst(taken); first != null; first = surelyFirst(taken)) {
            taken.add(first);
            order.add(first);
        }
        return order;
    }

    private Booked surelyFirst(Set<Booked> taken) {
        List<Booked> next = next(taken, false).surely;
        return next.stream()
                .filter(one ->
                        next.stream().allMatch(other -> other == one || isBefore(one, other)))
                .findFirst()
                .orElse(null);
    }

    /// The same, if each message were gone at once.
    BookOrder onward() {
        return new BookOrder(book, now, true);
    }

    /// In which order messages make room for others, as far as that is certain: what would be
    /// handed out next if the one before it were gone, then what is held up, then what waits,
    /// soonest first.
    List<Booked> dropped() {
        BookOrder onward = onward();
        List<Booked> order = onward.certain();
        if (order.size() < onward.all().size()) {
            return order;
        }
        Set<Booked> ready = new HashSet<>(order);
        List<Booked> rest =
                book.messages.stream()
                        .filter(one -> !one.isLeased() && !ready.contains(one))
                        .toList();
        order.addAll(inOrder(rest.stream().filter(one -> !one.isWaiting(now)).toList()));
        List<Booked> waiting = rest.stream().filter(one -> one.isWaiting(now)).toList();
        if (waiting.stream().allMatch(one -> one.due.isKnown())) {
            waiting.stream()
                    .sorted(
                            java.util.Comparator.comparingLong((Booked one) -> one.due.from())
                                    .thenComparingLong(one -> one.sequence))
                    .forEach(order::add);
        }
        return order;
    }

    private String subject() {
        return book.definition.name().toString();
    }
}
