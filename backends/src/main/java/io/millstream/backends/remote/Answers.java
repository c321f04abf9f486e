package io.millstream.backends.remote;

import io.millstream.wire.Told;

/// What servers never say.
final class Answers {
    private Answers() {}

    /// That it says something that nobody asked for.
    static IllegalStateException odd(Told told) {
        return new IllegalStateException(
                "The server answers %d with something that was not asked, %s."
                        .formatted(told.id(), told.getClass().getSimpleName()));
    }
}
