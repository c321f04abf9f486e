package io.millstream.engine.state;

import io.millstream.api.ChannelName;

import java.util.ArrayList;
import java.util.List;

/// The queues that tell a topic what happens to their messages.
public final class Tellers {
    private static final System.Logger LOGGER = System.getLogger("io.millstream.engine.Engine");

    private Tellers() {}

    /// Has queues tell nobody whose topic is not there: a repair has given it up. Each is reported.
    public static List<Entry> mended(State state) {
        List<Entry> mended = new ArrayList<>();
        long version = state.versions();
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            ChannelName topic = queue.definition().lifecycle();
            if (topic != null && state.topics().topic(topic) == null) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        ("Queue %s told topic %s what happens to its messages, and that topic is"
                             + " gone. It tells nobody from now on: define the topic, and declare"
                             + " the queue with it again.")
                                .formatted(queue.definition().name(), topic));
                mended.add(
                        new Entry.QueueDefined(
                                queue.channel(),
                                ++version,
                                queue.definition().with().lifecycle(null).build()));
            }
        }
        return mended;
    }
}
