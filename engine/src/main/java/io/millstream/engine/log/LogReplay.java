package io.millstream.engine.log;

import java.nio.ByteBuffer;

/// Told, in order, what a log holds when it is opened.
public interface LogReplay {

    /// What follows is all there is; what came before is void.
    void begin();

    /// The next slice of a checkpoint, as it was given to [Checkpoints.Writer#append]; valid during
    /// the call.
    void slice(ByteBuffer slice);

    /// That was the whole checkpoint.
    void checkpointed();

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
