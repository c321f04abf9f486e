package io.millstream;

/// Works on events, one after the other within a partition.
///
/// @param <T> what they carry
@FunctionalInterface
public interface EventHandler<T> {

    /// Works on one event. May block: it runs on a virtual thread.
    ///
    /// @throws Exception if it could not; the event is tried again
    void handle(StoredEvent<T> event) throws Exception;
}
