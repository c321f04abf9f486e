package io.millstream.server.users;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What becomes of a user; its JSON has these names. What is null stays as it is.
///
/// @param grants all that it may do from now on, as text
/// @param password its password from now on
public record UserChange(@Nullable List<String> grants, @Nullable String password) {
    /// Copies the list.
    public UserChange {
        grants = grants == null ? null : List.copyOf(grants);
    }

    @Override
    public String toString() {
        return "UserChange[" + grants + "]";
    }
}
