package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapCosts;

/// What a dead-lettered message brought along from the queue that gave it up.
///
/// @param deliveries how often it had been handed out
/// @param firstDelivered when first, in milliseconds since 1970; 0 if never
/// @param from which queue
/// @param reason why
/// @param at when, in milliseconds since 1970
/// @param deaths how often it has been dead-lettered
/// @param position of the entry that says so: once that is durable, the message is here to stay
public record Arrival(
        int deliveries,
        long firstDelivered,
        ChannelName from,
        String reason,
        long at,
        int deaths,
        long position) {

    /// What kind of end it was, by the words that only the engine gives as a reason.
    public Via.Cause cause() {
        return reason.startsWith(Decider.USED_UP) ? Via.Cause.ATTEMPTS : Via.Cause.REJECTED;
    }

    long heapBytes() {
        return HeapCosts.ARRIVAL + HeapCosts.text(reason);
    }

    void write(Output out) {
        out.varint(deliveries);
        out.varint(firstDelivered);
        EntryCodec.encodeName(from, out);
        out.text(reason);
        out.varint(at);
        out.varint(deaths);
        out.varint(position);
    }

    static Arrival read(Input in) {
        return new Arrival(
                in.intValue(),
                in.varint(),
                EntryCodec.decodeName(in),
                in.text(),
                in.varint(),
                in.intValue(),
                in.varint());
    }
}
