package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The bytes of a receipt that may be asked for again, and of the entry that remembers one.
///
/// ```
///   committed   +-----+---+-------+---------------------------------+
///               | now | 1 | count | effects: kind, its fields       |
///               +-----+---+-------+---------------------------------+
///   refused     +-----+---+-----------+-----------------------------+
///               | now | 2 | operation | refusal: kind, its fields   |
///               +-----+---+-----------+-----------------------------+
///   entry       +----+--------+--------+------+---------------------+
///               | 37 | sender | number | from | the receipt's bytes |
///               +----+--------+--------+------+---------------------+
/// ```
///
/// Fields are as the records list them. Kinds are never renumbered; a new field means a new kind.
final class AnswerCodec {
    static final int ANSWERED = 37;

    private static final int COMMITTED = 1;
    private static final int REFUSED = 2;

    private static final int STORED = 1;
    private static final int DUPLICATE = 2;
    private static final int APPENDED = 3;
    private static final int ROUTED = 4;
    private static final int CHANGED = 5;
    private static final int EXTENDED = 6;
    private static final int SETTLED = 7;
    private static final int EDITED = 8;
    private static final int REPLAYED = 9;
    private static final int PLAIN = 10;

    private static final int NO_SUCH_CHANNEL = 1;
    private static final int NO_SUCH_EXCHANGE = 2;
    private static final int CONFLICT = 3;
    private static final int STALE_FENCE = 4;
    private static final int IS_FULL = 5;
    private static final int BUSY = 6;
    private static final int OF_DUPLICATE = 7;
    private static final int TOO_LARGE = 8;
    private static final int NOT_SUPPORTED = 9;
    private static final int INVALID = 10;

    private AnswerCodec() {}

    // The entry.

    static void encode(Entry.Answered entry, Output out) {
        out.byteValue(ANSWERED);
        out.text(entry.sender());
        out.varint(entry.number());
        out.varint(entry.from());
        out.raw(entry.receipt());
    }

    /// What follows its type.
    static Entry.Answered decode(Input in) {
        return new Entry.Answered(in.text(), in.varint(), in.varint(), in.rest());
    }

    // Receipts.

    static byte[] encode(Receipt receipt) {
        Output out = new Output(32);
        switch (receipt) {
            case Receipt.Committed(Instant now, List<Effect> effects) -> {
                out.zigzag(now.toEpochMilli());
                out.byteValue(COMMITTED);
                out.varint(effects.size());
                effects.forEach(effect -> encode(effect, out));
            }
            case Receipt.Refused(Instant now, int operation, Refusal refusal) -> {
                out.zigzag(now.toEpochMilli());
                out.byteValue(REFUSED);
                out.varint(operation);
                encode(refusal, out);
            }
        }
        return out.toArray();
    }

    static Receipt decodeReceipt(Input in) {
        Instant now = Instant.ofEpochMilli(in.zigzag());
        int kind = in.byteValue();
        return switch (kind) {
            case COMMITTED -> new Receipt.Committed(now, decodeEffects(in));
            case REFUSED -> new Receipt.Refused(now, in.intValue(), decodeRefusal(in));
            default -> throw new MalformedException("A receipt has kind " + kind);
        };
    }

    // Effects.

    private static void encode(Effect effect, Output out) {
        switch (effect) {
            case Effect.Stored(long sequence) -> numbers(out, STORED, sequence);
            case Effect.Duplicate(long of) -> numbers(out, DUPLICATE, of);
            case Effect.Appended(long first, long last) -> numbers(out, APPENDED, first, last);
            case Effect.Routed routed -> encode(routed, out);
            case Effect.Changed(long version) -> numbers(out, CHANGED, version);
            case Effect.Extended(Instant until) -> {
                out.byteValue(EXTENDED);
                out.zigzag(until.toEpochMilli());
            }
            case Effect.Settled settled -> {
                out.byteValue(SETTLED);
                ChannelName deadLetter = settled.deadLetter();
                out.bool(deadLetter != null);
                if (deadLetter != null) {
                    EntryCodec.encodeName(deadLetter, out);
                }
            }
            case Effect.Edited(long messages) -> numbers(out, EDITED, messages);
            case Effect.Replayed(long messages, long after, boolean more) ->
                    numbers(out, REPLAYED, messages, after, more ? 1 : 0);
            case Effect.Plain _ -> out.byteValue(PLAIN);
        }
    }

    private static void encode(Effect.Routed routed, Output out) {
        out.byteValue(ROUTED);
        out.varint(routed.reached().size());
        for (Effect.Reached reached : routed.reached()) {
            EntryCodec.encodeName(reached.target(), out);
            out.varint(reached.partition());
            encode(reached.effect(), out);
        }
        out.varint(routed.skipped().size());
        routed.skipped().forEach(full -> encode(full, out));
        out.bool(routed.alternate());
    }

