package io.millstream.testkit.simulation;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Take;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;
import io.millstream.testkit.simulation.Booked.Standing;
import io.millstream.testkit.simulation.Look.Place;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Brings a [Ledger] up to what a look shows, as far as that can have come about since the last
/// one: what happens by itself happens at some time in between. What cannot is a broken promise.
final class Reckoning {
    private static final int DEATHS_MAX = 20;

    private final Ledger ledger;
    private final Look look;
    private final Map<String, Place> places;
    private final Span since;
    private final long now;

    /// How long leases last at least from the opening on, if there was one since; or -1.
    private final long grace;

    /// A take of which nobody knows what it got, or null.
    private final Take unheard;

    /// What made room, by queue, and what was moved.
    private final Map<ChannelName, Set<Booked>> dropped = new java.util.HashMap<>();

    private final Set<Booked> moved = new HashSet<>();

    /// Whether of some it is not known whether it was that, or their age.
    private boolean ambiguous;

    private final Ledger before;

    private Reckoning(Ledger ledger, Look look, long grace, Take unheard, boolean atOnce) {
        this.ledger = ledger;
        this.look = look;
        this.places = look.places();
        this.now = look.now();
        this.since = new Span(atOnce ? now : Math.min(ledger.now, now), now);
        this.grace = grace;
        this.unheard = unheard;
        this.before = ledger.overflows.isEmpty() && ledger.moving == null ? null : ledger.copy();
    }

    /// @param atOnce whether time has passed once at most since the last look, and nothing was
    ///   asked for before it did: so all that happened by itself happened now
    static void reckon(Ledger ledger, Look look, boolean atOnce) {
        new Reckoning(ledger, look, -1, null, atOnce).run();
    }

    static void afterRestart(Ledger ledger, Look look, long grace, Take unheard) {
        new Reckoning(ledger, look, grace, unheard, false).run();
    }

    private boolean isRestarted() {
        return grace >= 0;
    }

    private void run() {
        ledger.books.forEach((name, book) -> {
            View.QueueView view = look.queues().get(name);
            PromiseBroken.unless(
                    view != null && view.definition().equals(book.definition),
                    name.toString(),
                    "It is %s, and was defined as %s",
                    view,
                    book.definition);
            book.channel = view.incarnation();
        });
        for (Book book : ledger.books.values()) {
            for (Booked booked : List.copyOf(book.messages)) {
                if (isRestarted() && booked.isLeased() && booked.leaseEnd != null) {
                    Span end = booked.leaseEnd;
                    booked.leaseEnd = new Span(end.from(), Math.max(end.until(), now + grace));
                }
            }
        }
        record Row(Book book, Booked booked) {}
        List<Row> rows = new ArrayList<>();
        ledger.books
                .values()
                .forEach(book -> book.messages.forEach(one -> rows.add(new Row(book, one))));
        ledger.overflows.forEach(this::findDropped);
        rows.forEach(row -> trace(row.book, row.booked));
        Set<String> known = new HashSet<>();
        rows.forEach(row -> known.add(row.booked.id()));
        places.keySet()
                .forEach(id ->
                        PromiseBroken.unless(
                                known.contains(id),
                                id,
                                "It is there and must not be: %s",
                                places.get(id)));
        ledger.books.values().forEach(Reckoning::narrow);
        checkRoom();
        checkMove();
        ledger.books.values().forEach(this::check);
        ledger.overflows.clear();
        ledger.moving = null;
        ledger.now = now;
        for (Book book : ledger.books.values()) {
            book.hasMadeRoom = false;
            book.pass(now);
        }
    }

    // What became of a message.

    private void trace(Book from, Booked booked) {
        Book book = from;
        for (int deaths = 0; book != null; deaths++) {
            PromiseBroken.unless(deaths < DEATHS_MAX, booked.id(), "It dies and dies");
            Place place = places.get(booked.id());
            View.MessageView view =
                    place != null
                                    && place.queue().equals(book.definition.name())
                                    && (booked.sequence == Booked.UNSEEN
                                            || booked.sequence == place.view().sequence())
                            ? place.view()
                            : null;
            Book next =
                    switch (booked.standing) {
                        case LEASED -> traceLeased(book, booked, view);
                        case RESTS -> traceResting(book, booked, view);
                        case STUCK -> traceStuck(book, booked, view);
                    };
            if (next == book && view != null && isDone) {
                requireSame(booked, view);
                return;
            }
            book = next;
        }
        PromiseBroken.unless(
                !places.containsKey(booked.id()),
                booked.id(),
                "It is there and must be gone: %s in %s",
                booked,
                places.get(booked.id()));
    }

