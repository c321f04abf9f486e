package io.millstream.engine.doctor;

import io.millstream.api.ChannelName;
import io.millstream.engine.state.Ranges;

/// What a repair does to one queue.
///
/// @param queue its name
/// @param incarnation which life of that name
/// @param givenUp the sequences of messages that will not be there
/// @param givenUpFrom messages with this sequence or a later one, if there were any, will not be
///   there either; 0 if it is known that there were none
/// @param mayReturn the sequences of messages that will be there and may have been settled: they
///   may be delivered again
public record Loss(
        ChannelName queue, long incarnation, Ranges givenUp, long givenUpFrom, Ranges mayReturn) {

    /// Whether there is anything that is known.
    public boolean isKnown() {
        return !givenUp.isEmpty() || !mayReturn.isEmpty();
    }
}
