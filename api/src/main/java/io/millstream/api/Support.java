package io.millstream.api;

/// How far a backend supports a [Feature].
public sealed interface Support {

    /// As the contract says.
    record Native() implements Support {
        /// The only value.
        public static final Native NATIVE = new Native();
    }

    /// As the contract says, by other means.
    ///
    /// @param how by which means
    /// @param cost what it costs
    record Emulated(String how, String cost) implements Support {}

    /// Not at all.
    ///
    /// @param why the reason
    /// @param instead what to do instead
    record None(String why, String instead) implements Support {}
}
