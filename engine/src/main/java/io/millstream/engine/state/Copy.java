package io.millstream.engine.state;

/// A stretch of what is still needed that is to be copied to a segment.
public sealed interface Copy permits RunCopy, ExtentCopy {

    /// Where it lies.
    long position();

    /// How many bytes will be copied.
    int bytes();

    /// Whether one entry of the log can say of both that they have moved.
    boolean belongsWith(Copy other);
}
