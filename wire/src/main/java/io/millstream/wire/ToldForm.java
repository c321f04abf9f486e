package io.millstream.wire;

import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.MILLIS;

import io.millstream.api.Found;
import io.millstream.api.Lease;
import io.millstream.api.Receipt;
import io.millstream.api.View;

import java.time.Duration;
import java.util.List;

/// What a server says over a socket.
final class ToldForm {
    static final Kind<Told> KIND = Kind.object("something told", ToldForm::write, ToldForm::read);

    private static final String TOLD = "told";
    private static final String ID = "id";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<List<Receipt>> RECEIPTS = Kinds.list(ReceiptForm.KIND);
    private static final Kind<List<Lease>> LEASES = Kinds.list(LeaseForm.KIND);
    private static final Kind<Found<View>> FOUND = FoundForm.of(View.class);

    private enum Tag {
        WELCOME,
        RECEIPTS,
        TAKEN,
        DELIVERED,
        ACTIVE,
        ENDED,
        CHANGED,
        FETCHED,
        FOUND,
        FAILED
    }

    private ToldForm() {}

    private static void write(Out out, Told told) {
        switch (told) {
            case Told.Welcome(long bytesMax, Duration silence) ->
                    out.put(TOLD, TAG, Tag.WELCOME)
                            .put("bytes_max", COUNT, bytesMax)
                            .put("silence_ms", MILLIS, silence);
            case Told.Receipts(long id, List<Receipt> receipts) ->
                    begin(out, Tag.RECEIPTS, id).put("receipts", RECEIPTS, receipts);
            case Told.Took took ->
                    begin(out, Tag.TAKEN, took.id()).put("taken", TakeForm.TAKEN, took.taken());
            case Told.Delivered(long id, List<Lease> leases) ->
                    begin(out, Tag.DELIVERED, id).put("leases", LEASES, leases);
            case Told.Active(long id, boolean active) ->
                    begin(out, Tag.ACTIVE, id).put("active", FLAG, active);
            case Told.Ended ended ->
                    begin(out, Tag.ENDED, ended.id()).put("why", RefusalForm.KIND, ended.why());
            case Told.Changed changed ->
                    begin(out, Tag.CHANGED, changed.id())
                            .put("change", WatchForm.CHANGE, changed.change());
            case Told.Fetched fetched ->
                    begin(out, Tag.FETCHED, fetched.id())
                            .put("fetched", TopicForm.FETCHED, fetched.fetched());
            case Told.Seen seen ->
                    begin(out, Tag.FOUND, seen.id()).put("found", FOUND, seen.found());
            case Told.Failed failed ->
                    begin(out, Tag.FAILED, failed.id())
                            .put("problem", Problem.KIND, failed.problem());
        }
    }

    private static Out begin(Out out, Tag tag, long id) {
        return out.put(TOLD, TAG, tag).put(ID, COUNT, id);
    }

    private static Told read(In in) {
        Tag tag = in.get(TOLD, TAG);
        if (tag == Tag.WELCOME) {
            return new Told.Welcome(in.get("bytes_max", COUNT), in.get("silence_ms", MILLIS));
        }
        long id = in.get(ID, COUNT);
        return switch (tag) {
            case WELCOME -> throw new IllegalStateException("Read already.");
            case RECEIPTS -> new Told.Receipts(id, in.get("receipts", RECEIPTS));
            case TAKEN -> new Told.Took(id, in.get("taken", TakeForm.TAKEN));
            case DELIVERED -> new Told.Delivered(id, in.get("leases", LEASES));
            case ACTIVE -> new Told.Active(id, in.get("active", FLAG));
            case ENDED -> new Told.Ended(id, in.get("why", RefusalForm.KIND));
            case CHANGED -> new Told.Changed(id, in.get("change", WatchForm.CHANGE));
            case FETCHED -> new Told.Fetched(id, in.get("fetched", TopicForm.FETCHED));
            case FOUND -> new Told.Seen(id, in.get("found", FOUND));
            case FAILED -> new Told.Failed(id, in.get("problem", Problem.KIND));
        };
    }
}
