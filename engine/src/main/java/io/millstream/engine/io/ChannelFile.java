package io.millstream.engine.io;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// One open file of a [FileDisk].
final class ChannelFile implements StoredFile {
    /// The JDK copies a heap buffer through a direct one of the same size, and each thread keeps
    /// the largest that it ever needed. Bytes.
    private static final int TRANSFER_BYTES_MAX = 1 << 20;

    private final FileDisk disk;
    private final FileChannel channel;
    private final Path opened;
    // Null once another file or none has the name.
    private volatile @Nullable Path path;

    ChannelFile(FileDisk disk, FileChannel channel, Path path) {
        this.disk = disk;
        this.channel = channel;
        this.opened = path;
        this.path = path;
    }

    @Override
    public long size() throws IOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw FileDisk.explained("get the size of", opened, e);
        }
    }

    @Override
    public void read(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read;
            try {
                read = transfer(channel::read, target, at);
            } catch (IOException e) {
                throw FileDisk.explained(attempt("read", target, at), opened, e);
            }
            if (read < 0) {
                throw endsBefore(target, at);
            }
            at += read;
        }
    }

    @Override
    public void readMedium(ByteBuffer target, long position) throws IOException {
        Path current = path;
        if (current == null || !channel.isOpen()) {
            // A removed file can only be read through the channel; a closed one says so there.
            read(target, position);
            return;
        }
        try {
            if (!disk.directReads().read(current, target, position)) {
                read(target, position);
            }
        } catch (EOFException e) {
            throw endsBefore(target, position);
        } catch (IOException e) {
            throw FileDisk.explained(attempt("read", target, position), current, e);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            try {
                at += transfer(channel::write, source, at);
            } catch (IOException e) {
                throw FileDisk.explained(attempt("write", source, at), opened, e);
            }
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            // Never a DiskFullException, even where the system learns of it only now: after a
            // failed sync nobody may carry on as after a refused write.
            IOException explained = FileDisk.explained("sync", opened, e);
            throw explained instanceof DiskFullException
                    ? new IOException(explained.getMessage(), e)
                    : explained;
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        try {
            long now = channel.size();
            if (size < now) {
                channel.truncate(size);
            } else if (size > now) {
                // FileChannel can only cut. The bytes between read as zeros.
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        } catch (IOException e) {
            throw FileDisk.explained("set the size to " + size + " of", opened, e);
        }
    }

    @Override
    public void close() throws IOException {
        disk.closed(this);
        channel.close();
    }

    /// If this file has the name `from`, it has `to` from now on; null for none.
    void moved(Path from, @Nullable Path to) {
        if (from.equals(path)) {
            path = to;
        }
    }

    private interface Transfer {
        int run(ByteBuffer buffer, long position) throws IOException;
    }

    private static int transfer(Transfer transfer, ByteBuffer buffer, long position)
            throws IOException {
        int limit = buffer.limit();
        if (!buffer.isDirect()) {
            buffer.limit(Math.min(limit, buffer.position() + TRANSFER_BYTES_MAX));
        }
        try {
            return transfer.run(buffer, position);
        } finally {
            buffer.limit(limit);
        }
    }

    private static String attempt(String verb, ByteBuffer buffer, long position) {
        return verb + " " + buffer.remaining() + " bytes at " + position + " of";
    }

    private EOFException endsBefore(ByteBuffer target, long position) {
        return new EOFException(
                opened
                        + " ends before byte "
                        + (position + target.remaining())
                        + ", up to which it was to be read.");
    }
}
