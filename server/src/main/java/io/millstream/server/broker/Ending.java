package io.millstream.server.broker;

/// How a server's life ended.
public sealed interface Ending {

    /// It was asked to stop, and everything is closed.
    record Stopped() implements Ending {}

    /// The store stopped by itself; the doors are closed without an answer to what was in flight.
    ///
    /// @param reason what happened and what to do
    record Failed(String reason) implements Ending {}
}
