package io.millstream.engine.doctor;

import io.millstream.api.ChannelName;
import io.millstream.engine.state.Ranges;

/// What a repair does to one queue, or to one partition of a topic.
///
/// @param name the name of the queue or topic
/// @param incarnation which life of that name
/// @param partition which partition, or [#QUEUE]
/// @param givenUp the sequences of messages, or the offsets of records, that will not be there
/// @param givenUpFrom those from here on, if there were any, will not be there either; -1 if it is
///   known that there were none
/// @param mayReturn the sequences of messages that will be there and may have been settled: they
///   may be delivered again
public record Loss(
        ChannelName name,
        long incarnation,
        int partition,
        Ranges givenUp,
        long givenUpFrom,
        Ranges mayReturn) {
    /// What a queue has in place of a partition.
    public static final int QUEUE = -1;

    /// What stands for none in `givenUpFrom`.
    public static final long NONE = -1;

    /// Whether there is anything to say.
    public boolean isAny() {
        return !givenUp.isEmpty() || givenUpFrom != NONE || !mayReturn.isEmpty();
    }

    /// `mail: messages 1-5`, for example.
    public String describe(String what) {
        return partition == QUEUE
                ? "%s: messages %s".formatted(name, what)
                : "topic %s, partition %d: records %s".formatted(name, partition, what);
    }
}
