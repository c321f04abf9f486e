package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.Stranded;

/// Reads entries as version 0.1.0 wrote them, where they have more fields now.
final class OldEntries {
    private OldEntries() {}

    static QueueDefined queueDefined(Input in) {
        return new QueueDefined(in.varint(), in.varint(), DefinitionCodec.decodeOld(in));
    }

    /// A reason in words was all that was said of a death.
    static Moved moved(Input in) {
        long channel = in.varint();
        long sequence = in.varint();
        long target = in.varint();
        long targetSequence = in.varint();
        String reason = in.text();
        return new Moved(channel, sequence, target, targetSequence, Deaths.causeOf(reason), reason);
    }

    static Stranded stranded(Input in) {
        long channel = in.varint();
        long sequence = in.varint();
        String reason = in.text();
        return new Stranded(channel, sequence, Deaths.causeOf(reason), reason);
    }
}
