package io.millstream.api;

/// A running watch.
public interface Watch extends AutoCloseable {

    /// Stops it; changes on their way may still arrive for a moment.
    @Override
    void close();
}
