package io.millstream.backends.remote;

import io.millstream.api.ConnectionLostException;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

/// Something that was asked and is not over. What [#stands()] goes on over the next connection;
/// everything else is asked once.
///
/// Told by the connection's thread, one after the other. The line's lock is not held then.
abstract class Work {
    /// Under which it is asked.
    final long id;

    /// Whether it was sent over the present connection, or one before.
    boolean sent;

    Work(long id) {
        this.id = id;
    }

    /// What to ask, now.
    abstract Ask ask();

    /// Whether it goes on after it was told something, and over the next connection.
    abstract boolean stands();

    /// The server tells something about it.
    ///
    /// @return whether it is over
    abstract boolean told(Told told);

    /// It will never be answered.
    abstract void failed(RuntimeException why);

    /// That the server says something that nobody asked for.
    static IllegalStateException odd(Told told) {
        return new IllegalStateException(
                "The server answers %d with something that was not asked, %s."
                        .formatted(told.id(), told.getClass().getSimpleName()));
    }

    /// The connection over which it was sent is lost, and it stands.
    void interrupted(ConnectionLostException why) {}
}
