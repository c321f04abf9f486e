package io.millstream.engine.heap;

import org.jspecify.annotations.Nullable;

/// The bytes of heap that a part of the state takes, by estimate, and its parts with it.
///
/// What is charged depends on what is known alone, not on how it came to be known: a state that was
/// loaded has the account of the one that was written. One thread changes it.
public final class HeapAccount {
    private final @Nullable HeapAccount whole;

    /// Not volatile, because every message changes it several times; who looks from another thread
    /// sees it as it was a moment ago.
    private long bytes;

    /// Of something whole.
    public HeapAccount() {
        this(null);
    }

    private HeapAccount(@Nullable HeapAccount whole) {
        this.whole = whole;
    }

    /// An account whose bytes are also this one's.
    public HeapAccount part() {
        return new HeapAccount(this);
    }

    /// Charges so many bytes, or gives them back if they are negative.
    public void add(long more) {
        bytes += more;
        if (whole != null) {
            whole.add(more);
        }
    }

    /// Gives back all bytes, because what they were charged for is gone.
    public void clear() {
        add(-bytes);
    }

    /// How many bytes there are.
    public long bytes() {
        return bytes;
    }
}
