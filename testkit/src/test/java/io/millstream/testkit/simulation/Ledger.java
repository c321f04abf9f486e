package io.millstream.testkit.simulation;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/// Some queues and all that must be in them, kept apart from the engine by the words of the
/// interface alone. Everything is in memory and small, and worked out by looking at all of it.
final class Ledger {
    final Map<ChannelName, Book> books = new TreeMap<>();

    /// The engine's clock at the last look.
    long now;

    /// Queues in which messages had to make room, and how much; which ones a look will show.
    final List<Overflow> overflows = new ArrayList<>();

    /// A move of which a look will show what it moved, or null.
    Moving moving;

    /// @param alone whether nothing else was put with it
    /// @param before what was there that could go
    /// @param surely what has gone
    /// @param all whether that is all that has gone
    record Overflow(
            ChannelName queue,
            boolean alone,
            Set<String> before,
            Set<String> surely,
            boolean all) {}

    record Moving(ChannelName from, ChannelName to, long count) {}

    /// What a commit must come to.
    ///
    /// @param effects null for any
    /// @param refused which operation is, or -1
    /// @param refusal why
    record Verdict(List<Effect> effects, int refused, Refusal refusal, Ledger after) {}

    Ledger copy() {
        Ledger copy = new Ledger();
        books.forEach((name, book) -> copy.books.put(name, book.copy()));
        copy.now = now;
        copy.overflows.addAll(overflows);
        copy.moving = moving;
        return copy;
    }

    Book book(ChannelName name) {
        return name == null ? null : books.get(name);
    }

    long size() {
        return books.values().stream().mapToLong(book -> book.messages.size()).sum();
    }

    /// A message dies.
    ///
    /// @return where it is then, or null if it is gone
    Book die(Book book, Booked booked, Via.Cause cause, Span at) {
        return die(book, booked, cause, at, booked.wouldCircle(book.definition.name(), cause));
    }

    /// @param circles whether it would go round for ever
    Book die(Book book, Booked booked, Via.Cause cause, Span at, boolean circles) {
        ChannelName name = book.definition.name();
        ChannelName deadLetter = book.definition.deadLetter();
        if (deadLetter == null || circles) {
            book.messages.remove(booked);
            book.dead += cause == Via.Cause.EXPIRED && deadLetter == null ? 0 : 1;
            book.expired += cause == Via.Cause.EXPIRED && deadLetter == null ? 1 : 0;
            return null;
        }
        Book target = book(deadLetter);
        if (target == null) {
            booked.standing = Booked.Standing.STUCK;
            booked.stuckOf = cause;
            booked.leaseEnd = null;
            booked.handle = null;
            return book;
        }
        book.dead++;
        book.messages.remove(booked);
        booked.died(name, cause, at);
        arrives(booked, target, at);
        return target;
    }

    /// A message becomes a new one of another queue.
    void transfer(Book from, Booked booked, Book to, long at) {
        from.messages.remove(booked);
        booked.stored = at;
        booked.deliveries = 0;
        booked.deaths = 0;
        booked.diedIn = null;
        booked.history.clear();
        arrives(booked, to, Span.at(at));
    }

    private static void arrives(Booked booked, Book target, Span at) {
        booked.comes(at);
        target.stored++;
        target.messages.add(booked);
    }

    // What commits do.

    /// What these operations do now, if nothing happens before.
    Verdict decide(List<Operation> operations) {
        Ledger after = copy();
        List<Effect> effects = new ArrayList<>();
        boolean settles = operations.stream().anyMatch(Operation.Settle.class::isInstance);
        for (int i = 0; i < operations.size(); i++) {
            Object result = after.decide(operations.get(i), settles, operations.size() == 1);
            if (result instanceof Refusal refusal) {
                return new Verdict(null, i, refusal, this);
            }
            effects.add((Effect) result);
        }
        return new Verdict(effects, -1, null, after);
    }

