package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.engine.bytes.MalformedException;

import java.io.IOException;

/// Reads bytes of the log and its segments.
interface RecordReader {
    byte[] read(long position, int bytes) throws IOException;

    /// What to say of damage at a position, as [io.millstream.engine.log.DamagedException] does.
    String damageAt(long position);

    /// A message that cannot be decoded: where it lies, and which one it is.
    default MalformedException damaged(
            long position, long sequence, ChannelName queue, MalformedException why) {
        return new MalformedException(
                "%s: %s. Message %d of %s was stored there"
                        .formatted(damageAt(position), why.getMessage(), sequence, queue));
    }
}
