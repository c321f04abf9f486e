package io.millstream.engine.log;

import java.nio.ByteBuffer;

/// Told, in order, what the frames of a log hold.
public interface FrameReplay {

    /// A frame begins.
    ///
    /// @param now the engine's clock when it was opened, in milliseconds since 1970
    void frame(long now);

    /// An entry of that frame.
    ///
    /// @param position of its length, which comes before its bytes
    /// @param framedBytes how many bytes it takes with its length
    /// @param entry its bytes, valid during the call
    void entry(long position, int framedBytes, ByteBuffer entry);
}
