package io.millstream.engine.state;

import io.millstream.api.Limit;
import io.millstream.api.Rate;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The messages of a queue that have a group in common. It goes with the last of them.
final class Group {
    /// The sequence of the message that began it, which stands for it in a [Mark].
    final long birth;

    final KeyHash key;

    /// Where worked in order: all that is neither leased nor stuck, by sequence alone. Where shared
    /// fairly: what is ready, in its order.
    final TimeOrder members = new TimeOrder();

    /// How many of its messages are in the queue, whatever they wait for.
    int messages;

    int leased;

    /// Where shared fairly: how much it has been served. Not part of what is known.
    Service.Tags served = new Service.Tags();

    /// Where shared fairly: how large its share is.
    int weight = 1;

    @Nullable Limit limit;

    /// See [Pace].
    long next;

    /// When one of its messages may begin again, in milliseconds since 1970, or 0 if one may by its
    /// rate.
    long opens;

    /// Where it is listed: nowhere if it waits, in several lanes if it is shared fairly and has
    /// messages of several priorities.
    private final List<Listing> listings = new ArrayList<>(1);

    /// Whether it may go on, as far as its limit said when it was listed.
    private boolean mayGoOn;

    Group(long birth, KeyHash key) {
        this.birth = birth;
        this.key = key;
    }

    private record Listing(TimeOrder in, int priority, long time, long sequence) {}

    /// Whether another one of its messages may begin as far as its limit says.
    boolean isOpen() {
        Limit now = limit;
        return opens == 0 && (now == null || now.concurrency() == 0 || leased < now.concurrency());
    }

    /// How many of its messages may begin as far as its limit says.
    int left(long now) {
        return limit == null ? Integer.MAX_VALUE : Pace.left(limit, leased, next, now);
    }

    @Nullable Rate rate() {
        return limit == null ? null : limit.rate();
    }

    void mayGoOn(boolean whether) {
        mayGoOn = whether;
    }

    void list(TimeOrder in, int priority, long time, long sequence) {
        in.add(time, sequence);
        listings.add(new Listing(in, priority, time, sequence));
    }

    /// The priorities of what of it may be handed out, a bit for each.
    int listedPriorities() {
        int priorities = 0;
        for (int i = 0; mayGoOn && i < listings.size(); i++) {
            priorities |= 1 << listings.get(i).priority;
        }
        return priorities;
    }

    void unlist() {
        listings.forEach(listing -> listing.in.remove(listing.time, listing.sequence));
        listings.clear();
    }

    /// Nothing is known of its messages.
    void forget() {
        members.clear();
        messages = 0;
        leased = 0;
        listings.clear();
    }
}
