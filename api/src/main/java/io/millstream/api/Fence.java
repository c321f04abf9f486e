package io.millstream.api;

/// What makes one lease different from every earlier and later lease of the same message.
///
/// @param epoch raised durably each time the store is opened; of processes that share a store, each
///   has its own
/// @param position a number that no other lease of that epoch has: in a log, the position of the
///   take that made the lease
public record Fence(int epoch, long position) {}
