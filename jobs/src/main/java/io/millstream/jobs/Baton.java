package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.jobs.outbox.OutboxKey;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;

/// Who relays an outbox, and what was put last: one row of the store for each outbox.
///
/// ```json
/// {"holder": "relay-4f2k", "put": [[1764286000000000, "8jq3-1"], [1764286000000001, "8jq3-2"]]}
/// ```
///
/// Each commit that puts jobs of the outbox writes this row, only if it is as its writer knows it,
/// with the jobs that it puts. So of all relays only the one that wrote the row last can put
/// anything, however long another one slept; and who takes it over knows exactly which jobs may be
/// put already and still in the outbox: those that the row names. It removes these, and reads what
/// there is only after that.
///
/// One thread uses it.
final class Baton {
    /// The rows, by the names of outboxes.
    static final String TABLE = "jobs.outbox";

    private final String outbox;
    private final String holder;
    private long version;
    private List<OutboxKey> put;

    /// Somebody else has it.
    static final class LostException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Baton(String outbox, String holder, long version, List<OutboxKey> put) {
        this.outbox = outbox;
        this.holder = holder;
        this.version = version;
        this.put = put;
    }

    /// Takes it, from whoever has it. Blocks.
    static Baton take(Backend backend, Session session, String outbox, String holder) {
        while (true) {
            RowLook look = RowLook.at(backend, TABLE, outbox);
            List<OutboxKey> put = look.row() == null ? List.of() : read(outbox, look.row().value());
            Baton baton = new Baton(outbox, holder, look.version(), put);
            switch (Answer.of(session.commit(Commit.of(baton.pass(put))))) {
                case Receipt.Committed committed -> {
                    baton.passed(committed, put);
                    return baton;
                }
                case Receipt.Refused refused -> {
                    if (!(refused.refusal() instanceof Refusal.Conflict)) {
                        throw new RefusedException(refused.refusal());
                    }
                }
            }
        }
    }

    /// What was put last, and may be in the outbox still.
    List<OutboxKey> put() {
        return put;
    }

    /// None of that is in the outbox any more.
    void removed() {
        put = List.of();
    }

    /// The first operation of a commit that puts `keys`.
    Operation pass(List<OutboxKey> keys) {
        ObjectNode json = Json.newObject().put("holder", holder);
        ArrayNode list = json.putArray("put");
        keys.forEach(key -> list.addArray().add(key.placedAt()).add(key.jobId()));
        return RowLook.write(TABLE, outbox, Json.bytes(json), version, null);
    }

    /// They are put.
    void passed(Receipt.Committed committed, List<OutboxKey> keys) {
        version = ((Receipt.Effect.Changed) committed.effects().getFirst()).version();
        put = keys;
    }

    private static List<OutboxKey> read(String outbox, Bytes value) {
        try {
            ObjectNode json = Json.object(value);
            if (json.get("put") instanceof ArrayNode list) {
                List<OutboxKey> keys = new ArrayList<>();
                for (JsonNode key : list) {
                    keys.add(new OutboxKey(key.path(0).asLong(), key.path(1).asString()));
                }
                return keys;
            }
        } catch (Json.Unreadable | RuntimeException _) {
            // Said below.
        }
        throw new MillstreamException(
                ("Row %s of the table %s cannot be read. It says which jobs of an outbox were put"
                                + " last; without it some may be put twice. Put it right, or remove"
                                + " it if that does not matter.")
                        .formatted(outbox, TABLE));
    }
}
