package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;

/// A queue as a transaction sees it.
///
/// @param id its number, which is its incarnation
/// @param definition as declared
/// @param version of the definition
/// @param created when this life began
/// @param modified when the definition last changed
/// @param sequence the last one given
/// @param place the last place given, so that a server's clock set back reorders nothing
record QueueRow(
        long id,
        Definition.Queue definition,
        long version,
        long created,
        long modified,
        long sequence,
        long place) {

    ChannelName name() {
        return definition.name();
    }

    QueueRow declared(Definition.Queue next, long nextVersion, long now) {
        return new QueueRow(id, next, nextVersion, created, now, sequence, place);
    }

    QueueRow withNext(long now) {
        return new QueueRow(
                id, definition, version, created, modified, sequence + 1, Math.max(now, place));
    }
}
