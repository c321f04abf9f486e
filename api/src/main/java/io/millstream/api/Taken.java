package io.millstream.api;

import java.time.Instant;
import java.util.List;

/// The answer to a [Take].
public sealed interface Taken {

    /// These are leased to the taker.
    ///
    /// @param now the backend's clock at the take
    /// @param leases in the queue's order; empty when the wait ended, or was cancelled, without a
    ///   message
    record Leased(Instant now, List<Lease> leases) implements Taken {
        /// Copies the leases.
        public Leased {
            leases = List.copyOf(leases);
        }
    }

    /// Nothing was leased.
    ///
    /// @param now the backend's clock
    /// @param refusal why
    record Refused(Instant now, Refusal refusal) implements Taken {}
}
