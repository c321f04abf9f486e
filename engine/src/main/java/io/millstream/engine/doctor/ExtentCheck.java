package io.millstream.engine.doctor;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.EntryCodec.StoredBatch;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Proves every batch of one extent: its bytes, and that it has the offsets that are expected where
/// it lies. Behind one that is damaged it goes on with the next one that is sound, even if the
/// length is what is damaged.
///
/// What a producer sent may look like a batch with just such offsets. So batches are counted: the
/// sound ones and one for each gap cannot be more than the extent has.
final class ExtentCheck {
    /// An extent of several batches is small, so that their lengths are varints of no more bytes.
    private static final int LENGTH_BYTES_MAX = 4;

    private final PartitionId place;
    private final Extent extent;
    private final ByteBuffer framed;

    /// How each of its batches begins, behind the length.
    private final byte[] beginning;

    private final Walk walk;

    /// @param bytes what lies where the extent should
    ExtentCheck(PartitionId place, Extent extent, byte[] bytes) {
        this.place = place;
        this.extent = extent;
        this.framed = ByteBuffer.wrap(bytes);
        this.beginning = EntryCodec.beginningOfBatch(place.channel(), place.partition());
        this.walk = walk();
    }

    /// The batches that are sound, in order.
    List<Extent> pieces() {
        return walk.pieces;
    }

    /// Where in the log the first one lies that is not, or -1.
    long damagedAt() {
        return walk.damagedAt < 0 ? walk.damagedAt : extent.position() + walk.damagedAt;
    }

    /// A damaged length may lead past sound batches, and looking for the next one may find one
    /// inside of a message: what accounts for more batches is right.
    private Walk walk() {
        Walk byLengths = new Walk(true);
        if (byLengths.damagedAt < 0 || byLengths.batches() == extent.entries()) {
            return byLengths;
        }
        Walk byLooking = new Walk(false);
        if (byLooking.isPossible()
                && (!byLengths.isPossible() || byLooking.pieces.size() > byLengths.pieces.size())) {
            return byLooking;
        }
        if (!byLengths.isPossible()) {
            byLengths.keepWhatLiesBeforeTheFirstGap();
        }
        return byLengths;
    }

    /// One way through the extent.
    private final class Walk {
        private final List<Extent> pieces = new ArrayList<>();
        private int gaps;
        private int damagedAt = -1;

        /// @param byLengths whether the length of a damaged batch is believed if it leads to where
        ///   another one begins, or to the end
        Walk(boolean byLengths) {
            long offset = extent.first();
            boolean isBehindGap = false;
            int at = 0;
            while (at < framed.limit()) {
                Extent piece = pieceAt(at, offset, isBehindGap);
                isBehindGap = piece == null;
                if (piece != null) {
                    pieces.add(piece);
                    offset = piece.end();
                    at += piece.bytes();
                } else {
                    gap(at);
                    int end = byLengths ? endAt(at) : -1;
                    boolean leads =
                            end == framed.limit()
                                    || (end >= 0 && pieceAt(end, offset, true) != null);
                    at = leads ? end : nextAfter(at, offset);
                }
            }
            if (offset != extent.end() && !isBehindGap) {
                gap(at);
            }
        }

        private void gap(int at) {
            gaps++;
            damagedAt = damagedAt < 0 ? at : damagedAt;
        }

        int batches() {
            return pieces.size() + gaps;
        }

        boolean isPossible() {
            return batches() <= extent.entries();
        }

        void keepWhatLiesBeforeTheFirstGap() {
            pieces.removeIf(piece -> piece.position() > extent.position() + damagedAt);
        }
    }

    /// The sound batch at `at` if it has the offsets from `offset` on, or later ones if something
    /// is missing before it; else null.
    private @Nullable Extent pieceAt(int at, long offset, boolean isBehindGap) {
        ByteBuffer rest = framed.duplicate().position(at);
        StoredBatch batch;
        try {
            ByteBuffer entry = EntryCodec.next(rest);
            batch = EntryCodec.batchIn(entry, place.channel(), place.partition());
        } catch (MalformedException malformed) {
            return null;
        }
        long first = batch.offset();
        long end = first + batch.offsets();
        boolean fits = isBehindGap ? first > offset : first == offset;
        return fits && end > first && end <= extent.end()
                ? new Extent(
                        first, end, extent.position() + at, rest.position() - at, 1, batch.stored())
                : null;
    }

    /// Where what begins at `at` ends by its length, or -1.
    private int endAt(int at) {
        ByteBuffer rest = framed.duplicate().position(at);
        try {
            EntryCodec.next(rest);
            return rest.position();
        } catch (MalformedException unreadable) {
            return -1;
        }
    }

    /// Where the next sound batch begins behind `at`, or the end. Reads what follows byte by byte
    /// and proves what begins like a batch; of an extent that is one batch, nothing can follow.
    private int nextAfter(int at, long offset) {
        byte[] bytes = framed.array();
        int limit = extent.entries() == 1 ? 0 : bytes.length - beginning.length;
        for (int type = at + 2; type <= limit; type++) {
            if (Arrays.equals(
                    bytes, type, type + beginning.length, beginning, 0, beginning.length)) {
                for (int start = type - 1;
                        start > at && start >= type - LENGTH_BYTES_MAX;
                        start--) {
                    if (pieceAt(start, offset, true) != null) {
                        return start;
                    }
                }
            }
        }
        return bytes.length;
    }
}
