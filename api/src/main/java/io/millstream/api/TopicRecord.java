package io.millstream.api;

import java.time.Instant;

/// One record of a topic.
///
/// @param partition which partition
/// @param offset its place there, from 0; never given twice
/// @param stored when it was stored, by the backend's clock
/// @param message what was appended
public record TopicRecord(int partition, long offset, Instant stored, Message message) {}
