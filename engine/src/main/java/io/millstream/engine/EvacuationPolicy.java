package io.millstream.engine;

/// When unsettled messages are moved out of the log, and when segments are merged.
///
/// @param ringShare which part of the log's ring is in use when its oldest file is emptied: from 0,
///   as soon as there is another file, to 1
/// @param sparseSegments how many sparse segments there are when they are merged
/// @param sparseShare a segment is sparse when less than so much of a log file's size is needed of
///   it, from 0 to 1
public record EvacuationPolicy(double ringShare, int sparseSegments, double sparseShare) {
    /// Most messages are settled before the ring is half full; and a merge copies each message a
    /// few times at most, because it halves the number of segments at least.
    public static final EvacuationPolicy STANDARD = new EvacuationPolicy(0.5, 8, 0.5);

    boolean isDue(int usedFiles, int filesMax) {
        return usedFiles > ringShare * filesMax;
    }

    boolean isSparse(long neededBytes, int fileBytes) {
        return neededBytes < sparseShare * fileBytes;
    }
}
