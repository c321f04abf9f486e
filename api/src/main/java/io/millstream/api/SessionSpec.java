package io.millstream.api;

import java.util.Map;

/// What a session is, for those who look inside.
///
/// @param name in words, such as `sqs` or `worker mail-3`
/// @param labels what else identifies it, such as the peer's address
public record SessionSpec(String name, Map<String, String> labels) {
    /// Copies the labels.
    public SessionSpec {
        labels = Map.copyOf(labels);
    }

    /// A session of this name.
    public static SessionSpec of(String name) {
        return new SessionSpec(name, Map.of());
    }
}
