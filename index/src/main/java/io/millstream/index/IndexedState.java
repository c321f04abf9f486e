package io.millstream.index;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a job is, or how it ended, as far as its queue has told.
public enum IndexedState {
    /// For a worker.
    WAITING,
    /// For its time.
    DELAYED,
    /// A worker has it.
    RUNNING,
    /// It succeeded.
    DONE,
    /// It was given up. It may still be in the dead set, or wait for its dead-letter queue.
    DEAD,
    /// Somebody called it off.
    CANCELLED,
    /// It was found to be needless, or removed from the dead set.
    DISCARDED,
    /// No worker had it in time.
    EXPIRED,
    /// It is gone without having been done: its queue was purged or removed, or it was dropped.
    REMOVED;

    /// Whether it has come to its end.
    public boolean hasEnded() {
        return compareTo(DONE) >= 0;
    }

    /// Its name in lower case, as people and programs write it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The state of this name.
    public static Optional<IndexedState> of(String word) {
        return Stream.of(values()).filter(state -> state.word().equals(word)).findFirst();
    }

    /// How a job ended, by the word of a worker; what is not known is as the store sees it.
    static IndexedState ended(String how) {
        return of(how).filter(IndexedState::hasEnded)
                .filter(state -> state != REMOVED)
                .orElse(DONE);
    }
}
