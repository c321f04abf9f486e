package io.millstream.protocols.aws;

import io.millstream.protocols.room.Room;

/// What one answer has of the room for all answers. Used on its event loop.
final class AnswerShare {
    private final Room room;
    private long held;

    AnswerShare(Room room) {
        this.room = room;
    }

    /// Has so many bytes from now on, if there is room for them at once.
    boolean take(long bytes) {
        release();
        boolean free = room.tryHold(bytes);
        held = free ? bytes : 0;
        return free;
    }

    /// Has the bytes that are held for it already.
    void takeOver(long bytes) {
        release();
        held = bytes;
    }

    /// Has so many bytes from now on, whether there is room for them or not.
    void resize(long bytes) {
        if (bytes > held) {
            room.hold(bytes - held);
        } else if (bytes < held) {
            room.free(held - bytes);
        }
        held = bytes;
    }

    void release() {
        resize(0);
    }
}
