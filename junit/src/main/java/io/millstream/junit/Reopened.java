package io.millstream.junit;

/// What a session holds that has to be had again after a crash.
interface Reopened {

    /// Has it, for the first time or again, from the engine that the session speaks to now.
    void open();

    /// The session is closed while nothing runs: whoever waits for it gets what a closed session
    /// gives.
    default void end() {}
}
