package io.millstream.wire;

import io.millstream.api.Commit;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Query;
import io.millstream.api.SessionSpec;

import java.time.Duration;
import java.util.List;

/// What a client says over a socket: the seam's methods, one by one, in the order in which they are
/// called. What is answered later has a number, which the client chooses and uses for nothing else;
/// so has a session.
public sealed interface Ask {

    /// Opens a session.
    ///
    /// @param session its number
    /// @param spec what it is
    record Open(long session, SessionSpec spec) implements Ask {}

    /// Closes a session; what is under way in it is answered.
    ///
    /// @param session which
    record Close(long session) implements Ask {}

    /// Does commits.
    ///
    /// @param id answered by [Told.Receipts]
    /// @param session in which
    /// @param commits in order, but for those that cannot be read
    /// @param flaws those; none where it is written
    record Commits(long id, long session, List<Commit> commits, List<Flaw> flaws) implements Ask {
        /// Copies the lists.
        public Commits {
            commits = List.copyOf(commits);
            flaws = List.copyOf(flaws);
        }
    }

    /// A commit that cannot be read, which costs those beside it nothing.
    ///
    /// @param at its place among all of them
    /// @param what is wrong with it, and what would be right
    record Flaw(int at, String what) {}

    /// Asks once for messages.
    ///
    /// @param id answered by [Told.Took]
    /// @param session in which
    /// @param take for what
    record Take(long id, long session, io.millstream.api.Take take) implements Ask {}

    /// Has messages pushed.
    ///
    /// @param id followed by [Told.Delivered] and [Told.Active], until [Told.Ended]
    /// @param session in which
    /// @param consume which
    record Subscribe(long id, long session, Consume consume) implements Ask {}

    /// Gives a window another size.
    ///
    /// @param session whose
    /// @param window which and how large
    record Resize(long session, Consume.Window window) implements Ask {}

    /// Has changes told.
    ///
    /// @param id followed by [Told.Changed]
    /// @param session in which
    /// @param interest what about
    record Watch(long id, long session, Interest interest) implements Ask {}

    /// Opens a reader of a topic.
    ///
    /// @param id the reader's number
    /// @param session in which
    /// @param from where
    record Read(long id, long session, From from) implements Ask {}

    /// The next records.
    ///
    /// @param id answered by [Told.Fetched]
    /// @param reader of which reader
    /// @param messages how many at most, 1 or more
    /// @param bytes how many bytes of them, about, 1 or more
    /// @param maxWait how long to wait for the first one
    record Next(long id, long reader, int messages, long bytes, Duration maxWait) implements Ask {}

    /// Looks.
    ///
    /// @param id answered by [Told.Seen]
    /// @param query at what
    record Find(long id, Query<?> query) implements Ask {}

    /// Ends a consumer, a watch or a reader, or calls off a take or what a reader waits for.
    ///
    /// @param id of what
    record End(long id) implements Ask {}
}
