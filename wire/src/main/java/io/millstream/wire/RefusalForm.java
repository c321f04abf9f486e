package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.HANDLE;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.WHOLE;

import io.millstream.api.Feature;
import io.millstream.api.Refusal;

/// Why something was not done, told apart by `refusal`. Its text for a person is written, too; it
/// need not be there when it is read, and is made anew then.
final class RefusalForm {
    static final Kind<Refusal> KIND =
            Kind.object("a refusal", RefusalForm::write, RefusalForm::read);

    static final Kind<Feature> FEATURE = Kinds.word(Feature.class);

    /// Such as an effect has it, which can be no other.
    static final Kind<Refusal.IsFull> FULL =
            Kind.object(
                    "a full channel",
                    (out, full) ->
                            out.put("name", CHANNEL, full.name()).put("limit", TEXT, full.limit()),
                    RefusalForm::readFull);

    private static final String REFUSAL = "refusal";
    private static final String DETAIL = "detail";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);

    private enum Tag {
        NO_SUCH_CHANNEL,
        NO_SUCH_EXCHANGE,
        CONFLICT,
        STALE_FENCE,
        IS_FULL,
        BUSY,
        DUPLICATE,
        TOO_LARGE,
        NOT_SUPPORTED,
        INVALID
    }

    private RefusalForm() {}

    private static void write(Out out, Refusal refusal) {
        switch (refusal) {
            case Refusal.NoSuchChannel none ->
                    out.put(REFUSAL, TAG, Tag.NO_SUCH_CHANNEL).put("name", CHANNEL, none.name());
            case Refusal.NoSuchExchange none ->
                    out.put(REFUSAL, TAG, Tag.NO_SUCH_EXCHANGE).put("name", CHANNEL, none.name());
            case Refusal.Conflict conflict ->
                    out.put(REFUSAL, TAG, Tag.CONFLICT)
                            .put("what", TEXT, conflict.what())
                            .put("version", WHOLE, conflict.version());
            case Refusal.StaleFence stale ->
                    out.put(REFUSAL, TAG, Tag.STALE_FENCE).put("handle", HANDLE, stale.handle());
            case Refusal.IsFull full ->
                    out.put(REFUSAL, TAG, Tag.IS_FULL)
                            .put("name", CHANNEL, full.name())
                            .put("limit", TEXT, full.limit());
            case Refusal.Busy busy ->
                    out.put(REFUSAL, TAG, Tag.BUSY).put("what", TEXT, busy.what());
            case Refusal.Duplicate duplicate ->
                    out.put(REFUSAL, TAG, Tag.DUPLICATE).put("of", WHOLE, duplicate.of());
            case Refusal.TooLarge large ->
                    out.put(REFUSAL, TAG, Tag.TOO_LARGE)
                            .put("what", TEXT, large.what())
                            .put("bytes", COUNT, large.bytes())
                            .put("bytes_max", COUNT, large.bytesMax());
            case Refusal.NotSupported not ->
                    out.put(REFUSAL, TAG, Tag.NOT_SUPPORTED).put("feature", FEATURE, not.feature());
            case Refusal.Invalid invalid ->
                    out.put(REFUSAL, TAG, Tag.INVALID).put("what", TEXT, invalid.what());
        }
        out.put(DETAIL, TEXT, refusal.text());
    }

    private static Refusal read(In in) {
        Refusal refusal =
                switch (in.get(REFUSAL, TAG)) {
                    case NO_SUCH_CHANNEL -> new Refusal.NoSuchChannel(in.get("name", CHANNEL));
                    case NO_SUCH_EXCHANGE -> new Refusal.NoSuchExchange(in.get("name", CHANNEL));
                    case CONFLICT ->
                            new Refusal.Conflict(in.get("what", TEXT), in.get("version", WHOLE));
                    case STALE_FENCE -> new Refusal.StaleFence(in.get("handle", HANDLE));
                    case IS_FULL -> readFull(in);
                    case BUSY -> new Refusal.Busy(in.get("what", TEXT));
                    case DUPLICATE -> new Refusal.Duplicate(in.get("of", WHOLE));
                    case TOO_LARGE ->
                            new Refusal.TooLarge(
                                    in.get("what", TEXT),
                                    in.get("bytes", COUNT),
                                    in.get("bytes_max", COUNT));
                    case NOT_SUPPORTED -> new Refusal.NotSupported(in.get("feature", FEATURE));
                    case INVALID -> new Refusal.Invalid(in.get("what", TEXT));
                };
        in.or(DETAIL, TEXT, "");
        return refusal;
    }

    private static Refusal.IsFull readFull(In in) {
        return new Refusal.IsFull(in.get("name", CHANNEL), in.get("limit", TEXT));
    }
}
