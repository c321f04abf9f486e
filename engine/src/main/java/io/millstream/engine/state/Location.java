package io.millstream.engine.state;

/// Where one message's entry lies in the log.
///
/// @param position of the entry's first byte
/// @param bytes its length
/// @param stored when it was put, in milliseconds since 1970
/// @param mark what is special about it
public record Location(long position, int bytes, long stored, Mark mark) {

    /// Of a message with nothing special.
    public Location(long position, int bytes, long stored) {
        this(position, bytes, stored, Mark.NONE);
    }

    /// The same message, copied to another place.
    Location movedTo(long newPosition) {
        return new Location(newPosition, bytes, stored, mark);
    }
}
