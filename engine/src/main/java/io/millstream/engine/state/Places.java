package io.millstream.engine.state;

import io.millstream.engine.bytes.MalformedException;

/// Goes over the packed places of a [Run]'s messages, in order.
final class Places {
    private final boolean marked;
    private byte[] packed;
    private int offset;
    private long next;
    private int bytes;
    private long end;
    private long stored;

    // The mark of the message it is at, in parts: most messages are only passed.
    private int mask;
    private long group;
    private int type;
    private int priority;
    private long due;
    private long expires;

    /// @param marked whether each message has a mark
    Places(byte[] packed, boolean marked, long first, long position, long stored) {
        this.packed = packed;
        this.marked = marked;
        this.next = first;
        this.end = position;
        this.stored = stored;
    }

    /// The same from the beginning, which this one must not have left.
    Places copy() {
        return new Places(packed, marked, next, end, stored);
    }

    /// Goes on over the same places, and those that were added behind them.
    Places over(byte[] longer) {
        packed = longer;
        return this;
    }

    /// Whether it has not gone beyond a message.
    boolean leadsTo(long sequence) {
        return sequence >= next - 1;
    }

    /// Where a message lies, which was not passed yet; without bytes if it is not here any more.
    Location locate(long sequence) {
        while (next <= sequence) {
            advance();
        }
        Mark mark = mask == 0 ? Mark.NONE : new Mark(group, type, priority, due, expires);
        return new Location(end - bytes, bytes, stored, mark);
    }

    private void advance() {
        long sequence = next++;
        bytes = Math.toIntExact(unpack());
        if (bytes > 0) {
            end += unpack() + bytes;
            stored += zigzag();
            if (marked) {
                unpackMark(sequence);
            }
        }
    }

    private void unpackMark(long sequence) {
        mask = (int) unpack();
        if (mask != 0) {
            group = (mask & Run.GROUP) == 0 ? 0 : sequence - unpack();
            priority = (mask & Run.PRIORITY) == 0 ? 0 : (int) unpack();
            due = (mask & Run.DUE) == 0 ? 0 : stored + unpack();
            expires = (mask & Run.EXPIRES) == 0 ? Mark.NEVER : stored + zigzag();
            type = (mask & Run.TYPE) == 0 ? 0 : (int) unpack();
        }
    }

    private long zigzag() {
        long value = unpack();
        return (value >>> 1) ^ -(value & 1);
    }

    private long unpack() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && offset < packed.length; shift += 7) {
            byte part = packed[offset++];
            value |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw new MalformedException("The places of a run end in the middle of one");
    }
}
