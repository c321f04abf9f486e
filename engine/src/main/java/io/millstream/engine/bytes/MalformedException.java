package io.millstream.engine.bytes;

/// Bytes that this version never wrote: damage that a checksum did not see, or another version's
/// format.
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With what is wrong.
    public MalformedException(String message) {
        super(message);
    }
}
