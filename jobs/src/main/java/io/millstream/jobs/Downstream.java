package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.util.function.Predicate;

/// What jobs depend on and cannot mend, such as another company's server; see
/// [JobOptions.Builder#downstream(String)].
///
/// @param name what it is called; types that name the same depend on the same
/// @param fails which of the things that a handler throws are its failures, or null for all but
///   those that the type's [Retry] does not try again
public record Downstream(String name, @Nullable Predicate<? super Throwable> fails) {
    /// The longest name, in characters.
    public static final int NAME_CHARS_MAX = 100;

    /// Refuses names that are none.
    public Downstream {
        if (name.isBlank() || name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "What jobs depend on is named by 1 to %d characters, not '%s'"
                            .formatted(NAME_CHARS_MAX, name));
        }
    }
}
