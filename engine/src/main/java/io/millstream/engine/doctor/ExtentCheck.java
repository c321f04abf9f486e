package io.millstream.engine.doctor;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.EntryCodec.StoredBatch;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Proves every batch of one extent. Each tells its own offset, so that those behind a damaged one
/// count, as long as its length is known.
final class ExtentCheck {
    private final PartitionId place;
    private final Extent extent;
    private final ByteBuffer framed;
    private final List<Extent> pieces = new ArrayList<>();
    private long damagedAt = -1;

    /// @param bytes what lies where the extent should
    ExtentCheck(PartitionId place, Extent extent, byte[] bytes) {
        this.place = place;
        this.extent = extent;
        this.framed = ByteBuffer.wrap(bytes);
        while (framed.hasRemaining()) {
            batch();
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
            StoredBatch batch = EntryCodec.batchIn(entry, place.channel(), place.partition());
            long first = batch.offset();
            pieces.add(
                    new Extent(
                            first,
                            first + batch.offsets(),
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
    }
}
