package io.millstream.jobs;

import java.time.Instant;

/// Dead jobs that died of the same.
///
/// @param fingerprint what they have in common
/// @param jobs how many
/// @param first when the first of them died
/// @param example the last of them that died
public record DeadKind(String fingerprint, long jobs, Instant first, DeadJob example) {}
