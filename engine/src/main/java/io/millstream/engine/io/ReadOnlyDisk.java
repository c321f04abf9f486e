package io.millstream.engine.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;

/// Another disk that is only looked at: whatever would change it is refused, and a file that is not
/// there is not made.
///
/// What the medium refuses to give reads as zeros, which pass no checksum, so that one bad sector
/// hides nothing but itself.
public final class ReadOnlyDisk implements Disk {
    private static final int SECTOR_BYTES = 4096;

    private final Disk disk;

    /// Looks at `disk`, which stays open when this is closed.
    public ReadOnlyDisk(Disk disk) {
        this.disk = disk;
    }

    @Override
    public String describe() {
        return disk.describe();
    }

    @Override
    public void lock() throws IOException {
        disk.lock();
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public StoredFile open(String name) throws IOException {
        if (!disk.list().contains(name)) {
            throw new NoSuchFileException(name, null, "it is not in " + describe());
        }
        return new ReadOnlyFile(disk.open(name), name);
    }

    @Override
    public void rename(String from, String to) {
        throw refused(from);
    }

    @Override
    public void delete(String name) {
        throw refused(name);
    }

    @Override
    public void syncDirectory() {
        throw refused("the directory");
    }

    @Override
    public long freeBytes() throws IOException {
        return disk.freeBytes();
    }

    @Override
    public void close() {}

    private static IllegalStateException refused(String what) {
        return new IllegalStateException(what + " was to be changed while it is only looked at");
    }

    private record ReadOnlyFile(StoredFile file, String name) implements StoredFile {
        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            readMedium(target, position);
        }

        @Override
        public void readMedium(ByteBuffer target, long position) throws IOException {
            int start = target.position();
            try {
                file.readMedium(target, position);
            } catch (EOFException shorter) {
                throw shorter;
            } catch (IOException unreadable) {
                target.position(start);
                readSectors(target, position);
            }
        }

        private void readSectors(ByteBuffer target, long position) throws IOException {
            long at = position;
            int limit = target.limit();
            while (target.position() < limit) {
                int start = target.position();
                int length = (int) Math.min(limit - start, SECTOR_BYTES - at % SECTOR_BYTES);
                target.limit(start + length);
                try {
                    file.readMedium(target, at);
                } catch (EOFException shorter) {
                    throw shorter;
                } catch (IOException unreadable) {
                    target.position(start);
                    target.put(new byte[length]);
                }
                target.limit(limit);
                at += length;
            }
        }

        @Override
        public void write(ByteBuffer source, long position) {
            throw refused(name);
        }

        @Override
        public void sync() {
            throw refused(name);
        }

        @Override
        public void truncate(long size) {
            throw refused(name);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
