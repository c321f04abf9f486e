package io.millstream.index;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A page of what a search found.
///
/// @param jobs in the order of submission, the newest first unless asked otherwise
/// @param next where the next page begins, see [JobSearch#after]; null if this is the last. A page
///   may have fewer jobs than asked for, or none, though there are more: a search that takes long
///   ends its page early
/// @param asOf up to where the index has read
public record FoundJobs(List<IndexedJob> jobs, @Nullable String next, AsOf asOf) {
    /// Copies the jobs.
    public FoundJobs {
        jobs = List.copyOf(jobs);
    }
}
