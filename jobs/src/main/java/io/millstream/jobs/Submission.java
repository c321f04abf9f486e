package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Receipt.Effect;

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
    List<Accepted> submit(List<Draft> drafts) {
        List<Accepted> accepted = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i += JOBS_PER_COMMIT) {
            List<Draft> some = drafts.subList(i, Math.min(i + JOBS_PER_COMMIT, drafts.size()));
            accepted.addAll(submitSome(some));
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
}
