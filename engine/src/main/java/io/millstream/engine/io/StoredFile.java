package io.millstream.engine.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file of a [Disk]. Positions and sizes are in bytes.
public interface StoredFile extends Closeable {

    /// The length.
    long size() throws IOException;

    /// Fills what remains of `target` from `position`.
    ///
    /// @throws java.io.EOFException if the file ends before
    void read(ByteBuffer target, long position) throws IOException;

    /// As [#read], but from the medium, where that can be told from a cache. After a failed sync a
    /// cache may show bytes that the medium never got.
    void readMedium(ByteBuffer target, long position) throws IOException;

    /// Writes what remains of `source` at `position`, extending the file if need be.
    ///
    /// @throws DiskFullException if there is no room; some of it may have been written
    void write(ByteBuffer source, long position) throws IOException;

    /// Makes every write so far survive a power cut. If it fails, those writes are lost or not, and
    /// calling it again proves nothing.
    void sync() throws IOException;

    /// Cuts or extends (with zeros) the file to `size`.
    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;
}
