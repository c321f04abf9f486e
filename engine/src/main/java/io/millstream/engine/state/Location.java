package io.millstream.engine.state;

/// Where one message's entry lies in the log.
///
/// @param position of the entry's first byte
/// @param bytes its length
/// @param stored when it was put, in milliseconds since 1970
public record Location(long position, int bytes, long stored) {}
