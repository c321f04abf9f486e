package io.millstream.wire;

import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Operation;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Commits.
final class CommitForm {
    static final Kind<Commit> KIND =
            Kind.object(
                    "a commit, such as {\"operations\":[{\"op\":\"put\",\"queue\":\"mail\","
                            + "\"message\":{\"text\":\"hi\"}}]}",
                    CommitForm::write,
                    CommitForm::read);

    private static final Kind<List<Operation>> OPERATIONS = Kinds.list(OperationForm.KIND);
    private static final Kind<CommitId> NUMBERED =
            Kind.object("an id", CommitForm::writeId, CommitForm::readId);

    /// A text for the only commit of its sender, else an object.
    private static final Kind<CommitId> ID =
            new Kind<>(
                    "a text of 1 to %d characters, or one like {\"sender\":\"s\",\"number\":7}"
                            .formatted(CommitId.SENDER_CHARS_MAX),
                    (json, id) -> {
                        if (id.equals(CommitId.of(id.sender()))) {
                            json.writeString(Kinds.unbroken(id.sender()));
                        } else {
                            NUMBERED.write(json, id);
                        }
                    },
                    (place, raw) ->
                            raw instanceof String value
                                    ? single(value)
                                    : NUMBERED.reading().read(place, raw));

    private CommitForm() {}

    private static void write(Out out, Commit commit) {
        out.maybe("id", ID, commit.id()).put("operations", OPERATIONS, commit.operations());
    }

    private static Commit read(In in) {
        return new Commit(in.maybe("id", ID), in.get("operations", OPERATIONS));
    }

    private static @Nullable CommitId single(String value) {
        return value.isEmpty() || value.length() > CommitId.SENDER_CHARS_MAX
                ? null
                : CommitId.of(value);
    }

    /// Who says nothing else asks for this one's receipt alone.
    private static void writeId(Out out, CommitId id) {
        out.put("sender", TEXT, id.sender())
                .put("number", COUNT, id.number())
                .or("from", COUNT, id.from(), id.number());
    }

    private static CommitId readId(In in) {
        long number = in.get("number", COUNT);
        return new CommitId(in.get("sender", TEXT), number, in.or("from", COUNT, number));
    }
}
