package io.millstream.testkit.simulation;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
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

    /// @param before what was in the queue that could make room
    /// @param alone whether nothing else was put with it
    record Overflow(ChannelName queue, boolean alone, Set<String> before) {}

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
        ChannelName name = book.definition.name();
        ChannelName deadLetter = book.definition.deadLetter();
        boolean circles = booked.wouldCircle(name, cause);
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
        booked.comes(at, target.definition.groups() != Groups.IGNORED);
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
            case Operation.Edit.Drop(ChannelName queue, long sequence) ->
                    drop(book(queue), sequence);
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
        booked.grouped = message.group() != null && book.definition.groups() != Groups.IGNORED;
        booked.due = message.delay().isZero() ? null : Span.at(now + message.delay().toMillis());
        booked.expires =
                message.timeToLive() == null
                        ? Booked.NEVER
                        : now + Math.max(1, message.timeToLive().toMillis());
        book.see(message, booked.sequence, now);
        Effect stored = new Effect.Stored(booked.sequence);
        if (overflows && capacity.overflow() == Capacity.Overflow.DROP_HEAD) {
            Set<String> before = new HashSet<>();
            book.messages.stream()
                    .filter(one -> !one.isLeased())
                    .forEach(one -> before.add(one.id()));
            this.overflows.add(new Overflow(put.queue(), alone, before));
        }
        book.messages.add(booked);
        if (overflows && capacity.overflow() == Capacity.Overflow.DEAD_LETTER) {
            die(book, booked, Via.Cause.OVERFLOW, Span.at(now));
        }
        return stored;
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
        Book target = die(book, booked, cause, Span.at(now));
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

    private static Object drop(Book book, long sequence) {
        Booked booked =
                book.messages.stream()
                        .filter(one -> one.sequence == sequence && !one.isLeased())
                        .findFirst()
                        .orElse(null);
        if (booked != null) {
            book.messages.remove(booked);
            book.dead++;
        }
        return new Effect.Edited(booked == null ? 0 : 1);
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
        long count =
                new BookOrder(from, now)
                        .all().stream()
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
