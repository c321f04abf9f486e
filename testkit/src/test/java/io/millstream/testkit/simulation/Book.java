package io.millstream.testkit.simulation;

import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Message;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One queue of a [Ledger].
final class Book {
    Definition.Queue definition;
    final List<Booked> messages = new ArrayList<>();
    private final Map<String, Seen> seen = new HashMap<>();

    /// Its number, as a look shows it.
    long channel;

    long stored;
    long done;
    long dead;
    long expired;

    /// How many have gone of which it is not known whether they were dropped or expired.
    long either;

    /// Whether messages have made room since the last look.
    boolean hasMadeRoom;

    /// A message that equal ones are told.
    ///
    /// @param sure whether it was never outside of the window
    private record Seen(long sequence, long time, boolean sure) {}

    Book(Definition.Queue definition) {
        this.definition = definition;
    }

    Book copy() {
        Book copy = new Book(definition);
        messages.forEach(message -> copy.messages.add(message.copy()));
        copy.seen.putAll(seen);
        copy.channel = channel;
        copy.stored = stored;
        copy.done = done;
        copy.dead = dead;
        copy.expired = expired;
        copy.either = either;
        copy.hasMadeRoom = hasMadeRoom;
        return copy;
    }

    Booked find(String id) {
        return messages.stream()
                .filter(message -> message.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    boolean isOrdered() {
        return definition.groups().isOrdered();
    }

    /// The group that a message is worked with, or null.
    String groupOf(Booked booked) {
        return definition.groups() == Groups.IGNORED ? null : booked.message.group();
    }

    long leased() {
        return messages.stream().filter(Booked::isLeased).count();
    }

    // Limits.

    boolean isUsedUp(int attempts) {
        return definition.maxAttempts() > 0 && attempts >= definition.maxAttempts();
    }

    /// When a message has lain here for too long; both are never if it may lie here for ever.
    Span endOfLife(Booked booked) {
        Duration live = definition.timeToLive();
        Span end =
                live == null
                        ? new Span(Booked.NEVER, Booked.NEVER)
                        : booked.arrived.plus(live.toMillis());
        return new Span(
                Math.min(end.from(), booked.expires), Math.min(end.until(), booked.expires));
    }

    /// Whether it is certain that it must not be handed out.
    boolean isUnfit(Booked booked, long now) {
        return endOfLife(booked).until() <= now
                || (!booked.unsure && booked.deliveries > 0 && isUsedUp(booked.attempts));
    }

    /// Whether it may be that it must not be handed out.
    boolean mayBeUnfit(Booked booked, long now) {
        return endOfLife(booked).from() <= now || booked.unsure || isUnfit(booked, now);
    }

    long waitingMessages() {
        return messages.stream().filter(message -> !message.isLeased()).count();
    }

    long waitingBytes() {
        return messages.stream()
                .filter(message -> !message.isLeased())
                .mapToLong(message -> message.bytes)
                .sum();
    }

    /// Whether all that nobody holds would be within the limits without these.
    boolean fitsWithout(Set<Booked> gone) {
        long bytesGone = gone.stream().mapToLong(one -> one.bytes).sum();
        return definition
                .capacity()
                .holds(waitingMessages() - gone.size(), waitingBytes() - bytesGone);
    }

    // Equal messages.

    private String keyOf(Message message) {
        Deduplication declared = definition.deduplication();
        if (declared == null || message.deduplication() == null) {
            return null;
        }
        return declared.scope() == Deduplication.Scope.QUEUE || message.group() == null
                ? message.deduplication()
                : message.group() + " " + message.deduplication();
    }

    /// What was stored within the window and is equal, or 0.
    long surelySeen(Message message, long now) {
        Seen known = known(message, now);
        return known == null || !known.sure ? 0 : known.sequence;
    }

    long perhapsSeen(Message message, long now) {
        Seen known = known(message, now);
        return known == null ? 0 : known.sequence;
    }

    private Seen known(Message message, long now) {
        String key = keyOf(message);
        Seen known = key == null ? null : seen.get(key);
        if (known == null) {
            return null;
        }
        long over = now - definition.deduplication().window().toMillis();
        return known.time > over ? known : null;
    }

    /// When what was stored of late is compared no more.
    List<Long> windowEnds() {
        Deduplication declared = definition.deduplication();
        return declared == null
                ? List.of()
                : seen.values().stream()
                        .map(one -> one.time + declared.window().toMillis())
                        .toList();
    }

    void see(Message message, long sequence, long now) {
        String key = keyOf(message);
        if (key != null) {
            seen.put(key, new Seen(sequence, now, true));
        }
    }

    /// Time has passed: what is outside of the window may be forgotten, should that become longer.
    void pass(long now) {
        Deduplication declared = definition.deduplication();
        if (declared != null) {
            long over = now - declared.window().toMillis();
            seen.replaceAll(
                    (key, one) -> one.time > over ? one : new Seen(one.sequence, one.time, false));
        }
    }

    void define(Definition.Queue as) {
        definition = as;
        if (as.deduplication() == null) {
            seen.clear();
        }
    }
}
