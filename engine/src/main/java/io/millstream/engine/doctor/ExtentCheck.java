package io.millstream.engine.doctor;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.EntryCodec.StoredBatch;
import io.millstream.engine.state.TopicSalvage.Place;
import io.millstream.engine.topic.Extent;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Proves every batch of one extent.
///
/// A batch's checksum does not cover its offset; the batch before tells that. So behind a damaged
/// one only those count whose offsets lead up to the extent's end.
final class ExtentCheck {
    private static final long NOWHERE = -1;

    private final Place place;
    private final Extent extent;
    private final ByteBuffer framed;
    private final List<Extent> pieces = new ArrayList<>();
    private long damagedAt = NOWHERE;

    /// The offset of the next batch, or [#NOWHERE] behind one that is damaged.
    private long next;

    /// How many of the pieces lie before the last damage.
    private int proved;

    /// @param bytes what lies where the extent should
    ExtentCheck(Place place, Extent extent, byte[] bytes) {
        this.place = place;
        this.extent = extent;
        this.framed = ByteBuffer.wrap(bytes);
        this.next = extent.first();
        while (framed.hasRemaining()) {
            batch();
        }
        if (next != extent.end()) {
            damaged(framed.limit());
            pieces.subList(proved, pieces.size()).clear();
        }
    }

    /// The batches that are sound, in order.
    List<Extent> pieces() {
        return pieces;
    }

    /// Where in the log the first one lies that is not, or -1.
    long damagedAt() {
        return damagedAt < 0 ? damagedAt : extent.position() + damagedAt;
    }

    private void batch() {
        int start = framed.position();
        ByteBuffer entry = entry();
        if (entry == null) {
            framed.position(framed.limit());
            damaged(start);
            return;
        }
        try {
            StoredBatch batch =
                    next == NOWHERE
                            ? EntryCodec.batchIn(entry, place.channel(), place.partition())
                            : EntryCodec.batchIn(entry, place.channel(), place.partition(), next);
            next = batch.offset() + batch.offsets();
            pieces.add(
                    new Extent(
                            batch.offset(),
                            next,
                            extent.position() + start,
                            framed.position() - start,
                            1,
                            batch.stored()));
        } catch (MalformedException malformed) {
            damaged(start);
        }
    }

    private @Nullable ByteBuffer entry() {
        try {
            return EntryCodec.next(framed);
        } catch (MalformedException malformed) {
            // Not even its length is known.
            return null;
        }
    }

    private void damaged(int start) {
        if (damagedAt < 0) {
            damagedAt = start;
        }
        if (next != NOWHERE) {
            proved = pieces.size();
        }
        next = NOWHERE;
    }
}
