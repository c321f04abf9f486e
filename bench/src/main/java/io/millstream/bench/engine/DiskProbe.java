package io.millstream.bench.engine;

import io.millstream.bench.Figures;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What the disk can do by itself: one frame after the other written into a file that was filled
/// with zeros and synced before, each followed by `fdatasync`, as the engine's log does it.
public final class DiskProbe implements AutoCloseable {
    private static final int FILE_BYTES = 64 << 20;
    private static final int BLOCK_BYTES = 4096;
    private static final int FRAME_BYTES_MAX = 4 << 20;

    private final Path path;
    private final FileChannel channel;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(FRAME_BYTES_MAX);
    private long position;

    /// A probe that uses the file `path`, and removes it in the end.
    public DiskProbe(Path path) throws IOException {
        this.path = path;
        this.channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        for (int at = 0; at < FILE_BYTES; at += FRAME_BYTES_MAX) {
            write(frame.clear(), at);
        }
        channel.force(true);
        for (int i = 0; i < frame.capacity(); i++) {
            frame.put(i, (byte) (i * 31));
        }
    }

    /// Adds the times of writing and syncing frames of `bytes`, rounded up to blocks, to `micros`:
    /// one after the other, with nothing else going on.
    void run(double bytes, double seconds, Histogram micros) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
            frame(bytes);
            micros.recordValue((System.nanoTime() - began) / 1000);
        }
    }

    /// As [#run], but with `perSecond` frames a second, due at even distances, each counted from
    /// when it was due; and beside a program that computes on as many `cores` as the measured one
    /// did. This is what the machine gives a program as busy as that.
    void runBeside(double bytes, double perSecond, double cores, double seconds, Histogram micros)
            throws IOException {
        double gap = 1e9 / Math.max(1, perSecond);
        try (Burner _ = new Burner(cores)) {
            long began = System.nanoTime();
            for (long frames = 0; frames * gap < seconds * 1e9; frames++) {
                long due = began + (long) (frames * gap);
                Pace.await(due);
                frame(bytes);
                micros.recordValue((System.nanoTime() - due) / 1000);
            }
        }
    }

    private void frame(double bytes) throws IOException {
        int blocks = (int) Math.ceil(Math.max(1, bytes) / BLOCK_BYTES);
        int length = Math.min(FRAME_BYTES_MAX, blocks * BLOCK_BYTES);
        if (position + length > FILE_BYTES) {
            position = 0;
        }
        write(frame.clear().limit(length), position);
        channel.force(false);
        position += length;
    }

    private void write(ByteBuffer bytes, long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /// The times of a frame of one block, measured by itself.
    public Histogram block(double seconds) throws IOException {
        Histogram micros = Figures.latencies();
        run(1, seconds, micros);
        return micros;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }
}
