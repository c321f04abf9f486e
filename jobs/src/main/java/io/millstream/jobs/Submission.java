package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Puts jobs, unless they are duplicates.
final class Submission {
    private static final int JOBS_PER_COMMIT = 500;

    private final Millstream millstream;
    private final Debounce debounce;

    Submission(Millstream millstream) {
        this.millstream = millstream;
        this.debounce = new Debounce(millstream);
    }

    /// Blocks until all are on disk; some hundreds at a time are all or none.
    ///
    /// @param drafts all of them unique in the same way, or none of them
    /// @param once if they are to be submitted once, however often they are sent
    List<Accepted> submit(List<Draft> drafts, @Nullable Once once) {
        List<Accepted> accepted = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i += JOBS_PER_COMMIT) {
            List<Draft> some = drafts.subList(i, Math.min(i + JOBS_PER_COMMIT, drafts.size()));
            accepted.addAll(
                    once == null
                            ? submitSome(some)
                            : submitOnce(some, once.part(i / JOBS_PER_COMMIT)));
        }
        return accepted;
    }

    private List<Accepted> submitSome(List<Draft> drafts) {
        if (drafts.getFirst().scope() instanceof Unique.Scope.Debounced debounced) {
            return drafts.stream().map(draft -> debounce.submit(draft, debounced)).toList();
        }
        // Looks, and commits what it saw to be free; if that is not so any more, looks again. Each
        // time somebody else got on.
        while (true) {
            Proposal proposal = Proposal.of(millstream.backend(), drafts, false);
            if (proposal.operations().isEmpty()) {
                return proposal.accepted(List.of());
            }
            List<Effect> effects = Unchanged.commit(millstream, proposal.operations());
            if (effects != null) {
                return proposal.accepted(effects);
            }
        }
    }

    /// As [#submitSome], with a note in the same commit of what it was.
    private List<Accepted> submitOnce(List<Draft> drafts, Once once) {
        if (drafts.getFirst().scope() instanceof Unique.Scope.Debounced) {
            throw new IllegalArgumentException(
                    "A debounced job is put off each time that it is submitted, so it cannot be"
                            + " submitted once by a key. Leave out the key, or let it be unique in"
                            + " another way.");
        }
        Backend backend = millstream.backend();
        while (true) {
            RowLook look = RowLook.at(backend, Once.TABLE, once.key());
            List<Accepted> noted = once.noted(look.row());
            if (noted != null) {
                return noted;
            }
            Proposal proposal = Proposal.of(backend, drafts, false);
            List<Operation> operations = new ArrayList<>(proposal.operations());
            operations.add(once.note(proposal.accepted(), look.asOf()));
            List<Effect> effects = Unchanged.commit(millstream, operations);
            if (effects != null) {
                return proposal.accepted(effects);
            }
        }
    }
}
