package io.millstream.engine.state;

import io.millstream.engine.position.Positions;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How many unsettled messages, and how many of their bytes, lie in each log file and each segment:
/// what is still needed, from where on, and what has become sparse.
final class LiveRecords {
    private final long fileBytes;
    private final TreeMap<Long, Live> files = new TreeMap<>();
    private final TreeMap<Integer, Live> segments = new TreeMap<>();
    private final List<Integer> emptied = new ArrayList<>();
    private long bytesInFiles;

    /// What of one file is needed.
    static final class Live {
        private int messages;
        private long bytes;

        /// The bytes of the messages that are needed.
        long bytes() {
            return bytes;
        }
    }

    LiveRecords(long fileBytes) {
        this.fileBytes = fileBytes;
    }

    /// Adds `messages` and `bytes`, which may be negative, to what lies around `position`.
    void add(long position, int messages, long bytes) {
        if (Positions.isInSegment(position)) {
            int segment = Positions.segmentOf(position);
            if (add(segments, segment, messages, bytes)) {
                emptied.add(segment);
            }
        } else {
            add(files, position / fileBytes, messages, bytes);
            bytesInFiles += bytes;
        }
    }

    /// How many bytes of what is needed lie in log files.
    long bytesInFiles() {
        return bytesInFiles;
    }

    private static <K> boolean add(Map<K, Live> all, K key, int messages, long bytes) {
        Live live = all.computeIfAbsent(key, absent -> new Live());
        live.messages += messages;
        live.bytes += bytes;
        Invariant.check(live.messages >= 0 && live.bytes >= 0, "%s holds less than nothing", key);
        if (live.messages > 0) {
            return false;
        }
        all.remove(key);
        return true;
    }

    /// The start of the first log file that is needed, or `otherwise` if none is.
    long oldest(long otherwise) {
        return files.isEmpty() ? otherwise : files.firstKey() * fileBytes;
    }

    /// What is needed of the log file with a number, or null if nothing is.
    @Nullable Live stretch(long number) {
        return files.get(number);
    }

    /// What is needed of each segment that is.
    Map<Integer, Live> segments() {
        return segments;
    }

    /// What is needed of a segment, or null if nothing is.
    @Nullable Live segment(int number) {
        return segments.get(number);
    }

    /// Segments that have become empty since the last call.
    List<Integer> takeEmptied() {
        List<Integer> taken = List.copyOf(emptied);
        emptied.clear();
        return taken;
    }
}
