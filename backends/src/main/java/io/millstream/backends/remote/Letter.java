package io.millstream.backends.remote;

import org.jspecify.annotations.Nullable;

/// Something to send.
///
/// @param work what it is about; null if nothing is awaited
/// @param session whose commits it has; -1 if it has none, and is a message of its own
/// @param json a message, or else commits each of which is written
/// @param bytes how long it is
/// @param nanos when it was asked, by [System#nanoTime()]
record Letter(@Nullable Work work, long session, Written json, long bytes, long nanos) {

    /// What was written.
    sealed interface Written {

        /// A whole message.
        ///
        /// @param json of it
        record Whole(byte[] json) implements Written {}

        /// Commits, to be sent with others of the same session.
        ///
        /// @param commits each by itself
        record Commits(java.util.List<byte[]> commits) implements Written {}
    }
}
