package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import java.util.Arrays;

/// Up to 64 messages of a queue that follow each other there and lie in one file of the log or in
/// one segment, whatever lies between them and whenever they were stored. They lie there in the
/// same order, but for what an [Archive] keeps, which is in the order of settles.
///
/// Where they lie is packed, about five bytes a message:
///
/// ```
///   +-------+-------------------+-------------------+
///   | size  | gap               | stored            |  for each message, varints
///   +-------+-------------------+-------------------+
///     or 0    since the end of    milliseconds since
///             the one before      the one before, zigzag
/// ```
///
/// A size of 0, with nothing after it, stands for a message that is not here any more. The gap of
/// one that lies before the one before it is negative, which takes ten bytes. In a run whose
/// messages have marks there is one behind each message:
///
/// ```
///   +------+----------------+----------+---------------+-----------------+------+
///   | mask | 1: sequence    | 2:       | 4: due since  | 8: expiry since | 16:  |
///   |      | since group's  | priority | stored        | stored, zigzag  | type |
///   +------+----------------+----------+---------------+-----------------+------+
/// ```
final class Run {
    /// So that one bit of a long can stand for each message of a run.
    static final int MESSAGES_MAX = Long.SIZE;

    static final int GROUP = 1;
    static final int PRIORITY = 2;
    static final int DUE = 4;
    static final int EXPIRES = 8;
    static final int TYPE = 16;

    private static final int PACKED_BYTES_FIRST = 24;
    private static final int VARINT_BYTES_MAX = 10;
    private static final byte[] NOTHING = {};

    private final long first;
    private final long position;
    private final long stored;
    private long end;
    private long lastStored;
    private long live;
    private long elsewhere;
    private final boolean marked;
    private int liveBytes;
    private int count;
    private byte[] packed = NOTHING;
    private int length;

    /// The last snapshot that has it or was begun before it: see [Images].
    int imaged;

    /// A run of the message that lies `at`.
    Run(long first, Location at, int imaged) {
        this(first, at.position(), at.stored(), !at.mark().isPlain());
        this.imaged = imaged;
        this.packed = new byte[PACKED_BYTES_FIRST];
        append(first, at);
    }

    private Run(long first, long position, long stored, boolean marked) {
        this.marked = marked;
        this.first = first;
        this.position = position;
        this.stored = stored;
        this.end = position;
        this.lastStored = stored;
    }

    long first() {
        return first;
    }

    long position() {
        return position;
    }

    /// The sequence after the last one.
    long next() {
        return first + count;
    }

    /// Where the last message ends.
    long end() {
        return end;
    }

    /// Where the message that is not settled and lies furthest ends.
    long furthestEnd() {
        Places places = places();
        long furthest = 0;
        for (long next = nextLive(first); next >= 0; next = nextLive(next + 1)) {
            Location at = locate(next, places);
            furthest = Math.max(furthest, at.position() + at.bytes());
        }
        return furthest;
    }

    /// The same where they lie in order.
    long liveEnd() {
        int last = Long.SIZE - 1 - Long.numberOfLeadingZeros(live);
        if (last == count - 1) {
            // Mostly it is the last one, and nothing has to be unpacked.
            return end;
        }
        Location at = places().locate(first + last);
        return at.position() + at.bytes();
    }

    /// How many of its messages are not settled.
    int liveMessages() {
        return Long.bitCount(live);
    }

    int liveBytes() {
        return liveBytes;
    }

    /// How many bytes say where its messages lie.
    int packedBytes() {
        return length;
    }

    boolean isFull() {
        return count == MESSAGES_MAX;
    }

    /// Whether a message is in it and not settled.
    boolean holds(long sequence) {
        return covers(sequence) && (live & bit(sequence)) != 0;
    }

    /// Whether a message is in it or was.
    boolean covers(long sequence) {
        return sequence >= first && sequence < next();
    }

    /// The first unsettled message from `sequence` on, or -1.
    long nextLive(long sequence) {
        if (sequence >= next()) {
            return -1;
        }
        long from = sequence <= first ? live : live & -bit(sequence);
        return from == 0 ? -1 : first + Long.numberOfTrailingZeros(from);
    }

    /// The first unsettled message from `sequence` on that is handed out in the order of puts, or
    /// -1.
    long nextInOrder(long sequence) {
        if (sequence >= next()) {
            return -1;
        }
        long here = live & ~elsewhere;
        long from = sequence <= first ? here : here & -bit(sequence);
        return from == 0 ? -1 : first + Long.numberOfTrailingZeros(from);
    }

