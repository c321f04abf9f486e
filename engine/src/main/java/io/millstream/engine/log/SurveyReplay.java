package io.millstream.engine.log;

/// Told, in order, what a log at rest holds, and what it no longer gives.
public interface SurveyReplay extends FrameReplay {

    /// A frame of this opening of the directory comes next.
    void epoch(int epoch);

    /// Nothing is readable at a place that later frames prove to have been acknowledged.
    void hole(Hole hole);

    /// A stretch of the log that no longer says what it said.
    ///
    /// @param position where it begins
    /// @param next where the next good frame begins
    /// @param oneFrame whether it was a single frame
    record Hole(long position, long next, boolean oneFrame) {
        /// Its length in bytes.
        public long bytes() {
            return next - position;
        }
    }
}