    /// Whether the last message traced is where it is seen.
    private boolean isDone;

    private Book found(Book book) {
        isDone = true;
        return book;
    }

    /// How many went of which it is not known how far they had come on their way round.
    private int strays;

    private Book die(Book book, Booked booked, Via.Cause cause, Span at) {
        return die(book, booked, cause, Set.of(), at);
    }

    /// Where it is not known of what it dies, or has died before, and one way it goes round for
    /// ever and the other way not, only what is seen tells.
    ///
    /// @param or of what else it may die
    private Book die(Book book, Booked booked, Via.Cause cause, Set<Via.Cause> or, Span at) {
        ChannelName name = book.definition.name();
        Set<Via.Cause> causes = EnumSet.of(cause);
        causes.addAll(or);
        boolean mustCircle = causes.stream().allMatch(one -> booked.mustCircle(name, one));
        boolean mayCircle = causes.stream().anyMatch(one -> booked.mayCircle(name, one));
        boolean circles = mustCircle || (mayCircle && !places.containsKey(booked.id()));
        ChannelName deadLetter = book.definition.deadLetter();
        strays += circles && !mustCircle && ledger.book(deadLetter) != null ? 1 : 0;
        boolean isVague = causes.size() > 1;
        // Whoever goes to others is counted as dead, also for its age.
        boolean mayBeEither = isVague && causes.contains(Via.Cause.EXPIRED) && deadLetter == null;
        book.either += mayBeEither ? 1 : 0;
        Book next = ledger.die(book, booked, cause, at, circles);
        booked.vague |= isVague;
        return next;
    }

    private Book traceLeased(Book book, Booked booked, View.MessageView view) {
        isDone = false;
        Span end = booked.leaseEnd;
        if (view != null && view.state() == MessageState.LEASED) {
            PromiseBroken.unless(
                    end == null ? !isRestarted() : end.until() > now,
                    booked.id(),
                    "Its lease goes on at %d: %s",
                    now,
                    booked);
            return found(book);
        }
        PromiseBroken.unless(
                end == null ? isRestarted() : end.from() <= now,
                booked.id(),
                "Its lease has ended at %d by itself: %s, now %s",
                now,
                booked,
                places.get(booked.id()));
        Span at = end == null ? since : new Span(Math.max(end.from(), since.from()), now);
        booked.standing = Standing.RESTS;
        booked.leaseEnd = null;
        booked.handle = null;
        boolean usedUp =
                booked.unsure
                        ? view == null && book.definition.maxAttempts() > 0
                        : book.isUsedUp(booked.attempts);
        if (usedUp) {
            Set<Via.Cause> or = EnumSet.noneOf(Via.Cause.class);
            if (booked.unsure) {
                or.add(Via.Cause.REJECTED);
            }
            if (booked.unsure && book.endOfLife(booked).from() <= now) {
                or.add(Via.Cause.EXPIRED);
            }
            return die(book, booked, Via.Cause.ATTEMPTS, or, at);
        }
        BackOff backOff = book.definition.backOff();
        if (backOff != null && end != null) {
            booked.due =
                    booked.unsure
                            ? new Span(at.from(), now + backOff.most().toMillis())
                            : at.plus(backOff.after(booked.attempts).toMillis());
        }
        return book;
    }

