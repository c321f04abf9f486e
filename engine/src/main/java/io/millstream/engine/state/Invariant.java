package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// Checks that are always on. A violation is a bug: it is never caught but by the loop, which stops
/// the engine, because a stopped broker is better than a lying one.
public final class Invariant {

    private Invariant() {}

    /// Stops the engine unless `holds`.
    public static void check(boolean holds, String what, Object... values) {
        if (!holds) {
            throw new BrokenException(what.formatted(values));
        }
    }

    /// `value`, or stops the engine if it is null.
    public static <T> T present(@Nullable T value, String what, Object... values) {
        if (value == null) {
            throw new BrokenException(what.formatted(values));
        }
        return value;
    }

    /// An invariant does not hold.
    public static final class BrokenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }
}
