package io.millstream.engine.state;

/// The keys of one page of up to [#KEYS], by their places in it.
final class KeyColumn {
    /// How many keys a page has at most.
    static final int KEYS = 1024;

    private final long[] high = new long[KEYS];
    private final long[] low = new long[KEYS];

    void set(int index, KeyHash key) {
        high[index] = key.high();
        low[index] = key.low();
    }

    KeyHash at(int index) {
        return new KeyHash(high[index], low[index]);
    }

    /// The second half of a key.
    long lowAt(int index) {
        return low[index];
    }

    boolean isAt(int index, KeyHash key) {
        return low[index] == key.low() && high[index] == key.high();
    }
}
