package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

/// Names a move task as a text that nobody can forge.
///
/// @param source whose messages it moves
/// @param task its id
record MoveHandles(ChannelName source, String task) {
    private static final String LIST = "MoveTask";

    static String write(Tools tools, ChannelName source, String task) {
        return tools.tokens().write(LIST, source.name() + '/' + task);
    }

    /// What the text names, or null if this server did not give it out.
    static @Nullable MoveHandles read(Tools tools, String handle) {
        String place = tools.tokens().read(LIST, handle);
        if (place == null) {
            return null;
        }
        int slash = place.lastIndexOf('/');
        return new MoveHandles(
                ChannelName.of(place.substring(0, slash)), place.substring(slash + 1));
    }
}
