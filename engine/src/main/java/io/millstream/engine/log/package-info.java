/// The write-ahead log: bytes in frames in a ring of files.
///
/// A position is a byte's place in the endless log; file `n` holds the positions from `n *
/// fileBytes` on. What the files look like:
///
/// | file | holds | drawn in |
/// |---|---|---|
/// | `millstream-format` | what it is, its id, the log files' size | [DirectoryFormat] |
/// | `log-0000` … | 4 KiB of header, then frames | [LogFile], [FrameHeader] |
/// | `segment-00000001` … | entries that outlived their log file | [Segments] |
/// | `checkpoint-a`, `checkpoint-b` | the state at a position, written in turn | [Checkpoints] |
/// | `LOCK` | the process that has the directory | the disk |
///
/// Nothing here knows what a queue is.
@NullMarked
package io.millstream.engine.log;

import org.jspecify.annotations.NullMarked;
