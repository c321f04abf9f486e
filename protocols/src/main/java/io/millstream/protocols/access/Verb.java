package io.millstream.protocols.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What may be done with a channel.
public enum Verb {
    /// Receive, settle, extend, browse.
    READ,
    /// Send, publish.
    WRITE,
    /// Define, remove, purge, change settings.
    MANAGE;

    /// Its name as people write it: `read`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The verb of this word, in small letters.
    static Optional<Verb> named(String word) {
        return Arrays.stream(values()).filter(verb -> verb.word().equals(word)).findFirst();
    }
}
