package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;

import org.jspecify.annotations.Nullable;

/// Something that has to be granted. Exchanges and tables are granted by their names, as channels
/// are.
///
/// @param verb which; null for any that there is
/// @param channel on what; null for everything
record Need(@Nullable Verb verb, @Nullable ChannelName channel) {
    /// What nothing may be done with is not known, so this is asked before anything is looked at.
    boolean isMetBy(Principal who) {
        if (channel == null) {
            return verb == null || who.mayEverywhere(verb);
        }
        return verb == null ? who.mayAnything(channel) : who.may(verb, channel);
    }

    static Need of(Verb verb, ChannelName channel) {
        return new Need(verb, channel);
    }

    static Need any(ChannelName channel) {
        return new Need(null, channel);
    }

    static Need everywhere(Verb verb) {
        return new Need(verb, null);
    }

    /// As a grant is written: `read on mail`.
    String words() {
        return (verb == null ? "some right" : verb.word())
                + " on "
                + (channel == null ? "*" : channel);
    }
}
