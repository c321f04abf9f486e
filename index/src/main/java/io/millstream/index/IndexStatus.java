package io.millstream.index;

/// How an index is.
///
/// @param phase what it does
/// @param why it does not follow its topic, in words; empty if it does
/// @param asOf up to where it has read
/// @param jobs how many it knows
/// @param bytes how large its file is
public record IndexStatus(Phase phase, String why, AsOf asOf, long jobs, long bytes) {

    /// What an index does.
    public enum Phase {
        /// It opens its file and looks whether that is whole.
        OPENING,
        /// It follows its topic.
        FOLLOWING,
        /// There is no such topic yet.
        WAITING,
        /// Something failed, and is tried again.
        FAILED,
        /// It is closed.
        CLOSED
    }
}
