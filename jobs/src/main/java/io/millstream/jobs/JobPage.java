package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Some of the jobs of a queue.
///
/// @param jobs those that were looked at
/// @param next where the next page begins, or null if this is the last one
public record JobPage(List<JobLook> jobs, @Nullable String next) {
    /// Copies the list.
    public JobPage {
        jobs = List.copyOf(jobs);
    }
}
