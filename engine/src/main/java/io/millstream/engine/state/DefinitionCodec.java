package io.millstream.engine.state;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.QueueBuilder;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/// The bytes of a queue's definition in the log and in snapshots:
///
/// ```
///   +------+-------------+-------------+----------------+-----------+
///   | name | maxAttempts | dead letter | maxInFlight    | arguments |
///   |      |             | bool, name  |                |           |
///   +------+-------------+-------------+----------------+-----------+
///   | groups | ageing retention timeToLive unusedFor keepSettled    |
///   | 1      | milliseconds, 0 for none                             |
///   +--------+---------------------+--------------------------------+
///   | messageBytesMax | capacity:  messages bytes overflow 1        |
///   +-----------------+---------------------------------------------+
///   | back-off: first, 0 for none; factor as bits of a double; most |
///   +---------------------------------------------------------------+
///   | deduplication: window, 0 for none; scope 1 | flags 1          |
///   +--------------------------------------------+------------------+
///   | limits, weights: see LimitsCodec                              |
///   +---------------------------------------------------------------+
///   | lifecycle: name, if flags say so                              |
///   +---------------------------------------------------------------+
/// ```
///
/// Numbers are varints; what says 1 is a byte.
final class DefinitionCodec {
    private static final int QUEUE_BYTES = 256;
    private static final int SINGLE_ACTIVE = 1;
    private static final int PAUSED = 2;
    private static final int TYPED = 4;
    private static final int TOLD = 8;

    // Their places are what the bytes say: only ever added to at the end.
    private static final List<Groups> GROUPS =
            List.of(
                    Groups.IGNORED,
                    Groups.ORDERED,
                    Groups.ORDERED_SINGLY,
                    Groups.FAIR,
                    Groups.FAIR_ORDERED);
    private static final List<Capacity.Overflow> OVERFLOWS =
            List.of(
                    Capacity.Overflow.REFUSE,
                    Capacity.Overflow.DROP_HEAD,
                    Capacity.Overflow.DEAD_LETTER);
    private static final List<Deduplication.Scope> SCOPES =
            List.of(Deduplication.Scope.QUEUE, Deduplication.Scope.GROUP);

    private DefinitionCodec() {}

    static void encode(Definition.Queue queue, Output out) {
        EntryCodec.encodeName(queue.name(), out);
        out.varint(queue.maxAttempts());
        ChannelName deadLetter = queue.deadLetter();
        out.bool(deadLetter != null);
        if (deadLetter != null) {
            EntryCodec.encodeName(deadLetter, out);
        }
        out.varint(queue.maxInFlight());
        out.texts(queue.arguments());
        out.byteValue(GROUPS.indexOf(queue.groups()));
        time(queue.ageing(), out);
        time(queue.retention(), out);
        time(queue.timeToLive(), out);
        time(queue.unusedFor(), out);
        time(queue.keepSettled(), out);
        out.varint(queue.messageBytesMax());
        out.varint(queue.capacity().messages());
        out.varint(queue.capacity().bytes());
        out.byteValue(OVERFLOWS.indexOf(queue.capacity().overflow()));
        BackOff backOff = queue.backOff();
        time(backOff == null ? null : backOff.first(), out);
        if (backOff != null) {
            out.varint(Double.doubleToLongBits(backOff.factor()));
            time(backOff.most(), out);
        }
        Deduplication deduplication = queue.deduplication();
        time(deduplication == null ? null : deduplication.window(), out);
        if (deduplication != null) {
            out.byteValue(SCOPES.indexOf(deduplication.scope()));
        }
        out.byteValue(
                (queue.singleActive() ? SINGLE_ACTIVE : 0)
                        | (queue.paused() ? PAUSED : 0)
                        | (queue.typed() ? TYPED : 0)
                        | (queue.lifecycle() != null ? TOLD : 0));
        LimitsCodec.encode(queue.limits(), out);
        LimitsCodec.encodeWeights(queue.weights(), out);
        ChannelName lifecycle = queue.lifecycle();
        if (lifecycle != null) {
            EntryCodec.encodeName(lifecycle, out);
        }
    }

    /// How many bytes [#encode] writes.
    static int bytesOf(Definition.Queue queue) {
        Output out = new Output(QUEUE_BYTES);
        encode(queue, out);
        return out.length();
    }

    static Definition.Queue decode(Input in) {
        QueueBuilder queue =
                Definition.Queue.builder(EntryCodec.decodeName(in))
                        .maxAttempts(in.intValue())
                        .deadLetter(in.bool() ? EntryCodec.decodeName(in) : null)
                        .maxInFlight(in.intValue())
                        .arguments(in.texts())
                        .groups(of(GROUPS, in))
                        .ageing(time(in))
                        .retention(time(in))
                        .timeToLive(time(in))
                        .unusedFor(time(in))
                        .keepSettled(time(in))
                        .messageBytesMax(in.varint())
                        .capacity(new Capacity(in.varint(), in.varint(), of(OVERFLOWS, in)));
        Duration first = time(in);
        if (first != null) {
            double factor = Double.longBitsToDouble(in.varint());
            queue.backOff(new BackOff(first, factor, Duration.ofMillis(in.varint())));
        }
        Duration window = time(in);
        if (window != null) {
            queue.deduplication(new Deduplication(window, of(SCOPES, in)));
        }
        int flags = in.byteValue();
        return queue.singleActive((flags & SINGLE_ACTIVE) != 0)
                .paused((flags & PAUSED) != 0)
                .typed((flags & TYPED) != 0)
                .limits(LimitsCodec.decode(in))
                .weights(LimitsCodec.decodeWeights(in))
                .lifecycle((flags & TOLD) != 0 ? EntryCodec.decodeName(in) : null)
                .build();
    }

    /// As version 0.1.0 wrote it.
    static Definition.Queue decodeOld(Input in) {
        return Definition.Queue.builder(EntryCodec.decodeName(in))
                .maxAttempts(in.intValue())
                .deadLetter(in.bool() ? EntryCodec.decodeName(in) : null)
                .maxInFlight(in.intValue())
                .retention(time(in))
                .messageBytesMax(in.varint())
                .arguments(in.texts())
                .build();
    }

    private static void time(@Nullable Duration time, Output out) {
        out.varint(time == null ? 0 : time.toMillis());
    }

    private static @Nullable Duration time(Input in) {
        long millis = in.varint();
        return millis == 0 ? null : Duration.ofMillis(millis);
    }

    private static <T> T of(List<T> values, Input in) {
        int code = in.byteValue();
        if (code >= values.size()) {
            throw new MalformedException("A queue's definition has value " + code);
        }
        return values.get(code);
    }
}
