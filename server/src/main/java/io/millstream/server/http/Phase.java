package io.millstream.server.http;

/// Where in its life a server is.
public enum Phase {
    /// Doors are being opened.
    STARTING,
    /// Every door is open.
    READY,
    /// What is in flight is finished; nothing new is taken.
    STOPPING,
    /// The store stopped by itself. Nothing works until the process is started again.
    FAILED
}