    /// @return an effect, or a refusal
    private Object decide(Operation operation, boolean settles, boolean alone) {
        return switch (operation) {
            case Operation.Put put -> put(put, settles, alone);
            case Operation.Settle settle -> settle(settle);
            case Operation.Define(Definition.Queue queue, var _) -> define(queue);
            case Operation.Edit.Drop drop -> drop(drop);
            case Operation.Edit.Purge(ChannelName queue) -> purge(book(queue));
            case Operation.Edit.Move move -> move(move);
            default -> throw new IllegalStateException("Nobody asks for " + operation);
        };
    }

    private Object put(Operation.Put put, boolean settles, boolean alone) {
        Book book = book(put.queue());
        Message message = put.message();
        long of = book.surelySeen(message, now);
        if (of != 0) {
            return put.ifDuplicate() == Operation.IfDuplicate.SKIP
                    ? new Effect.Duplicate(of)
                    : new Refusal.Duplicate(of);
        }
        Booked booked = new Booked(message, book.channel, book.stored + 1, now);
        Capacity capacity = book.definition.capacity();
        boolean overflows = false;
        if (!settles && capacity.isLimited()) {
            if (capacity.bytes() > 0 && booked.bytes > capacity.bytes()) {
                return new Refusal.TooLarge(
                        "A message for " + put.queue(), booked.bytes, capacity.bytes());
            }
            overflows = !capacity.holds(waiting(book) + 1, book.waitingBytes() + booked.bytes);
            if (overflows && (capacity.overflow() == Capacity.Overflow.REFUSE || !canGo(book))) {
                return new Refusal.IsFull(put.queue(), capacity.text());
            }
        }
        book.stored++;
        booked.due = message.delay().isZero() ? null : Span.at(now + message.delay().toMillis());
        booked.expires =
                message.timeToLive() == null
                        ? Booked.NEVER
                        : now + Math.max(1, message.timeToLive().toMillis());
        book.see(message, booked.sequence, now);
        Effect stored = new Effect.Stored(booked.sequence);
        if (overflows && capacity.overflow() == Capacity.Overflow.DROP_HEAD) {
            makeRoom(book, booked.bytes, alone);
        }
        book.messages.add(booked);
        if (overflows && capacity.overflow() == Capacity.Overflow.DEAD_LETTER) {
            diesNow(book, booked, Via.Cause.OVERFLOW);
        }
        return stored;
    }

    /// Drops what has to go for a message of so many bytes, or leaves it to a look if that is not
    /// certain.
    private void makeRoom(Book book, int bytes, boolean alone) {
        Capacity capacity = book.definition.capacity();
        List<Booked> gone = new ArrayList<>();
        long messages = book.waitingMessages() + 1;
        long stored = book.waitingBytes() + bytes;
        if (!isOverflowing(book)) {
            for (Booked one : new BookOrder(book, now).dropped()) {
                if (capacity.holds(messages, stored)) {
                    break;
                }
                gone.add(one);
                messages--;
                stored -= one.bytes;
            }
        }
        boolean all = capacity.holds(messages, stored);
        book.hasMadeRoom |= !all || !gone.isEmpty();
        // Whether one goes round for ever that died of nobody knows what is for a look to say.
        boolean toNowhere = book.definition.deadLetter() == null;
        if (all && (toNowhere || gone.stream().noneMatch(one -> one.vague))) {
            gone.forEach(one -> diesNow(book, one, Via.Cause.OVERFLOW));
            return;
        }
        Set<String> before = new HashSet<>();
        book.messages.stream().filter(one -> !one.isLeased()).forEach(one -> before.add(one.id()));
        Set<String> surely = new HashSet<>();
        gone.forEach(one -> surely.add(one.id()));
        overflows.add(new Overflow(book.definition.name(), alone, before, surely, all));
    }

    /// It dies by a commit, so that it is known as the how manyth it comes to where it goes.
    private Book diesNow(Book book, Booked booked, Via.Cause cause) {
        Book target = die(book, booked, cause, Span.at(now));
        if (target != null && target != book) {
            booked.sequence = target.stored;
        }
        return target;
    }

    /// What nobody holds, without what has to go by now.
    private long waiting(Book book) {
        Capacity capacity = book.definition.capacity();
        return isOverflowing(book)
                ? Math.min(book.waitingMessages(), capacity.messages())
                : book.waitingMessages();
    }

