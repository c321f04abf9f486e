package io.millstream.api;

/// The name of a topic or a queue: both share one namespace within a virtual host.
///
/// The seam allows any name of 1 to 255 characters; each protocol allows fewer and says so.
///
/// @param host the virtual host, `/` unless configured
/// @param name the name inside the host
public record ChannelName(String host, String name) implements Comparable<ChannelName> {

    /// The virtual host of SQS, jobs, Kafka and the Java face unless configured otherwise.
    public static final String DEFAULT_HOST = "/";

    /// The longest name and the longest host, in characters.
    public static final int NAME_CHARS_MAX = 255;

    /// Refuses what no protocol could name.
    public ChannelName {
        if (host.isEmpty() || host.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A virtual host's name has 1 to 255 characters, not " + host.length());
        }
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A channel's name has 1 to 255 characters, not " + name.length());
        }
    }

    /// The name `name` in the default virtual host.
    public static ChannelName of(String name) {
        return new ChannelName(DEFAULT_HOST, name);
    }

    @Override
    public int compareTo(ChannelName other) {
        int byHost = host.compareTo(other.host);
        return byHost != 0 ? byHost : name.compareTo(other.name);
    }

    /// `mail` in the default host, `host:mail` elsewhere.
    @Override
    public String toString() {
        return host.equals(DEFAULT_HOST) ? name : host + ":" + name;
    }
}
