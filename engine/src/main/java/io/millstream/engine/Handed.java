package io.millstream.engine;

import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.engine.state.Arrival;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.StoredMessage;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// A lease as the loop made it, with the message still as it lies in the log: decoding is left to
/// the answering thread.
///
/// @param handle names it
/// @param deliveries how often the message was handed out
/// @param attempts how many of those count
/// @param stored when it was stored, in milliseconds since 1970
/// @param firstDelivered when it was first handed out
/// @param until when the lease ends, or 0
/// @param arrival what it brought along, or null
/// @param position where its entry lies
/// @param entry the bytes of its entry
record Handed(
        Handle handle,
        int deliveries,
        int attempts,
        long stored,
        long firstDelivered,
        long until,
        @Nullable Arrival arrival,
        long position,
        byte[] entry) {

    /// The lease, with its message decoded and proved.
    Lease toLease() {
        return new Lease(
                handle,
                deliveries,
                attempts,
                Instant.ofEpochMilli(stored),
                Instant.ofEpochMilli(firstDelivered),
                until == 0 ? null : Instant.ofEpochMilli(until),
                via(arrival),
                message(entry, handle.incarnation(), handle.sequence(), arrival));
    }

    /// The message in an entry. What another queue gave lies where it was put first.
    static Message message(byte[] entry, long channel, long sequence, @Nullable Arrival arrival) {
        long put = arrival == null ? channel : 0;
        return StoredMessage.decode(EntryCodec.messageIn(entry, put, sequence));
    }

    private static Via via(@Nullable Arrival arrival) {
        return arrival == null ? Via.Direct.DIRECT : arrival.via();
    }
}
