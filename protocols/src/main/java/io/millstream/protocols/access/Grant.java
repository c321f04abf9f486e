package io.millstream.protocols.access;

import io.millstream.api.ChannelName;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// Something that a user may do: verbs, on the channels of a pattern.
///
/// In text `read:orders*`, `read,write:mail` or `all:*`. A pattern is the name of a channel of the
/// default virtual host, or the beginning of its name and a `*`; a `*` alone is every channel of
/// every host.
///
/// @param verbs which; at least one
/// @param pattern on which channels
public record Grant(Set<Verb> verbs, String pattern) {
    /// Everything.
    public static final Grant ALL = new Grant(EnumSet.allOf(Verb.class), "*");

    private static final String EVERYTHING = "*";
    private static final String ALL_VERBS = "all";

    /// Copies the verbs and refuses what grants nothing.
    public Grant {
        if (verbs.isEmpty()) {
            throw new IllegalArgumentException("A grant has at least one verb.");
        }
        verbs = Set.copyOf(verbs);
        int star = pattern.indexOf('*');
        if (pattern.isEmpty()
                || pattern.length() > ChannelName.NAME_CHARS_MAX
                || (star >= 0 && star < pattern.length() - 1)) {
            throw new IllegalArgumentException(
                    "The pattern "
                            + pattern
                            + " is neither a channel's name, nor the beginning of one and a *, nor"
                            + " a * alone.");
        }
    }

    /// Reads the text form.
    ///
    /// @throws IllegalArgumentException if it is none, saying what is wrong and what would be right
    public static Grant parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "The grant "
                            + text
                            + " has no colon. Write verbs, a colon and a channel: read:orders*, or"
                            + " read,write:mail.");
        }
        Set<Verb> verbs = EnumSet.noneOf(Verb.class);
        for (String word : text.substring(0, colon).split(",", -1)) {
            if (word.equals(ALL_VERBS)) {
                verbs.addAll(EnumSet.allOf(Verb.class));
            } else {
                verbs.add(
                        Verb.named(word)
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "The grant "
                                                        + text
                                                        + " has the verb "
                                                        + word
                                                        + ". The verbs are read, write, manage and"
                                                        + " all.")));
            }
        }
        return new Grant(verbs, text.substring(colon + 1));
    }

    /// Whether it is about this channel.
    boolean covers(ChannelName channel) {
        if (isEverywhere()) {
            return true;
        }
        if (!channel.host().equals(ChannelName.DEFAULT_HOST)) {
            return false;
        }
        return pattern.endsWith(EVERYTHING)
                ? channel.name().startsWith(pattern.substring(0, pattern.length() - 1))
                : channel.name().equals(pattern);
    }

    /// Whether it is about all channels there can be.
    boolean isEverywhere() {
        return pattern.equals(EVERYTHING);
    }

    /// The text form.
    @Override
    public String toString() {
        String words =
                verbs.size() == Verb.values().length
                        ? ALL_VERBS
                        : verbs.stream().sorted().map(Verb::word).collect(Collectors.joining(","));
        return words + ':' + pattern;
    }
}
