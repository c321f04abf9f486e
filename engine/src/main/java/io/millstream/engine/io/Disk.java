package io.millstream.engine.io;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// One directory of files: the only way to storage.
///
/// Names are flat: letters, digits, `.` and `-`. All methods block. A method that fails has done
/// nothing or part of it; only what a sync has returned for is known to survive a power cut: a
/// file's bytes by [StoredFile#sync], names by [#syncDirectory].
public interface Disk extends Closeable {

    /// What it is called in messages, such as the directory's path.
    String describe();

    /// Takes the directory for this process.
    ///
    /// @throws LockedException if another engine has it
    void lock() throws IOException;

    /// The names of all files, sorted.
    List<String> list() throws IOException;

    /// Opens a file for reading and writing, creating it empty if it is not there.
    StoredFile open(String name) throws IOException;

    /// Gives a file another name, replacing what has it.
    void rename(String from, String to) throws IOException;

    /// Removes a file.
    void delete(String name) throws IOException;

    /// Makes creations, renames and removals so far survive a power cut.
    void syncDirectory() throws IOException;

    /// How many bytes can still be allocated, approximately.
    long freeBytes() throws IOException;

    /// Gives the directory back. Files must be closed first.
    @Override
    void close() throws IOException;
}
