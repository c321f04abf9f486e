package io.millstream.wire;

import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Operation;

import java.util.List;

/// Commits.
final class CommitForm {
    /// The longest id, in characters.
    static final int ID_CHARS_MAX = 255;

    static final Kind<Commit> KIND =
            Kind.object(
                    "a commit, such as {\"operations\":[{\"op\":\"put\",\"queue\":\"mail\","
                            + "\"message\":{\"text\":\"hi\"}}]}",
                    CommitForm::write,
                    CommitForm::read);

    private static final Kind<List<Operation>> OPERATIONS = Kinds.list(OperationForm.KIND);
    private static final Kind<CommitId> ID =
            new Kind<>(
                    "a text of 1 to %d characters".formatted(ID_CHARS_MAX),
                    (json, id) -> json.writeString(Kinds.unbroken(id.value())),
                    (_, raw) ->
                            raw instanceof String id && !id.isEmpty() && id.length() <= ID_CHARS_MAX
                                    ? new CommitId(id)
                                    : null);

    private CommitForm() {}

    private static void write(Out out, Commit commit) {
        out.maybe("id", ID, commit.id()).put("operations", OPERATIONS, commit.operations());
    }

    private static Commit read(In in) {
        return new Commit(in.maybe("id", ID), in.get("operations", OPERATIONS));
    }
}
