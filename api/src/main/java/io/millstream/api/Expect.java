package io.millstream.api;

/// What a change demands of what it replaces: compare-and-set for definitions and rows.
public sealed interface Expect {

    /// There may be anything or nothing.
    record Anything() implements Expect {
        /// The only value.
        public static final Anything ANYTHING = new Anything();
    }

    /// There must be nothing yet.
    record Nothing() implements Expect {
        /// The only value.
        public static final Nothing NOTHING = new Nothing();
    }

    /// There must be exactly this version.
    ///
    /// @param version as a view or an earlier receipt gave it
    record Version(long version) implements Expect {}
}
