package io.millstream.engine;

import java.io.IOException;

/// Reads bytes of the log and its segments.
interface RecordReader {
    byte[] read(long position, int bytes) throws IOException;

    /// The file that a position lies in, and where in it, for messages.
    String place(long position);
}
