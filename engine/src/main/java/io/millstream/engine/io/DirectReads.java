package io.millstream.engine.io;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Reads past the page cache (`O_DIRECT`), so that what a failed sync left in the cache is not
/// taken for what the disk has.
///
/// Only recovery does this, so each read opens the file anew and all share one buffer.
final class DirectReads {
    private static final int BUFFER_BYTES = 256 * 1024;

    private static final @Nullable OpenOption DIRECT = find();

    private final Path directory;
    // File offset, length and memory address of each transfer must be multiples of this; 0 as long
    // as it is not known.
    private int blockBytes;
    private @Nullable ByteBuffer buffer;
    private boolean refused;

    DirectReads(Path directory) {
        this.directory = directory;
    }

    /// Fills `target` from `position` of the file, or returns false, with `target` untouched, where
    /// this file system cannot (tmpfs of older kernels, some network and all Windows ones).
    ///
    /// @throws EOFException if the file ends before
    synchronized boolean read(Path file, ByteBuffer target, long position) throws IOException {
        if (DIRECT == null || refused || !target.hasRemaining()) {
            return !target.hasRemaining();
        }
        int start = target.position();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, DIRECT)) {
            read(channel, aligned(), target, position);
            return true;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            // The second is said by file systems that are not the system's own.
            refused = true;
        } catch (IOException e) {
            // Only this error means "not this way". A disk that cannot read must be heard.
            String message = e.getMessage();
            if (message == null || !message.contains("Invalid argument")) {
                throw e;
            }
            refused = true;
        }
        target.position(start);
        return false;
    }

    /// The JDK's option, found by name: javac warns of its package, `com.sun.nio.file`, and that
    /// cannot be silenced; and a trimmed runtime may be without its module, `jdk.unsupported`.
    private static @Nullable OpenOption find() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            for (Object option : options.getEnumConstants()) {
                if (option.toString().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
            return null;
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    private void read(FileChannel channel, ByteBuffer block, ByteBuffer target, long position)
            throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int skip = (int) (at % blockBytes);
            block.clear().limit(roundUp(skip + (long) target.remaining()));
            int read = channel.read(block, at - skip);
            if (read <= skip) {
                throw new EOFException();
            }
            block.flip().position(skip);
            int wanted = Math.min(block.remaining(), target.remaining());
            target.put(block.limit(skip + wanted));
            at += wanted;
        }
    }

    private int roundUp(long bytes) {
        long rounded = (bytes + blockBytes - 1) / blockBytes * blockBytes;
        return (int) Math.min(rounded, BUFFER_BYTES);
    }

    private ByteBuffer aligned() {
        if (buffer == null) {
            blockBytes = Math.toIntExact(blockBytes());
            if (Integer.bitCount(blockBytes) != 1 || blockBytes > BUFFER_BYTES) {
                throw new UnsupportedOperationException("blocks of " + blockBytes + " bytes");
            }
            buffer =
                    ByteBuffer.allocateDirect(BUFFER_BYTES + blockBytes - 1)
                            .alignedSlice(blockBytes);
        }
        return buffer;
    }

    private long blockBytes() {
        try {
            return Files.getFileStore(directory).getBlockSize();
        } catch (IOException e) {
            // In a changed root the mount point may not be found. Everything else works there.
            throw new UnsupportedOperationException(e);
        }
    }
}
