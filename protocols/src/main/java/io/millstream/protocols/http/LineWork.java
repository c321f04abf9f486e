package io.millstream.protocols.http;

/// Something under way over a line.
interface LineWork {

    /// The client has called it off or ended it, or its line or its session has closed.
    void cancel();

    /// Whether it is over when a session is. Takes and commits are answered first.
    boolean endsWith(LineSession session);
}
