package io.millstream.api;

import java.time.Instant;

/// The answer to a [Query]: a [Page], or a refusal. What a backend does not support is refused and
/// never looks like an empty page.
///
/// Whoever has made sure of what it needs at its start, see [Capabilities#require], asks for the
/// [#page()].
///
/// @param <V> what is seen
public sealed interface Found<V extends View> permits Page, Found.Refused {

    /// The backend's clock when it looked, or refused to.
    Instant asOf();

    /// What was seen.
    ///
    /// @throws RefusedException if the look was refused
    Page<V> page();

    /// Nothing was looked at.
    ///
    /// @param asOf the backend's clock
    /// @param refusal why
    /// @param <V> what would be seen
    record Refused<V extends View>(Instant asOf, Refusal refusal) implements Found<V> {
        @Override
        public Page<V> page() {
            throw new RefusedException(refusal);
        }
    }
}
