package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// A request to an [Extension], once all of it is there. Immutable, but for the bytes of its body.
///
/// @param principal who asks
/// @param path the parts of its path by their names, decoded
/// @param query what follows the question mark: all values of each name, decoded
/// @param headers the first value of each header, by their names in small letters
/// @param body the body as it was sent; empty if it takes none
public record Asked(
        Principal principal,
        Map<String, String> path,
        Map<String, List<String>> query,
        Map<String, String> headers,
        byte[] body) {
    /// Copies all but the body.
    public Asked {
        path = Map.copyOf(path);
        query = Map.copyOf(query);
        headers = Map.copyOf(headers);
    }

    /// A part of its path, which there is.
    public String part(String name) {
        String part = path.get(name);
        if (part == null) {
            throw new IllegalArgumentException("The path of this endpoint has no part " + name);
        }
        return part;
    }

    /// A header, or null if there is none.
    ///
    /// @param name in small letters
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    /// Whether it may do this with a channel.
    public boolean may(Verb verb, ChannelName channel) {
        return Rights.missing(List.of(Need.of(verb, channel)), principal) == null;
    }

    /// Refuses what its sender may not do, whether or not there is such a channel.
    ///
    /// @throws ProblemException that names the verb and the channel
    public void demand(Verb verb, ChannelName channel) {
        Rights.demand(List.of(Need.of(verb, channel)), principal);
    }

    /// Refuses a sender that may do nothing at all with a channel.
    ///
    /// @throws ProblemException that names the channel
    public void demandAny(ChannelName channel) {
        Rights.demand(List.of(Need.any(channel)), principal);
    }

    /// Refuses a sender that may not do this with every channel.
    ///
    /// @throws ProblemException that names the verb
    public void demandEverywhere(Verb verb) {
        Rights.demand(List.of(Need.everywhere(verb)), principal);
    }
}
