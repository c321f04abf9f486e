package io.millstream.backends.remote;

import io.millstream.wire.Ask;
import io.millstream.wire.Forms;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Something to send.
///
/// @param work what it is about; null if nothing is awaited
/// @param session whose commits it has; -1 if it has none, and is a message of its own
/// @param json a message, or else commits each of which is written
/// @param bytes how long it is
/// @param nanos when it was asked, by [System#nanoTime()]
record Letter(@Nullable Work work, long session, Written json, long bytes, long nanos) {
    private static final long NO_SESSION = -1;

    /// A message of its own.
    ///
    /// @throws IllegalArgumentException if it cannot be said
    static Letter whole(@Nullable Work work, Ask ask) {
        byte[] json = Forms.ASK.write(ask);
        return new Letter(
                work, NO_SESSION, new Written.Whole(json), json.length, System.nanoTime());
    }

    /// Commits that are written already.
    static Letter commits(Work work, long session, List<byte[]> commits) {
        long bytes = commits.stream().mapToLong(each -> each.length + 1L).sum();
        return new Letter(work, session, new Written.Commits(commits), bytes, System.nanoTime());
    }

    /// What was written.
    sealed interface Written {

        /// A whole message.
        ///
        /// @param json of it
        record Whole(byte[] json) implements Written {}

        /// Commits, to be sent with others of the same session.
        ///
        /// @param commits each by itself
        record Commits(List<byte[]> commits) implements Written {}
    }
}
