package io.millstream.engine.log;

import java.nio.ByteBuffer;

/// Told, in order, what a log holds when it is opened.
public interface LogReplay extends FrameReplay {

    /// What follows is all there is; what came before is void.
    void begin();

    /// The next slice of a checkpoint, as it was given to [Checkpoints.Writer#append]; valid during
    /// the call.
    void slice(ByteBuffer slice);

    /// That was the whole checkpoint.
    void checkpointed();
}
