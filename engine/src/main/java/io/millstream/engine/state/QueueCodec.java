package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.util.List;

/// The bytes of a [QueueState] inside a snapshot.
///
/// ```
///  +---------+------------+---------+---------+----------+------+
///  | channel | definition | version | created | modified | runs |
///  +---------+------------+---------+---------+----------+------+
///  | cursor, end, gaps, bytes, stored, done, dead, expired, joins |
///  +-------+---------------+-------+------------------------------+
///  | count | its deliveries | count | its arrivals, with sequences |
///  +-------+---------------+-------+------------------------------+
/// ```
///
/// Numbers are varints. What can be derived, such as what is leased and what is how old, is not
/// there.
final class QueueCodec {
    private QueueCodec() {}

    static void write(QueueState queue, Output out) {
        out.varint(queue.channel());
        EntryCodec.encodeQueue(queue.definition, out);
        out.varint(queue.version);
        out.varint(queue.created);
        out.varint(queue.modified);
        queue.runs().write(out);
        long[] numbers = {
            queue.cursor,
            queue.end,
            queue.gaps,
            queue.bytes,
            queue.stored,
            queue.done,
            queue.dead,
            queue.expired,
            queue.joins
        };
        for (long number : numbers) {
            out.varint(number);
        }
        List<Delivery> deliveries = queue.deliveries();
        out.varint(deliveries.size());
        deliveries.forEach(delivery -> DeliveryCodec.write(delivery, out));
        long[] arrived = queue.arrivals().sortedKeys();
        out.varint(arrived.length);
        for (long sequence : arrived) {
            Arrival arrival =
                    Invariant.present(queue.arrival(sequence), "No arrival of %d", sequence);
            out.varint(sequence);
            arrival.write(out);
        }
    }

    static QueueState read(Input in, long fileBytes) {
        long channel = in.varint();
        Definition.Queue definition = EntryCodec.decodeQueue(in);
        long version = in.varint();
        long created = in.varint();
        long modified = in.varint();
        QueueState queue =
                new QueueState(channel, definition, version, created, Runs.read(in, fileBytes));
        queue.modified = modified;
        queue.cursor = in.varint();
        queue.end = in.varint();
        queue.gaps = in.varint();
        queue.bytes = in.varint();
        queue.stored = in.varint();
        queue.done = in.varint();
        queue.dead = in.varint();
        queue.expired = in.varint();
        queue.joins = in.varint();
        int deliveries = in.size();
        for (int i = 0; i < deliveries; i++) {
            queue.restore(DeliveryCodec.read(queue, in));
        }
        int arrived = in.size();
        for (int i = 0; i < arrived; i++) {
            queue.restore(in.varint(), Arrival.read(in));
        }
        return queue;
    }
}
