package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TIME;
import static io.millstream.wire.Kinds.WHOLE;

import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import java.time.Instant;
import java.util.List;

/// The answer to a commit, and what each of its operations did.
final class ReceiptForm {
    static final Kind<Receipt> KIND =
            Kind.object("a receipt", ReceiptForm::write, ReceiptForm::read);

    private static final String RECEIPT = "receipt";
    private static final String EFFECT = "effect";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<EffectTag> EFFECT_TAG = Kinds.word(EffectTag.class);
    private static final Kind<Effect> ONE =
            Kind.object("an effect", ReceiptForm::writeEffect, ReceiptForm::readEffect);
    private static final Kind<List<Effect>> EFFECTS = Kinds.list(ONE);
    private static final Kind<List<Refusal.IsFull>> SKIPPED = Kinds.list(RefusalForm.FULL);
    private static final Kind<List<Effect.Reached>> REACHED =
            Kinds.list(
                    Kind.object(
                            "a target that was reached",
                            (out, one) ->
                                    out.put("target", CHANNEL, one.target())
                                            .or("partition", SMALL_COUNT, one.partition(), 0)
                                            .put(EFFECT, ONE, one.effect()),
                            in ->
                                    new Effect.Reached(
                                            in.get("target", CHANNEL),
                                            in.or("partition", SMALL_COUNT, 0),
                                            in.get(EFFECT, ONE))));

    private enum Tag {
        COMMITTED,
        REFUSED
    }

    private enum EffectTag {
        STORED,
        DUPLICATE,
        APPENDED,
        ROUTED,
        CHANGED,
        EXTENDED,
        SETTLED,
        EDITED,
        REPLAYED,
        PLAIN
    }

    private ReceiptForm() {}

    private static void write(Out out, Receipt receipt) {
        switch (receipt) {
            case Receipt.Committed(Instant now, List<Effect> effects) ->
                    out.put(RECEIPT, TAG, Tag.COMMITTED)
                            .put("now", TIME, now)
                            .put("effects", EFFECTS, effects);
            case Receipt.Refused(Instant now, int operation, Refusal refusal) ->
                    out.put(RECEIPT, TAG, Tag.REFUSED)
                            .put("now", TIME, now)
                            .put("operation", SMALL_COUNT, operation)
                            .put("refusal", RefusalForm.KIND, refusal);
        }
    }

    private static Receipt read(In in) {
        return switch (in.get(RECEIPT, TAG)) {
            case COMMITTED ->
                    new Receipt.Committed(in.get("now", TIME), in.get("effects", EFFECTS));
            case REFUSED ->
                    new Receipt.Refused(
                            in.get("now", TIME),
                            in.get("operation", SMALL_COUNT),
                            in.get("refusal", RefusalForm.KIND));
        };
    }

    private static void writeEffect(Out out, Effect effect) {
        switch (effect) {
            case Effect.Stored(long sequence) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.STORED).put("sequence", WHOLE, sequence);
            case Effect.Duplicate(long of) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.DUPLICATE).put("of", WHOLE, of);
            case Effect.Appended(long first, long last) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.APPENDED)
                            .put("first", WHOLE, first)
                            .put("last", WHOLE, last);
            case Effect.Routed routed ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.ROUTED)
                            .put("reached", REACHED, routed.reached())
                            .or("skipped", SKIPPED, routed.skipped(), List.of())
                            .or("alternate", FLAG, routed.alternate(), false);
            case Effect.Changed(long version) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.CHANGED).put("version", WHOLE, version);
            case Effect.Extended(Instant until) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.EXTENDED).put("until", TIME, until);
            case Effect.Settled settled ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.SETTLED)
                            .maybe("dead_letter", CHANNEL, settled.deadLetter());
            case Effect.Edited(long messages) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.EDITED).put("messages", WHOLE, messages);
            case Effect.Replayed(long messages, long after, boolean more) ->
                    out.put(EFFECT, EFFECT_TAG, EffectTag.REPLAYED)
                            .put("messages", WHOLE, messages)
                            .put("after", WHOLE, after)
                            .or("more", FLAG, more, false);
            case Effect.Plain _ -> out.put(EFFECT, EFFECT_TAG, EffectTag.PLAIN);
        }
    }

    private static Effect readEffect(In in) {
        return switch (in.get(EFFECT, EFFECT_TAG)) {
            case STORED -> new Effect.Stored(in.get("sequence", WHOLE));
            case DUPLICATE -> new Effect.Duplicate(in.get("of", WHOLE));
            case APPENDED -> new Effect.Appended(in.get("first", WHOLE), in.get("last", WHOLE));
            case ROUTED ->
                    new Effect.Routed(
                            in.get("reached", REACHED),
                            in.or("skipped", SKIPPED, List.of()),
                            in.or("alternate", FLAG, false));
            case CHANGED -> new Effect.Changed(in.get("version", WHOLE));
            case EXTENDED -> new Effect.Extended(in.get("until", TIME));
            case SETTLED -> new Effect.Settled(in.maybe("dead_letter", CHANNEL));
            case EDITED -> new Effect.Edited(in.get("messages", WHOLE));
            case REPLAYED ->
                    new Effect.Replayed(
                            in.get("messages", WHOLE),
                            in.get("after", WHOLE),
                            in.or("more", FLAG, false));
            case PLAIN -> Effect.Plain.PLAIN;
        };
    }
}
