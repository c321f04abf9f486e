package io.millstream.engine;

import io.millstream.engine.archive.ArchiveWriter;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.log.LogCopy;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The store as it was at one position of its log: everything acknowledged before the backup was
/// asked for is in it.
///
/// The engine goes on while it is read, but keeps the files that it needs; so it is read at once
/// and closed in any case. One thread at a time.
public final class Backup implements AutoCloseable {
    private static final int CHUNK_BYTES = 128 << 10;

    private final Pin pin;
    private final Manifest manifest;

    Backup(Pin pin, Moment moment) {
        this.pin = pin;
        this.manifest = manifestOf(pin.copy(), moment);
    }

    /// What the manifest says of the state that a backup shows.
    ///
    /// @param now the engine's clock, in milliseconds since 1970
    /// @param queues how many messages are in each
    record Moment(int epoch, long now, Map<String, Long> queues) {

        static Moment of(State state) {
            Map<String, Long> queues = new TreeMap<>();
            for (QueueState queue = state.queueAfter(0);
                    queue != null;
                    queue = state.queueAfter(queue.channel())) {
                if (!queue.isArchive()) {
                    queues.put(queue.definition().name().toString(), queue.size());
                }
            }
            return new Moment(state.epoch(), state.now(), queues);
        }
    }

    private static Manifest manifestOf(LogCopy copy, Moment moment) {
        String product = Backup.class.getPackage().getImplementationVersion();
        List<Manifest.File> files =
                copy.parts().stream()
                        .map(part -> new Manifest.File(part.name(), part.bytes()))
                        .toList();
        return new Manifest(
                product == null ? "unknown" : product,
                HexFormat.of().toHexDigits(copy.format().id()),
                copy.position(),
                moment.epoch,
                Instant.ofEpochMilli(moment.now),
                files,
                moment.queues);
    }

    /// What is in it.
    public Manifest manifest() {
        return manifest;
    }

    /// Writes the archive that [Restore] reads. Blocks for the disk and for `out`, which it leaves
    /// open; an `out` that blocks for long costs the store its room, see [Backups].
    ///
    /// @throws IOException if `out` does, or if what is needed could not be kept; the message says
    ///   why, and what was written is no backup
    public void writeTo(OutputStream out) throws IOException {
        ArchiveWriter archive = ArchiveWriter.begin(out, manifest);
        byte[] chunk = new byte[CHUNK_BYTES];
        for (LogCopy.Part part : pin.copy().parts()) {
            archive.file(part.name());
            long done = 0;
            while (done < part.bytes()) {
                int length = (int) Math.min(chunk.length, part.bytes() - done);
                read(part, done, ByteBuffer.wrap(chunk, 0, length));
                archive.write(chunk, length);
                done += length;
            }
            pin.releaseLogBefore(part.next());
        }
        archive.finish();
    }

    /// Bytes count only if they were still pinned after they had been read.
    private void read(LogCopy.Part part, long offset, ByteBuffer target) throws IOException {
        requirePinned(null);
        try {
            pin.copy().read(part, offset, target);
        } catch (IOException failed) {
            requirePinned(failed);
            throw failed;
        }
        requirePinned(null);
    }

    private void requirePinned(@Nullable IOException cause) throws IOException {
        String lost = pin.lost();
        if (lost != null) {
            throw new IOException(lost, cause);
        }
    }

    /// Lets the engine use those files again. Any thread.
    @Override
    public void close() {
        pin.release();
    }
}