    private boolean isOverflowing(Book book) {
        return overflows.stream().anyMatch(one -> one.queue.equals(book.definition.name()));
    }

    private boolean canGo(Book book) {
        ChannelName deadLetter = book.definition.deadLetter();
        return deadLetter == null || book(deadLetter) != null;
    }

    private Object settle(Operation.Settle settle) {
        Handle handle = settle.handle();
        Book book = book(handle.queue());
        Booked booked =
                book.messages.stream()
                        .filter(one -> handle.equals(one.handle))
                        .findFirst()
                        .orElse(null);
        if (booked == null) {
            return new Refusal.StaleFence(handle);
        }
        return switch (settle.outcome()) {
            case Outcome.Done done -> {
                book.messages.remove(booked);
                book.done++;
                yield new Effect.Settled(null);
            }
            case Outcome.Dead dead -> buried(book, booked, Via.Cause.REJECTED);
            case Outcome.Retry retry -> {
                int attempts = booked.attempts - (retry.counts() ? 0 : 1);
                if (book.isUsedUp(attempts)) {
                    yield buried(book, booked, Via.Cause.ATTEMPTS);
                }
                booked.attempts = attempts;
                booked.standing = Booked.Standing.RESTS;
                booked.leaseEnd = null;
                booked.handle = null;
                if (!retry.after().isZero()) {
                    booked.misplaced = false;
                    booked.due = Span.at(now + retry.after().toMillis());
                }
                yield new Effect.Settled(null);
            }
        };
    }

    private Effect buried(Book book, Booked booked, Via.Cause cause) {
        Book target = diesNow(book, booked, cause);
        return new Effect.Settled(
                target == null || target == book ? null : target.definition.name());
    }

    private Object define(Definition.Queue queue) {
        Book book = book(queue.name());
        if (book == null) {
            books.put(queue.name(), new Book(queue));
        } else {
            book.define(queue);
        }
        // Any version.
        return new Effect.Changed(0);
    }

    private Object drop(Operation.Edit.Drop drop) {
        Book book = book(drop.queue());
        Booked booked =
                book.messages.stream()
                        .filter(one -> one.sequence == drop.sequence() && !one.isLeased())
                        .findFirst()
                        .orElse(null);
        if (booked == null) {
            return drop.ifHeld() == Operation.Edit.IfHeld.PASS
                    ? new Effect.Edited(0)
                    : drop.refusal();
        }
        book.messages.remove(booked);
        book.dead++;
        return new Effect.Edited(1);
    }

    private static Object purge(Book book) {
        int size = book.messages.size();
        book.messages.clear();
        return new Effect.Edited(size);
    }

    private Object move(Operation.Edit.Move move) {
        if (move.from().equals(move.to())) {
            return new Refusal.Invalid("");
        }
        Book from = book(move.from());
        BookOrder order = new BookOrder(from, now).onward();
        List<Booked> certain = new ArrayList<>(order.certain());
        boolean all = certain.size() == order.all().size();
        certain.removeIf(one -> targetOf(one, move.from(), move.to()) == null);
        if (all || certain.size() >= move.messages()) {
            List<Booked> moved = certain.stream().limit(move.messages()).toList();
            for (Booked one : moved) {
                Book target = targetOf(one, move.from(), move.to());
                transfer(from, one, target, now);
                one.sequence = target.stored;
            }
            return new Effect.Edited(moved.size());
        }
        long count =
                order.all().stream()
                        .filter(one -> targetOf(one, move.from(), move.to()) != null)
                        .limit(move.messages())
                        .count();
        moving = new Moving(move.from(), move.to(), count);
        return new Effect.Edited(count);
    }

    /// Where a move brings a message, or null if it stays.
    Book targetOf(Booked booked, ChannelName from, ChannelName to) {
        Book target = book(to == null ? booked.diedIn : to);
        return target == null || target.definition.name().equals(from) ? null : target;
    }

    @Override
    public String toString() {
        StringJoiner words = new StringJoiner("; ", now + ": ", "");
        books.forEach((name, book) -> words.add(Words.of(book.definition) + " " + book.messages));
        return words.toString();
    }
}