    private Book traceResting(Book book, Booked booked, View.MessageView view) {
        isDone = false;
        if (view != null && isUnheard(book, booked, view)) {
            return take(book, booked);
        }
        PromiseBroken.unless(
                view == null || view.state() != MessageState.LEASED,
                booked.id(),
                "It is leased and nobody took it: %s",
                booked);
        boolean isStuck =
                view != null && view.state() == MessageState.DELAYED && view.due() == null;
        if (view != null && !isStuck) {
            rests(booked, view);
            return found(book);
        }
        Book target = movedTo(book, booked);
        if (target != null) {
            moved.add(before.book(ledger.moving.from()).find(booked.id()));
            ledger.transfer(book, booked, target, ledger.now);
            return target;
        }
        Span life = book.endOfLife(booked);
        boolean waits = booked.due != null && booked.due.from() > now;
        boolean mayExpire = life.from() <= now && !waits;
        if (isDropped(book, booked)) {
            // Whether it was this or its age, nobody is told who has no dead letter.
            return mayExpire && !isSurelyDropped(book, booked)
                    ? die(book, booked, Via.Cause.OVERFLOW, EnumSet.of(Via.Cause.EXPIRED), since)
                    : die(book, booked, Via.Cause.OVERFLOW, Span.at(ledger.now));
        }
        boolean mayBeUsedUp =
                booked.deliveries > 0
                        && book.definition.maxAttempts() > 0
                        && (booked.unsure || book.isUsedUp(booked.attempts));
        boolean mayBeTaken = unheard != null && unheard.queue().equals(book.definition.name());
        // It has been seen that it was, or its only chance is that it was, often enough before.
        if (mayBeTaken && (isOnceMore(booked) || (!mayBeUsedUp && !mayExpire))) {
            return take(book, booked);
        }
        if (mayExpire) {
            Set<Via.Cause> or = EnumSet.noneOf(Via.Cause.class);
            if (mayBeUsedUp || (mayBeTaken && mayBeUsedUpBy(book, booked))) {
                or.add(Via.Cause.ATTEMPTS);
            }
            if (book.hasMadeRoom) {
                or.add(Via.Cause.OVERFLOW);
            }
            long from = Math.max(life.from(), booked.due == null ? 0 : booked.due.from());
            Span at = or.isEmpty() ? since.notBefore(from) : since;
            return die(book, booked, Via.Cause.EXPIRED, or, at);
        }
        PromiseBroken.unless(
                mayBeUsedUp && !waits,
                booked.id(),
                "It is lost at %d: %s of %s, found %s",
                now,
                booked,
                book.definition,
                places.get(booked.id()));
        return die(book, booked, Via.Cause.ATTEMPTS, since);
    }

    /// The take that nobody was told of got it.
    private Book take(Book book, Booked booked) {
        booked.deliveries++;
        booked.attempts++;
        booked.standing = Standing.LEASED;
        booked.leaseEnd = null;
        if (unheard.term() instanceof Term.Timed(var length)) {
            long end = ledger.now + length.toMillis();
            booked.leaseEnd = new Span(end, Math.max(end, now + grace));
        }
        return book;
    }

    /// Whether the take that nobody was told of may have been its last attempt; how often one was
    /// handed out is seen of what is still there.
    private boolean mayBeUsedUpBy(Book book, Booked booked) {
        return !places.containsKey(booked.id())
                && book.definition.maxAttempts() > 0
                && (booked.unsure || book.isUsedUp(booked.attempts + 1));
    }

    /// Whether it was handed out once more than anybody was told of.
    private boolean isOnceMore(Booked booked) {
        Place place = places.get(booked.id());
        return place != null && place.view().deliveries() == booked.deliveries + 1;
    }

    private boolean isUnheard(Book book, Booked booked, View.MessageView view) {
        return unheard != null
                && unheard.queue().equals(book.definition.name())
                && view.deliveries() == booked.deliveries + 1;
    }

    private Book traceStuck(Book book, Booked booked, View.MessageView view) {
        isDone = false;
        ChannelName deadLetter = book.definition.deadLetter();
        boolean hasTarget = deadLetter == null || ledger.book(deadLetter) != null;
        boolean isStill =
                view != null && view.state() == MessageState.DELAYED && view.due() == null;
        if ((booked.stuckOf == Via.Cause.ATTEMPTS || booked.vague)
                && ((booked.unsure || booked.vague)
                        ? view != null && !isStill
                        : !book.isUsedUp(booked.attempts))) {
            // It may be tried more often now.
            booked.standing = Standing.RESTS;
            return book;
        }
        if (isStill) {
            PromiseBroken.unless(
                    !hasTarget,
                    booked.id(),
                    "It waits for a target that is there: %s of %s",
                    booked,
                    book.definition);
            return found(book);
        }
        PromiseBroken.unless(
                hasTarget, booked.id(), "It went, though its target is not there: %s", booked);
        booked.standing = Standing.RESTS;
        // Of what it would have died counts no more where nobody takes the dead.
        Via.Cause cause = deadLetter == null ? Via.Cause.REJECTED : booked.stuckOf;
        return die(book, booked, cause, since);
    }

    private void rests(Booked booked, View.MessageView view) {
        Span due = booked.due;
        if (view.state() == MessageState.READY) {
            PromiseBroken.unless(
                    due == null || due.from() <= now,
                    booked.id(),
                    "It is ready at %d, too early: %s",
                    now,
                    booked);
            booked.due = due == null ? null : new Span(due.from(), Math.min(due.until(), now));
        } else {
            PromiseBroken.unless(
                    due != null
                            && due.until() > now
                            && view.due() != null
                            && due.holds(view.due().toEpochMilli()),
                    booked.id(),
                    "It waits at %d until %s: %s",
                    now,
                    view.due() == null ? "" : String.valueOf(view.due().toEpochMilli()),
                    booked);
            booked.due = Span.at(view.due().toEpochMilli());
        }
    }