    /// Whether its messages have marks.
    boolean isMarked() {
        return marked;
    }

    /// Whether a message of this sequence has a place in it.
    boolean hasPlaceFor(long sequence) {
        return sequence >= next() && sequence - first < MESSAGES_MAX;
    }

    /// Whether a message with this mark has a place in it.
    boolean takes(Mark mark) {
        return marked || mark.isPlain();
    }

    void append(long sequence, Location at) {
        Invariant.check(
                hasPlaceFor(sequence) && at.bytes() > 0,
                "Message %d does not follow run %d",
                sequence,
                first);
        while (next() < sequence) {
            pack(0);
            count++;
        }
        pack(at.bytes());
        pack(at.position() - end);
        pack(zigzag(at.stored() - lastStored));
        if (marked) {
            packMark(sequence, at);
        }
        count++;
        end = at.position() + at.bytes();
        lastStored = at.stored();
        live |= bit(sequence);
        liveBytes += at.bytes();
        if (isFull()) {
            trim();
        }
    }

    private void packMark(long sequence, Location at) {
        Mark mark = at.mark();
        pack(
                (mark.group() == 0 ? 0 : GROUP)
                        | (mark.priority() == 0 ? 0 : PRIORITY)
                        | (mark.due() == 0 ? 0 : DUE)
                        | (mark.expires() == Mark.NEVER ? 0 : EXPIRES)
                        | (mark.type() == 0 ? 0 : TYPE));
        if (mark.group() != 0) {
            pack(sequence - mark.group());
        }
        if (mark.priority() != 0) {
            pack(mark.priority());
        }
        if (mark.due() != 0) {
            pack(mark.due() - at.stored());
        }
        if (mark.expires() != Mark.NEVER) {
            pack(zigzag(mark.expires() - at.stored()));
        }
        if (mark.type() != 0) {
            pack(mark.type());
        }
        if (mark.isElsewhere()) {
            elsewhere |= bit(sequence);
        }
    }

    /// Notes that a message is settled.
    ///
    /// @return whether that was the last one
    boolean settle(long sequence, int bytes) {
        live &= ~bit(sequence);
        liveBytes -= bytes;
        return live == 0;
    }

    /// Gives back room that no message will need.
    void trim() {
        if (packed.length > length) {
            packed = Arrays.copyOf(packed, length);
        }
    }

    /// Where its messages lie, from the first one on.
    Places places() {
        return new Places(packed, marked, first, position, stored);
    }

    /// Where a message lies, by `places`, which has not gone beyond it.
    Location locate(long sequence, Places places) {
        return places.over(packed).locate(sequence);
    }

    /// What is to be copied of it: all that is not settled.
    RunCopy copy(long channel) {
        return new RunCopy(channel, first, position, live, liveBytes, places());
    }

    private long bit(long sequence) {
        return 1L << (sequence - first);
    }

    private void pack(long value) {
        if (packed.length - length < VARINT_BYTES_MAX) {
            packed = Arrays.copyOf(packed, packed.length + packed.length / 2 + VARINT_BYTES_MAX);
        }
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            packed[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        packed[length++] = (byte) rest;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    void write(Output out) {
        out.varint(first);
        out.varint(position);
        out.varint(stored);
        out.byteValue(count);
        out.bool(marked);
        if (marked) {
            out.varint(elsewhere);
        }
        // Mostly none is, which takes one byte.
        out.varint(live ^ allOf(count));
        // So that nothing has to be unpacked to load it.
        out.varint(liveBytes);
        out.varint(end - position);
        out.zigzag(lastStored - stored);
        out.varint(length);
        out.raw(packed, length);
    }

    /// @param old as version 0.1.0 wrote it
    static Run read(Input in, boolean old) {
        long first = in.varint();
        long position = in.varint();
        long stored = in.varint();
        int count = in.byteValue();
        Run run = new Run(first, position, stored, !old && in.bool());
        run.count = count;
        if (run.marked) {
            run.elsewhere = in.varint();
        }
        if (run.count == 0 || run.count > MESSAGES_MAX) {
            throw new MalformedException("A run has " + run.count + " messages");
        }
        run.live = in.varint() ^ allOf(run.count);
        if ((run.live & ~allOf(run.count)) != 0) {
            throw new MalformedException("A run lacks some of its messages");
        }
        run.liveBytes = in.intValue();
        run.end = run.position + in.varint();
        run.lastStored = run.stored + in.zigzag();
        run.packed = in.array(in.size());
        run.length = run.packed.length;
        return run;
    }

    private static long allOf(int count) {
        return -1L >>> (MESSAGES_MAX - count);
    }
}
