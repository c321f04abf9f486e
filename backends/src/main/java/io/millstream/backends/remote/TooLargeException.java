package io.millstream.backends.remote;

/// A message is longer than the server takes.
final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long bytes;
    private final long bytesMax;

    TooLargeException(long bytes, long bytesMax) {
        super("A message of %d bytes, of which the server takes %d".formatted(bytes, bytesMax));
        this.bytes = bytes;
        this.bytesMax = bytesMax;
    }

    long bytes() {
        return bytes;
    }

    long bytesMax() {
        return bytesMax;
    }
}