    private void requireSame(Booked booked, View.MessageView view) {
        booked.sequence = view.sequence();
        PromiseBroken.unless(
                view.message().equals(booked.message)
                        && view.stored().toEpochMilli() == booked.stored
                        && view.deliveries() == booked.deliveries,
                booked.id(),
                "It is %s and must be %s, stored %d, delivered %d times",
                view,
                booked,
                booked.stored,
                booked.deliveries);
    }

    // What commits left to be seen.

    private Book movedTo(Book book, Booked booked) {
        Ledger.Moving moving = ledger.moving;
        Place place = places.get(booked.id());
        if (moving == null || !moving.from().equals(book.definition.name())) {
            return null;
        }
        boolean wasHere = before.book(moving.from()).find(booked.id()) != null;
        Book target = ledger.targetOf(booked, moving.from(), moving.to());
        boolean isGone = place == null && mayBeOver(book, booked);
        ambiguous |= isGone && target != null;
        boolean isNew =
                place == null ? !isGone : place.view().stored().toEpochMilli() == ledger.now;
        return wasHere && isNew && moved.size() < moving.count() ? target : null;
    }

    private boolean isDropped(Book book, Booked booked) {
        return dropped.getOrDefault(book.definition.name(), Set.of()).stream()
                .anyMatch(one -> one.id().equals(booked.id()));
    }

    private boolean isSurelyDropped(Book book, Booked booked) {
        return ledger.overflows.stream()
                .anyMatch(one ->
                        one.queue().equals(book.definition.name())
                                && one.surely().contains(booked.id()));
    }

    /// Finds out which messages made room: those that are gone, but that may have been for their
    /// age.
    private void findDropped(Ledger.Overflow overflow) {
        ChannelName queue = overflow.queue();
        Book book = before.book(queue);
        List<Booked> gone = new ArrayList<>();
        for (Booked one : book.messages) {
            Place place = places.get(one.id());
            boolean isHere =
                    place != null
                            && place.queue().equals(queue)
                            && place.view().sequence() == one.sequence
                            && (place.view().state() != MessageState.DELAYED
                                    || place.view().due() != null);
            if (!isHere && !one.isLeased()) {
                gone.add(one);
            }
        }
        Set<Booked> out = new HashSet<>(gone);
        out.removeIf(one ->
                overflow.all()
                        ? !overflow.surely().contains(one.id())
                        : mayBeOver(book, one) && !overflow.surely().contains(one.id()));
        for (Booked one : gone) {
            if (!book.fitsWithout(out) && out.add(one)) {
                ambiguous = true;
            }
        }
        dropped.put(queue, out);
    }

    private boolean mayBeOver(Book book, Booked one) {
        return book.endOfLife(one).from() <= now && (one.due == null || one.due.from() <= now);
    }

    /// What came behind another one came no sooner.
    private static void narrow(Book book) {
        List<Booked> inOrder = new ArrayList<>(book.messages);
        inOrder.sort(java.util.Comparator.comparingLong(one -> one.sequence));
        long from = 0;
        for (Booked one : inOrder) {
            from = Math.max(from, one.arrived.from());
            one.arrived = new Span(from, one.arrived.until());
        }
        long until = Long.MAX_VALUE;
        for (Booked one : inOrder.reversed()) {
            until = Math.min(until, one.arrived.until());
            PromiseBroken.unless(
                    one.arrived.from() <= until,
                    one.id(),
                    "It came before others that came behind it: %s of %s",
                    one,
                    inOrder);
            one.arrived = new Span(one.arrived.from(), until);
        }
    }

    private void checkRoom() {
        for (Ledger.Overflow overflow : ledger.overflows) {
            Book book = before.book(overflow.queue());
            Set<Booked> gone = dropped.getOrDefault(overflow.queue(), Set.of());
            Capacity capacity = book.definition.capacity();
            boolean needed =
                    gone.stream()
                            .anyMatch(one -> {
                                Set<Booked> others = new HashSet<>(gone);
                                others.remove(one);
                                return !book.fitsWithout(others);
                            });
            PromiseBroken.unless(
                    book.fitsWithout(gone) && needed,
                    overflow.queue().toString(),
                    "%s made room, of %d messages, for %s",
                    gone,
                    book.messages.size(),
                    capacity);
            if (overflow.alone() && !ambiguous) {
                checkDropped(book, gone, overflow.before());
            }
        }
    }

