package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.position.Positions;

/// The highest numbers that were given out, because none is given twice.
final class Numbers {
    /// Of a definition or row.
    long version;

    /// Of a channel.
    long channel;

    /// Of a segment that any message ever lay in.
    int segment;

    void noteVersion(long number) {
        version = Math.max(version, number);
    }

    void noteChannel(long number) {
        channel = Math.max(channel, number);
    }

    void noteSegmentOf(long position) {
        segment = Math.max(segment, Positions.segmentOf(position));
    }

    void note(Entry.OfTopic entry) {
        switch (entry) {
            case Entry.TopicDefined defined -> {
                noteVersion(defined.version());
                noteChannel(defined.channel());
            }
            case Entry.TopicRemoved removed -> noteVersion(removed.version());
            case Entry.ExtentsMoved moved ->
                    moved.parts().forEach(part -> noteSegmentOf(part.position()));
            case Entry.Appended _, Entry.Trimmed _, Entry.CursorMoved _ -> {}
        }
    }

    void write(Output out) {
        out.varint(version);
        out.varint(channel);
        out.varint(segment);
    }

    void read(Input in) {
        version = in.varint();
        channel = in.varint();
        segment = in.intValue();
    }
}
