package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Commits that are done only if what was looked at before has not changed meanwhile.
final class Unchanged {
    private Unchanged() {}

    /// Blocks until it is on disk.
    ///
    /// @return null if something had changed; nothing was done then
    /// @throws RefusedException if it is refused for another reason
    static @Nullable List<Effect> commit(Millstream millstream, List<Operation> operations) {
        try {
            return millstream.commit(operations.toArray(Operation[]::new));
        } catch (RefusedException refused) {
            if (refused.refusal() instanceof Refusal.Conflict) {
                return null;
            }
            throw refused;
        }
    }
}
