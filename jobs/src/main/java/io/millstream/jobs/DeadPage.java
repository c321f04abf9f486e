package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Some of the dead jobs.
///
/// @param jobs those that were looked at and are meant, those that died first first
/// @param next where the next page begins, or null if this is the last one
public record DeadPage(List<DeadJob> jobs, @Nullable String next) {
    /// Copies the list.
    public DeadPage {
        jobs = List.copyOf(jobs);
    }
}
