package io.millstream.api;

/// What makes one lease different from every earlier and later lease of the same message.
///
/// @param epoch raised durably each time the store is opened
/// @param position the position in the log of the take that made the lease
public record Fence(int epoch, long position) {}
