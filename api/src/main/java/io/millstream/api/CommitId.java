package io.millstream.api;

/// Names a commit so that sending it again over a network does it once.
///
/// @param value unique for the sender; 1 to 255 characters
public record CommitId(String value) {}
