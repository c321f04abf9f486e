package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/// What a message brought along from the queue that gave it up or that it was moved out of.
///
/// @param deliveries how often it had been handed out
/// @param firstDelivered when first, in milliseconds since 1970; 0 if never
/// @param from which queue
/// @param cause what kind of end that was, or null if it was moved and has not died
/// @param reason why, in words
/// @param at when, in milliseconds since 1970
/// @param deaths how often it has been dead-lettered
/// @param history see [Deaths]
/// @param position of the entry that says so: once that is durable, the message is here to stay
public record Arrival(
        int deliveries,
        long firstDelivered,
        ChannelName from,
        Via.@Nullable Cause cause,
        String reason,
        long at,
        int deaths,
        List<Via.Death> history,
        long position) {

    /// Of a message that died at `at`, when it was known as `delivery`.
    static Arrival died(Delivery delivery, Entry.Moved moved, long at, long position) {
        Arrival before = delivery.queue.arrival(delivery.sequence);
        ChannelName from = delivery.queue.definition.name();
        return new Arrival(
                delivery.deliveries,
                delivery.firstDelivered,
                from,
                moved.cause(),
                moved.reason(),
                at,
                before == null ? 1 : before.deaths() + 1,
                Deaths.with(before, from, moved.cause(), at),
                position);
    }

    /// Of a message that was moved at `at` and is a new one here.
    static Arrival moved(ChannelName from, long at, long position) {
        return new Arrival(0, 0, from, null, "", at, 0, List.of(), position);
    }

    /// The way that it took, as its taker is told.
    public Via via() {
        return cause == null
                ? Via.Direct.DIRECT
                : new Via.DeadLettered(
                        from, cause, reason, Instant.ofEpochMilli(at), deaths, history);
    }

    long heapBytes() {
        return HeapCosts.ARRIVAL + HeapCosts.text(reason) + (long) history.size() * HeapCosts.DEATH;
    }

    void write(Output out) {
        out.varint(deliveries);
        out.varint(firstDelivered);
        EntryCodec.encodeName(from, out);
        out.bool(cause != null);
        if (cause != null) {
            Deaths.write(cause, out);
        }
        out.text(reason);
        out.varint(at);
        out.varint(deaths);
        Deaths.write(history, out);
        out.varint(position);
    }

    static Arrival read(Input in) {
        return new Arrival(
                in.intValue(),
                in.varint(),
                EntryCodec.decodeName(in),
                in.bool() ? Deaths.readCause(in) : null,
                in.text(),
                in.varint(),
                in.intValue(),
                Deaths.read(in),
                in.varint());
    }

    /// As version 0.1.0 wrote it, which knew the last death alone.
    static Arrival readOld(Input in) {
        int deliveries = in.intValue();
        long firstDelivered = in.varint();
        ChannelName from = EntryCodec.decodeName(in);
        String reason = in.text();
        long at = in.varint();
        int deaths = in.intValue();
        Via.Cause cause = Deaths.causeOf(reason);
        return new Arrival(
                deliveries,
                firstDelivered,
                from,
                cause,
                reason,
                at,
                deaths,
                Deaths.with(null, from, cause, at),
                in.varint());
    }
}
