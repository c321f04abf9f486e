package io.millstream.api;

/// Where a binding leads to. Queues and topics share one namespace, exchanges have another.
public sealed interface Target extends Comparable<Target> {

    /// What it is called there.
    ChannelName name();

    /// A queue or a topic.
    ///
    /// @param name its name
    record Channel(ChannelName name) implements Target {}

    /// Another exchange.
    ///
    /// @param name its name
    record Exchange(ChannelName name) implements Target {}

    /// Channels come before exchanges, each by name.
    @Override
    default int compareTo(Target other) {
        int byKind = Boolean.compare(this instanceof Exchange, other instanceof Exchange);
        return byKind != 0 ? byKind : name().compareTo(other.name());
    }
}
