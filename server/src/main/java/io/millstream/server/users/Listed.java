package io.millstream.server.users;

import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Verifier;

import java.util.List;

/// A user without its secrets, as it is listed; its JSON has these names.
///
/// @param name its name
/// @param grants what it may do, as text
/// @param password whether it has a password
/// @param keys the ids of its AWS keys
public record Listed(String name, List<String> grants, boolean password, List<String> keys) {
    /// Copies the lists.
    public Listed {
        grants = List.copyOf(grants);
        keys = List.copyOf(keys);
    }

    static Listed of(User user) {
        return new Listed(
                user.name(),
                user.grants().stream().map(Grant::toString).toList(),
                user.password().isPresent(),
                user.keys().stream().map(Verifier.AwsKey::id).toList());
    }
}
