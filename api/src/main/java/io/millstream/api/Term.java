package io.millstream.api;

import java.time.Duration;

/// How long a lease lasts.
public sealed interface Term {

    /// Until `length` has passed. Survives a restart of the server: deadlines are kept. A store
    /// that was away itself may give a grace, so that holders can come back; one that others went
    /// on with gives none.
    ///
    /// @param length more than zero; ends never early and at most 20 ms late
    record Timed(Duration length) implements Term {
        /// Refuses a lease that would never have begun.
        public Timed {
            if (!length.isPositive()) {
                throw new IllegalArgumentException("A lease's length is positive, not " + length);
            }
        }
    }

    /// Until the session closes; a restart of the server closes every session. Where several
    /// processes share a store, the others notice the death of one in their time.
    record WhileOpen() implements Term {
        /// The only value.
        public static final WhileOpen WHILE_OPEN = new WhileOpen();
    }

    /// Settled as done by being delivered: at most once.
    record Auto() implements Term {
        /// The only value.
        public static final Auto AUTO = new Auto();
    }
}
