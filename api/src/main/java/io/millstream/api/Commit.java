package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Operations that happen together or not at all.
///
/// @param id makes it harmless to send it again; null for one that is sent once
/// @param operations in order; each sees what the ones before it did
public record Commit(@Nullable CommitId id, List<Operation> operations) {

    /// The most operations in one commit.
    public static final int OPERATIONS_MAX = 10_000;

    /// Copies the operations and refuses empty and overlong commits.
    public Commit {
        operations = List.copyOf(operations);
        if (operations.isEmpty() || operations.size() > OPERATIONS_MAX) {
            throw new IllegalArgumentException(
                    "A commit has 1 to "
                            + OPERATIONS_MAX
                            + " operations, this one has "
                            + operations.size());
        }
    }

    /// A commit of these operations without an id.
    public static Commit of(Operation... operations) {
        return new Commit(null, List.of(operations));
    }
}