    /// What would be handed out next goes first, then what is held up, then what waits.
    private void checkDropped(Book book, Set<Booked> gone, Set<String> candidates) {
        BookOrder order = new BookOrder(book, before.now).onward();
        List<Booked> ready = new ArrayList<>(order.all());
        ready.removeIf(one -> !candidates.contains(one.id()));
        for (Booked one : gone) {
            for (Booked other : book.messages) {
                int rank = rank(one, ready);
                int ofOther = rank(other, ready);
                PromiseBroken.unless(
                        !candidates.contains(other.id()) || gone.contains(other) || ofOther >= rank,
                        one.id(),
                        "It made room in %s, and %s did not: %s",
                        book.definition.name(),
                        other,
                        one);
            }
        }
        Set<Booked> ofReady = new HashSet<>(gone);
        ofReady.retainAll(ready);
        order.requireFirst(ofReady, ready);
    }

    private int rank(Booked one, List<Booked> ready) {
        if (ready.contains(one)) {
            return 0;
        }
        return one.isWaiting(before.now) ? 2 : 1;
    }

    private void checkMove() {
        if (ledger.moving == null) {
            return;
        }
        Ledger.Moving moving = ledger.moving;
        PromiseBroken.unless(
                moved.size() == moving.count() || (ambiguous && moved.size() < moving.count()),
                moving.from().toString(),
                "%s moved %s",
                moving,
                moved);
        Book book = before.book(moving.from());
        BookOrder order = new BookOrder(book, before.now).onward();
        if (ambiguous) {
            return;
        }
        order.requireFirst(
                moved,
                order.all().stream()
                        .filter(one -> before.targetOf(one, moving.from(), moving.to()) != null)
                        .toList());
    }

    // What is true of each queue.

    private void check(Book book) {
        ChannelName name = book.definition.name();
        View.QueueCounts counts = look.queues().get(name).counts();
        List<View.MessageView> views = look.messages().get(name);
        long sum = book.messages.stream().mapToLong(one -> one.bytes).sum();
        long out = counts.dead() + counts.expired();
        long strayed = counts.stored() - book.stored;
        if (0 <= strayed && strayed <= strays) {
            book.stored += strayed;
            book.dead += strayed;
            // Where nobody takes the dead, they may have become too old.
            boolean mayExpire =
                    book.definition.deadLetter() == null && book.definition.timeToLive() != null;
            book.either += mayExpire ? strayed : 0;
        }
        boolean same =
                counts.stored() == book.stored
                        && counts.done() == book.done
                        && out == book.dead + book.expired
                        && Math.abs(counts.dead() - book.dead) <= book.either
                        && counts.bytes() == sum
                        && counts.ready() == count(views, MessageState.READY)
                        && counts.leased() == count(views, MessageState.LEASED)
                        && counts.delayed() == count(views, MessageState.DELAYED);
        PromiseBroken.unless(
                same,
                name.toString(),
                "Its counts are %s, and must be %d stored, %d done, %d dead, %d expired, %d bytes",
                counts,
                book.stored,
                book.done,
                book.dead,
                book.expired,
                sum);
        // Now it is known which it was.
        book.dead = counts.dead();
        book.expired = counts.expired();
        book.either = 0;
        checkDelayed(name, views);
        checkHeads(book);
    }

    private static long count(List<View.MessageView> views, MessageState state) {
        return views.stream().filter(view -> view.state() == state).count();
    }

    private void checkDelayed(ChannelName name, List<View.MessageView> views) {
        List<Long> expected =
                views.stream()
                        .filter(view -> view.due() != null)
                        .sorted(
                                java.util.Comparator.comparing(View.MessageView::due)
                                        .thenComparingLong(View.MessageView::sequence))
                        .map(View.MessageView::sequence)
                        .toList();
        List<Long> listed =
                look.delayed().get(name).stream().map(View.MessageView::sequence).toList();
        PromiseBroken.unless(
                expected.equals(listed),
                name.toString(),
                "%s wait, and %s are listed",
                expected,
                listed);
    }

    /// What is the next of its priority is not overdue.
    private void checkHeads(Book book) {
        if (book.definition.groups().isFair()) {
            return;
        }
        BookOrder order = new BookOrder(book, now);
        List<Booked> next = order.next(Set.of(), false).surely();
        for (Booked one : next) {
            boolean isFirst =
                    next.stream()
                            .filter(other -> other.message.priority() == one.message.priority())
                            .allMatch(other -> other == one || order.isBefore(one, other));
            PromiseBroken.unless(
                    !isFirst || book.endOfLife(one).until() > now,
                    one.id(),
                    "It is next at %d and has lain there too long: %s of %s",
                    now,
                    one,
                    book.definition);
        }
    }
}
