package io.millstream.wire;

import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Outcome;

import java.time.Duration;

/// How work ended, as members of the operation that says it.
final class OutcomeMembers {
    private static final String OUTCOME = "outcome";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);

    private enum Tag {
        DONE,
        RETRY,
        DEAD
    }

    private OutcomeMembers() {}

    static Out write(Out out, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> out.put(OUTCOME, TAG, Tag.DONE);
            case Outcome.Retry(Duration after, boolean counts) ->
                    out.put(OUTCOME, TAG, Tag.RETRY)
                            .or("after_ms", MILLIS, after, Duration.ZERO)
                            .or("counts", FLAG, counts, true);
            case Outcome.Dead(String reason) ->
                    out.put(OUTCOME, TAG, Tag.DEAD).or("reason", TEXT, reason, "");
        };
    }

    static Outcome read(In in) {
        return switch (in.get(OUTCOME, TAG)) {
            case DONE -> Outcome.done();
            case RETRY ->
                    new Outcome.Retry(
                            in.or("after_ms", MILLIS, Duration.ZERO), in.or("counts", FLAG, true));
            case DEAD -> new Outcome.Dead(in.or("reason", TEXT, ""));
        };
    }
}
