package io.millstream.engine.doctor;

import io.millstream.engine.log.Damage;

/// Damage, and whom it concerns.
///
/// @param damage where and what
/// @param concerns the queues and messages that need what was there, in words
public record Finding(Damage damage, String concerns) {

    /// One line for people.
    @Override
    public String toString() {
        return "%s at byte %d: %s. Concerns %s."
                .formatted(damage.file(), damage.offset(), damage.what(), concerns);
    }
}
