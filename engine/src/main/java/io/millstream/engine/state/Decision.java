package io.millstream.engine.state;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;

import java.util.List;

/// What a [Decider] makes of a commit.
public sealed interface Decision {

    /// It is done by applying these entries, in order, in one frame.
    ///
    /// @param entries what to store and apply
    /// @param effects what to answer, one for each operation
    record Accepted(List<Entry> entries, List<Receipt.Effect> effects) implements Decision {}

    /// It is not done.
    ///
    /// @param operation the index of the operation that was refused
    /// @param refusal why
    record Rejected(int operation, Refusal refusal) implements Decision {}
}
