package io.millstream.api;

/// Where changes arrive, on a thread of the backend: it must not block.
@FunctionalInterface
public interface ChangeSink {

    /// Something changed.
    void changed(Change change);
}
