package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The bytes of a [QueueState] inside a snapshot: its head, and each of its runs with what hangs on
/// the messages in it.
///
/// ```
///   +---+---------+------------+------------------------------------------------+
///   | 10| channel | definition | version created modified cursor end gaps bytes |
///   |   |         |            | stored done dead expired                       |
///   |   |         |            | how many deliveries all runs have; Throttle;   |
///   |   |         |            | the queue it is the archive of, or 0           |
///   +---+---------+------------+------------------------------------------------+
///   +---+---------+---------+-------+-------------------------+
///   | 11| channel | the run | count | groups: birth, key hash |  the groups of its messages
///   +---+---------+---------+-------+-------------------------+
///   | count | deliveries | count | sequences with arrivals    |
///   +-------+------------+-------+----------------------------+
///   +---+---------+-------------------+
///   | 12| channel | a page of keys    |  see SeenKeys
///   +---+---------+-------------------+
///   +---+---------+-------------------+
///   | 13| channel | a page of paces   |  see Paces
///   +---+---------+-------------------+
/// ```
///
/// Numbers are varints, the first ones bytes. What can be derived, such as what is leased and what
/// is how old, is not there. See [Run], [DeliveryCodec] and [Arrival].
final class QueueCodec {
    private QueueCodec() {}

    static void write(QueueState queue, Output out) {
        writeHead(queue, out);
        queue.runs().all().forEach(run -> writeRun(queue, run, out));
        for (SeenKeys.Page page = queue.equal().pageFrom(0);
                page != null;
                page = queue.equal().pageFrom(page.number + 1)) {
            writeSeen(queue, page, out);
        }
        Throttle throttle = queue.throttle();
        for (int i = 0; throttle != null && i < throttle.paces().pages(); i++) {
            writePaces(queue, throttle.paces().page(i), out);
        }
    }

    static void writePaces(QueueState queue, Paces.Page page, Output out) {
        out.byteValue(Images.PACES);
        out.varint(queue.channel());
        page.write(out);
    }

    static void writeSeen(QueueState queue, SeenKeys.Page page, Output out) {
        out.byteValue(Images.SEEN);
        out.varint(queue.channel());
        page.write(out);
    }

    static void writeHead(QueueState queue, Output out) {
        out.byteValue(Images.QUEUE);
        out.varint(queue.channel());
        DefinitionCodec.encode(queue.definition, out);
        long[] numbers = {
            queue.version,
            queue.created,
            queue.modified,
            queue.cursor().at,
            queue.cursor().end,
            queue.cursor().gaps,
            queue.bytes,
            queue.stored,
            queue.done,
            queue.dead,
            queue.expired,
            queue.outstanding.size()
        };
        for (long number : numbers) {
            out.varint(number);
        }
        Throttle throttle = queue.throttle();
        out.bool(throttle != null);
        if (throttle != null) {
            throttle.write(out);
        }
        out.varint(queue.archiveOf);
    }

    /// What follows [Images#QUEUE], or [Images#QUEUE_OLD].
    static QueueState readHead(
            boolean old, Input in, long fileBytes, Images images, HeapAccount heap) {
        long channel = in.varint();
        Definition.Queue definition =
                old ? DefinitionCodec.decodeOld(in) : DefinitionCodec.decode(in);
        QueueState queue =
                new QueueState(
                        channel, definition, in.varint(), in.varint(), fileBytes, images, heap);
        queue.modified = in.varint();
        queue.cursor().at = in.varint();
        queue.cursor().end = in.varint();
        queue.cursor().gaps = in.varint();
        queue.bytes = in.varint();
        queue.stored = in.varint();
        queue.done = in.varint();
        queue.dead = in.varint();
        queue.expired = in.varint();
        if (old) {
            in.varint();
        }
        queue.outstanding = new Outstanding(in.intValue(), heap);
        if (!old && in.bool()) {
            queue.needThrottle().read(in);
        }
        queue.archiveOf = old ? 0 : in.varint();
        return queue;
    }

    static void writeRun(QueueState queue, Run run, Output out) {
        out.byteValue(Images.RUN);
        out.varint(queue.channel());
        run.write(out);
        writeGroups(queue, run, out);
        List<Delivery> delivered = new ArrayList<>();
        List<Long> arrived = new ArrayList<>();
        for (long next = run.nextLive(0); next >= 0; next = run.nextLive(next + 1)) {
            Delivery delivery = queue.delivery(next);
            if (delivery != null) {
                delivered.add(delivery);
            }
            if (queue.arrival(next) != null) {
                arrived.add(next);
            }
        }
        out.varint(delivered.size());
        delivered.forEach(delivery -> DeliveryCodec.write(delivery, run.first(), out));
        out.varint(arrived.size());
        for (long sequence : arrived) {
            out.varint(sequence);
            Invariant.present(queue.arrival(sequence), "No arrival of %d", sequence).write(out);
        }
    }

    private static void writeGroups(QueueState queue, Run run, Output out) {
        Set<Long> births = new LinkedHashSet<>();
        if (run.isMarked()) {
            Places places = run.places();
            for (long next = run.nextLive(0); next >= 0; next = run.nextLive(next + 1)) {
                long birth = run.locate(next, places).mark().group();
                if (birth != 0) {
                    births.add(birth);
                }
            }
        }
        out.varint(births.size());
        for (long birth : births) {
            out.varint(birth);
            queue.lanes().members().groups().get(birth).key.write(out);
        }
    }

    /// Takes in what follows [Images#RUN] or [Images#RUN_OLD] and the channel.
    ///
    /// @return what was handed out and is not settled
    static List<Delivery> readRun(
            boolean old, QueueState queue, Input in, LiveRecords live, long now) {
        Run run = Run.read(in, old);
        queue.runs().restore(run);
        live.add(run.position(), run.liveMessages(), run.liveBytes());
        for (int i = old ? 0 : in.size(); i > 0; i--) {
            queue.lanes().members().restoreGroup(in.varint(), KeyHash.read(in));
        }
        int deliveries = in.size();
        List<Delivery> delivered = new ArrayList<>(deliveries);
        for (int i = 0; i < deliveries; i++) {
            Delivery before = delivered.isEmpty() ? null : delivered.getLast();
            Delivery delivery =
                    old
                            ? DeliveryCodec.readOld(queue, run.first(), before, now, in)
                            : DeliveryCodec.read(queue, run.first(), before, in);
            queue.restore(delivery);
            delivered.add(delivery);
        }
        for (int i = in.size(); i > 0; i--) {
            queue.restore(in.varint(), old ? Arrival.readOld(in) : Arrival.read(in));
        }
        for (Delivery delivery : delivered) {
            delivery.arrived = queue.arrived(delivery.sequence, queue.locate(delivery.sequence));
        }
        return delivered;
    }
}
