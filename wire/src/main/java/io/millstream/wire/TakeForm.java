package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;

import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// Takes and their answers. `{"queue": "mail"}` takes one message if there is one.
final class TakeForm {
    static final Kind<Take> TAKE =
            Kind.object("a take, such as {\"queue\":\"mail\"}", TakeForm::write, TakeForm::read);

    static final Kind<Taken> TAKEN =
            Kind.object("what was taken", TakeForm::writeTaken, TakeForm::readTaken);

    private static final String TAKEN_TAG = "taken";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<List<Lease>> LEASES = Kinds.list(LeaseForm.KIND);
    private static final Kind<List<String>> TYPES = Kinds.list(TEXT);
    private static final Kind<Integer> MESSAGES = Kinds.small(1, Integer.MAX_VALUE);
    private static final Kind<Long> BYTES = Kinds.whole(1, Long.MAX_VALUE);

    private enum Tag {
        LEASED,
        REFUSED
    }

    private TakeForm() {}

    private static void write(Out out, Take take) {
        out.put("queue", CHANNEL, take.queue())
                .or("messages", MESSAGES, take.messages(), 1)
                .or("bytes", BYTES, take.bytes(), Long.MAX_VALUE);
        TermMembers.write(out, take.term())
                .or("max_wait_ms", MILLIS, take.maxWait(), Duration.ZERO)
                .or("types", TYPES, take.types().stream().sorted().toList(), List.of());
    }

    private static Take read(In in) {
        return new Take(
                in.get("queue", CHANNEL),
                in.or("messages", MESSAGES, 1),
                in.or("bytes", BYTES, Long.MAX_VALUE),
                TermMembers.read(in),
                in.or("max_wait_ms", MILLIS, Duration.ZERO),
                Set.copyOf(in.or("types", TYPES, List.of())));
    }

    private static void writeTaken(Out out, Taken taken) {
        switch (taken) {
            case Taken.Leased(Instant now, List<Lease> leases) ->
                    out.put(TAKEN_TAG, TAG, Tag.LEASED)
                            .put("now", TIME, now)
                            .put("leases", LEASES, leases);
            case Taken.Refused(Instant now, Refusal refusal) ->
                    out.put(TAKEN_TAG, TAG, Tag.REFUSED)
                            .put("now", TIME, now)
                            .put("refusal", RefusalForm.KIND, refusal);
        }
    }

    private static Taken readTaken(In in) {
        return switch (in.get(TAKEN_TAG, TAG)) {
            case LEASED -> new Taken.Leased(in.get("now", TIME), in.get("leases", LEASES));
            case REFUSED ->
                    new Taken.Refused(in.get("now", TIME), in.get("refusal", RefusalForm.KIND));
        };
    }
}
