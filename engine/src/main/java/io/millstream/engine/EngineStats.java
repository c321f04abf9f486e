package io.millstream.engine;

/// Figures of a running engine, as of now.
///
/// @param syncs how often the log was synced since the start
/// @param syncNanos how long that took, in nanoseconds
/// @param logEnd the position up to which the log is durable
/// @param logFiles how many log files are in use
/// @param logBytesMax how large the log can become
/// @param checkpointed the position of the newest checkpoint
/// @param heapBytes how much heap is used for what is known, by estimate
/// @param heapBytesMax how much may be
/// @param shortage why publishes are refused, in words; empty if they are taken
/// @param mistakes how many requests were refused since the start because deciding them failed
public record EngineStats(
        long syncs,
        long syncNanos,
        long logEnd,
        int logFiles,
        long logBytesMax,
        long checkpointed,
        long heapBytes,
        long heapBytesMax,
        String shortage,
        long mistakes) {}