    private static List<Effect> decodeEffects(Input in) {
        int size = in.size();
        List<Effect> effects = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            effects.add(decodeEffect(in));
        }
        return effects;
    }

    private static Effect decodeEffect(Input in) {
        int kind = in.byteValue();
        return switch (kind) {
            case STORED -> new Effect.Stored(in.varint());
            case DUPLICATE -> new Effect.Duplicate(in.varint());
            case APPENDED -> new Effect.Appended(in.varint(), in.varint());
            case ROUTED -> decodeRouted(in);
            case CHANGED -> new Effect.Changed(in.varint());
            case EXTENDED -> new Effect.Extended(Instant.ofEpochMilli(in.zigzag()));
            case SETTLED -> new Effect.Settled(in.bool() ? EntryCodec.decodeName(in) : null);
            case EDITED -> new Effect.Edited(in.varint());
            case REPLAYED -> new Effect.Replayed(in.varint(), in.varint(), in.bool());
            case PLAIN -> Effect.Plain.PLAIN;
            default -> throw new MalformedException("An effect has kind " + kind);
        };
    }

    private static Effect.Routed decodeRouted(Input in) {
        List<Effect.Reached> reached = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            reached.add(
                    new Effect.Reached(EntryCodec.decodeName(in), in.intValue(), decodeEffect(in)));
        }
        List<Refusal.IsFull> skipped = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            skipped.add(decodeFull(in));
        }
        return new Effect.Routed(reached, skipped, in.bool());
    }

    // Refusals.

    private static void encode(Refusal refusal, Output out) {
        switch (refusal) {
            case Refusal.NoSuchChannel(ChannelName name) -> named(out, NO_SUCH_CHANNEL, name);
            case Refusal.NoSuchExchange(ChannelName name) -> named(out, NO_SUCH_EXCHANGE, name);
            case Refusal.Conflict(String what, long version) -> {
                said(out, CONFLICT, what);
                out.varint(version);
            }
            case Refusal.StaleFence(Handle handle) -> {
                named(out, STALE_FENCE, handle.queue());
                out.varint(handle.incarnation());
                out.varint(handle.sequence());
                out.zigzag(handle.fence().epoch());
                out.varint(handle.fence().position());
            }
            case Refusal.IsFull full -> {
                out.byteValue(IS_FULL);
                encode(full, out);
            }
            case Refusal.Busy(String what) -> said(out, BUSY, what);
            case Refusal.Duplicate(long of) -> numbers(out, OF_DUPLICATE, of);
            case Refusal.TooLarge(String what, long bytes, long bytesMax) -> {
                said(out, TOO_LARGE, what);
                out.varint(bytes);
                out.varint(bytesMax);
            }
            case Refusal.NotSupported(Feature feature) -> said(out, NOT_SUPPORTED, feature.name());
            case Refusal.Invalid(String what) -> said(out, INVALID, what);
        }
    }

    private static void encode(Refusal.IsFull full, Output out) {
        EntryCodec.encodeName(full.name(), out);
        out.text(full.limit());
    }

    private static Refusal decodeRefusal(Input in) {
        int kind = in.byteValue();
        return switch (kind) {
            case NO_SUCH_CHANNEL -> new Refusal.NoSuchChannel(EntryCodec.decodeName(in));
            case NO_SUCH_EXCHANGE -> new Refusal.NoSuchExchange(EntryCodec.decodeName(in));
            case CONFLICT -> new Refusal.Conflict(in.text(), in.varint());
            case STALE_FENCE ->
                    new Refusal.StaleFence(
                            new Handle(
                                    EntryCodec.decodeName(in),
                                    in.varint(),
                                    in.varint(),
                                    new Fence(in.zigzagInt(), in.varint())));
            case IS_FULL -> decodeFull(in);
            case BUSY -> new Refusal.Busy(in.text());
            case OF_DUPLICATE -> new Refusal.Duplicate(in.varint());
            case TOO_LARGE -> new Refusal.TooLarge(in.text(), in.varint(), in.varint());
            case NOT_SUPPORTED -> new Refusal.NotSupported(Feature.valueOf(in.text()));
            case INVALID -> new Refusal.Invalid(in.text());
            default -> throw new MalformedException("A refusal has kind " + kind);
        };
    }

    private static Refusal.IsFull decodeFull(Input in) {
        return new Refusal.IsFull(EntryCodec.decodeName(in), in.text());
    }

    private static void numbers(Output out, int kind, long... fields) {
        out.byteValue(kind);
        for (long field : fields) {
            out.varint(field);
        }
    }

    private static void named(Output out, int kind, ChannelName name) {
        out.byteValue(kind);
        EntryCodec.encodeName(name, out);
    }

    private static void said(Output out, int kind, String what) {
        out.byteValue(kind);
        out.text(what);
    }
}
