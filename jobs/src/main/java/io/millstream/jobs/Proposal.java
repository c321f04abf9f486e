package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// What submits some jobs in one commit, by what a look saw: those that are duplicates of others
/// are not put. If what was seen has changed, the commit is refused as a conflict, and a new look
/// is needed.
final class Proposal {
    private final boolean named;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Integer> owners = new ArrayList<>();
    private final List<Decided> decided = new ArrayList<>();

    /// The jobs that have taken keys in this commit.
    private final Map<String, String> taken = new HashMap<>();

    /// What becomes of a job.
    ///
    /// @param accepted if it is not put, or its place is not known
    /// @param put the operation that puts it, or -1
    private record Decided(Draft draft, Accepted accepted, int put) {}

    private Proposal(boolean named) {
        this.named = named;
    }

    /// Looks. Blocks.
    ///
    /// @param drafts of those that are debounced, no two with the same key
    /// @param named whether those who submitted them know them by their ids already
    static Proposal of(Backend backend, List<Draft> drafts, boolean named) {
        List<@Nullable CompletableFuture<RowLook>> looks = new ArrayList<>();
        for (Draft draft : drafts) {
            looks.add(look(backend, draft));
        }
        Proposal proposal = new Proposal(named);
        for (int i = 0; i < drafts.size(); i++) {
            CompletableFuture<RowLook> look = looks.get(i);
            if (look == null) {
                proposal.put(drafts.get(i));
            } else {
                proposal.unique(drafts.get(i), Answer.of(look));
            }
        }
        return proposal;
    }

    private static @Nullable CompletableFuture<RowLook> look(Backend backend, Draft draft) {
        if (draft.scope() == null) {
            return null;
        }
        boolean isDebounced = draft.scope() instanceof Unique.Scope.Debounced;
        String table = isDebounced ? Envelope.DEBOUNCED_ROWS : Claims.TABLE;
        return RowLook.ask(backend, table, draft.key()).toCompletableFuture();
    }

    /// For the job that is decided about next.
    private void add(Operation operation) {
        operations.add(operation);
        owners.add(decided.size());
    }

    private void put(Draft draft) {
        put(draft, List.of());
    }

    private void put(Draft draft, List<Operation> besides) {
        int put = operations.size();
        add(draft.put());
        besides.forEach(this::add);
        decided.add(new Decided(draft, new Accepted(draft.id(), null, false), put));
    }

    private void unique(Draft draft, RowLook look) {
        if (draft.scope() instanceof Unique.Scope.Debounced how) {
            Debounce.Proposed proposed = Debounce.propose(draft, how, look);
            proposed.operations().forEach(this::add);
            decide(draft, proposed.accepted(), look.asOf());
            return;
        }
        String holder =
                look.row() == null
                        ? taken.putIfAbsent(draft.key(), draft.id())
                        : Claims.jobOf(look.row().value());
        if (holder == null) {
            Instant end = end(draft, look.asOf());
            put(draft, List.of(Claims.take(draft.claim(), draft.id(), end)));
        } else {
            decide(draft, Accepted.duplicateOf(holder), look.asOf());
        }
    }

    private static @Nullable Instant end(Draft draft, Instant now) {
        return draft.scope() instanceof Unique.Scope.Within(var time) ? now.plus(time) : null;
    }

    private void decide(Draft draft, Accepted accepted, Instant now) {
        Duration keep = Envelope.keepResult(draft.message());
        if (named && keep != null && !accepted.id().equals(draft.id())) {
            add(Results.same(draft.id(), accepted.id(), now.plus(keep)));
        }
        decided.add(new Decided(draft, accepted, -1));
    }

    /// All of them, or none; none at all if all jobs are duplicates.
    List<Operation> operations() {
        return operations;
    }

    /// Which job an operation is for, as they were handed in.
    int owner(int operation) {
        return owners.get(operation);
    }

    /// What becomes of each job, without its place.
    List<Accepted> accepted() {
        return decided.stream().map(Decided::accepted).toList();
    }

    /// What has become of each job.
    ///
    /// @param effects of the operations
    List<Accepted> accepted(List<Effect> effects) {
        List<Accepted> accepted = new ArrayList<>();
        for (Decided one : decided) {
            accepted.add(
                    one.put >= 0 && effects.get(one.put) instanceof Effect.Stored(long sequence)
                            ? Accepted.put(one.draft, sequence)
                            : one.accepted);
        }
        return accepted;
    }
}
