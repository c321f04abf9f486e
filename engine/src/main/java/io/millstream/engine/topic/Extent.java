package io.millstream.engine.topic;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

/// A stretch of a partition whose entries follow each other on the disk, too.
///
/// @param first the offset of its first record
/// @param end the offset after its last record
/// @param position where its first entry begins
/// @param bytes how many bytes its entries have
/// @param entries how many entries there are, one for each batch
/// @param stored when its last batch was stored, in milliseconds since 1970
public record Extent(long first, long end, long position, int bytes, int entries, long stored) {

    /// A stretch grows no longer than this, unless by its first batch: a reader reads it whole.
    static final int BYTES_MAX = 64 << 10;

    boolean continuesWith(Extent next) {
        return end == next.first
                && position + bytes == next.position
                && bytes + next.bytes <= BYTES_MAX;
    }

    Extent with(Extent next) {
        return new Extent(
                first, next.end, position, bytes + next.bytes, entries + next.entries, next.stored);
    }

    Extent movedTo(long newPosition) {
        return new Extent(first, end, newPosition, bytes, entries, stored);
    }

    /// Appends it.
    public void write(Output out) {
        out.varint(first);
        out.varint(end - first);
        out.varint(position);
        out.varint(bytes);
        out.varint(entries);
        out.varint(stored);
    }

    /// What [#write] appended.
    public static Extent read(Input in) {
        long first = in.varint();
        return new Extent(
                first, first + in.varint(), in.varint(), in.intValue(), in.intValue(), in.varint());
    }
}
