package io.millstream.engine.state;

import io.millstream.api.Fence;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.state.Delivery.Status;

/// The bytes of a [Delivery] inside a snapshot: its record's fields in order, as varints. When the
/// message was stored is known by where it lies.
final class DeliveryCodec {
    private DeliveryCodec() {}

    static void write(Delivery delivery, Output out) {
        out.varint(delivery.sequence);
        out.varint(delivery.bytes);
        out.varint(delivery.place);
        out.varint(delivery.joined);
        out.byteValue(delivery.status.code);
        out.varint(delivery.deliveries);
        out.varint(delivery.attempts);
        out.varint(delivery.firstDelivered);
        out.varint(delivery.fence.epoch());
        out.varint(delivery.fence.position());
        out.varint(delivery.deadline);
        out.optionalText(delivery.strandedReason);
    }

    static Delivery read(QueueState queue, Input in) {
        long sequence = in.varint();
        long stored = queue.locate(sequence).stored();
        Delivery delivery = new Delivery(queue, sequence, in.intValue(), stored);
        delivery.place = in.varint();
        delivery.joined = in.varint();
        delivery.status = Status.of(in.byteValue());
        delivery.deliveries = in.intValue();
        delivery.attempts = in.intValue();
        delivery.firstDelivered = in.varint();
        delivery.fence = new Fence(in.intValue(), in.varint());
        delivery.deadline = in.varint();
        delivery.strandedReason = in.optionalText();
        return delivery;
    }
}
