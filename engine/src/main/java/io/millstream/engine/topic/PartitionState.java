package io.millstream.engine.topic;

import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One partition: its extents in order, from the first record that is kept to the end.
public final class PartitionState {
    private final TreeMap<Long, Extent> extents = new TreeMap<>();
    private final HeapAccount heap;
    private KeyVersions versions;
    private long start;
    private long end;
    private long bytes;

    /// An empty partition.
    ///
    /// @param heap what it is charged to, with others
    PartitionState(HeapAccount heap) {
        this.heap = heap;
        this.versions = new KeyVersions(heap.part());
        heap.add(HeapCosts.PARTITION);
    }

    /// The offset of the first record that is kept.
    public long start() {
        return start;
    }

    /// The offset that the next record gets.
    public long end() {
        return end;
    }

    /// The stored size of what is kept.
    public long bytes() {
        return bytes;
    }

    /// How many records each key has had.
    public KeyVersions versions() {
        return versions;
    }

    /// All of it, in order.
    public Collection<Extent> extents() {
        return Collections.unmodifiableCollection(extents.values());
    }

    /// The extent that holds `offset`, or else the first one after it, or null.
    public @Nullable Extent extentFrom(long offset) {
        Map.Entry<Long, Extent> floor = extents.floorEntry(offset);
        if (floor != null && offset < floor.getValue().end()) {
            return floor.getValue();
        }
        Map.Entry<Long, Extent> ceiling = extents.ceilingEntry(offset);
        return ceiling == null ? null : ceiling.getValue();
    }

    /// The extent that begins at `first`, or null.
    public @Nullable Extent extent(long first) {
        return extents.get(first);
    }

    /// The first extent that begins after `first`, or null.
    public @Nullable Extent extentAfter(long first) {
        Map.Entry<Long, Extent> after = extents.higherEntry(first);
        return after == null ? null : after.getValue();
    }

    /// The last extent that begins before `first`, or null.
    public @Nullable Extent extentBefore(long first) {
        Map.Entry<Long, Extent> before = extents.lowerEntry(first);
        return before == null ? null : before.getValue();
    }

    /// The first record of the first extent in which something was stored at `time` or later, or
    /// the end.
    public long offsetAt(long time) {
        long low = start;
        long high = end;
        while (low < high) {
            long middle = low + (high - low) / 2;
            Extent extent = extentFrom(middle);
            if (extent == null || extent.stored() >= time) {
                high = middle;
            } else {
                low = extent.end();
            }
        }
        return low;
    }

    /// The oldest extent, if there is a newer one: the newest always stays.
    public @Nullable Extent droppable() {
        return extents.size() < 2 ? null : extents.firstEntry().getValue();
    }

    /// A batch has been appended.
    public void append(int records, long position, int framedBytes, long stored) {
        Extent appended = new Extent(end, end + records, position, framedBytes, 1, stored);
        end += records;
        bytes += framedBytes;
        add(appended);
    }

    private void add(Extent extent) {
        Extent before = extentBefore(extent.first());
        if (before != null && before.continuesWith(extent)) {
            extents.put(before.first(), before.with(extent));
        } else {
            restore(extent);
        }
    }

    /// Drops the extents before `newStart`.
    ///
    /// @return what was dropped
    public List<Extent> trim(long newStart) {
        Map<Long, Extent> old = extents.headMap(newStart);
        List<Extent> dropped = new ArrayList<>(old.values());
        old.clear();
        dropped.forEach(extent -> bytes -= extent.bytes());
        heap.add(-(long) dropped.size() * HeapCosts.EXTENT);
        start = Math.max(start, newStart);
        return dropped;
    }

    /// The extent that begins at `first` lies at `position` now.
    ///
    /// @return the extent as it was, or null if it has been dropped meanwhile
    public @Nullable Extent move(long first, long position) {
        Extent old = extents.remove(first);
        if (old != null) {
            heap.add(-HeapCosts.EXTENT);
            add(old.movedTo(position));
        }
        return old;
    }

    /// Records from the end up to `upTo` were appended and are lost.
    public void leaveGap(long upTo) {
        end = upTo;
    }

    /// Only these pieces of an extent can be read.
    public void replace(Extent extent, List<Extent> pieces) {
        extents.remove(extent.first());
        heap.add(-HeapCosts.EXTENT);
        bytes -= extent.bytes();
        for (Extent piece : pieces) {
            restore(piece);
            bytes += piece.bytes();
        }
    }

    /// Counts no keys any more.
    void forgetVersions() {
        versions.forgotten();
        versions = new KeyVersions(heap.part());
    }

    /// Takes back what a snapshot remembers, but for the extents.
    public void restore(long newStart, long newEnd, long newBytes) {
        start = newStart;
        end = newEnd;
        bytes = newBytes;
    }

    /// Takes back an extent that a snapshot remembers.
    public void restore(Extent extent) {
        extents.put(extent.first(), extent);
        heap.add(HeapCosts.EXTENT);
    }
}
