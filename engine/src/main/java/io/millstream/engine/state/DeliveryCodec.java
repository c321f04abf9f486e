package io.millstream.engine.state;

import io.millstream.api.Fence;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

/// The bytes of a [Delivery] inside a snapshot, about twenty:
///
/// ```
///   +----------------+------------------+--------+------------+----------+
///   | sequence since | its last wait's  | status | deliveries | attempts |
///   | the run's first| end, or 0        | 1      |            |          |
///   +----------------+------------------+--------+------------+----------+
///   | first delivered | fence: epoch, | deadline | reason of being |
///   | since stored, zz| position      |          | stranded, cause |
///   +-----------------+---------------+----------+-----------------+
/// ```
///
/// Numbers are varints, zz zigzag ones. How large its message is and when it was stored is known by
/// where that lies.
final class DeliveryCodec {
    private DeliveryCodec() {}

    /// @param first the first sequence of its run
    static void write(Delivery delivery, long first, Output out) {
        out.varint(delivery.sequence - first);
        out.varint(delivery.waitedUntil);
        out.byteValue(delivery.status.code);
        out.varint(delivery.deliveries);
        out.varint(delivery.attempts);
        out.zigzag(delivery.firstDelivered - delivery.stored);
        out.varint(delivery.fence.epoch());
        out.varint(delivery.fence.position());
        out.varint(delivery.deadline);
        out.optionalText(delivery.strandedReason);
        if (delivery.strandedReason != null) {
            Deaths.write(delivery.strandedCause, out);
        }
    }

    /// @param before the one before it in its run, or null: they mostly share a fence
    static Delivery read(QueueState queue, long first, @Nullable Delivery before, Input in) {
        long sequence = first + in.varint();
        return read(false, queue, sequence, in.varint(), before, in);
    }

    /// As version 0.1.0 wrote it, which knew a message's place instead of the time: what had waited
    /// stands behind all that is there.
    ///
    /// @param now when the snapshot was begun
    static Delivery readOld(
            QueueState queue, long first, @Nullable Delivery before, long now, Input in) {
        long sequence = first + in.varint();
        in.zigzag();
        return read(true, queue, sequence, in.varint() == 0 ? 0 : now, before, in);
    }

    private static Delivery read(
            boolean old,
            QueueState queue,
            long sequence,
            long waitedUntil,
            @Nullable Delivery before,
            Input in) {
        Location at = queue.locate(sequence);
        Delivery delivery = new Delivery(queue, sequence, at, queue.arrived(sequence, at));
        delivery.waitedUntil = waitedUntil;
        delivery.status = Status.of(in.byteValue());
        delivery.deliveries = in.intValue();
        delivery.attempts = in.intValue();
        delivery.firstDelivered = at.stored() + in.zigzag();
        delivery.fence = fence(before, in.intValue(), in.varint());
        delivery.deadline = in.varint();
        String reason = in.optionalText();
        delivery.strandedReason = reason;
        if (reason != null) {
            delivery.strandedCause = old ? Deaths.causeOf(reason) : Deaths.readCause(in);
        }
        return delivery;
    }

    private static Fence fence(@Nullable Delivery before, int epoch, long position) {
        Fence fence = new Fence(epoch, position);
        return before != null && before.fence.equals(fence) ? before.fence : fence;
    }
}
