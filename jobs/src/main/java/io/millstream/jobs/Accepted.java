package io.millstream.jobs;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

/// What became of a job that was submitted.
///
/// @param id its own, or that of the one which it was taken for
/// @param place where it was put, or null if that is not known
/// @param isDuplicate whether it was taken for one that was there already
record Accepted(String id, @Nullable Place place, boolean isDuplicate) {

    /// Where a job is.
    ///
    /// @param queue in which queue
    /// @param sequence as the backend counts
    record Place(ChannelName queue, long sequence) {}

    static Accepted put(Draft draft, long sequence) {
        return new Accepted(draft.id(), new Place(draft.queue(), sequence), false);
    }

    static Accepted duplicateOf(String id) {
        return new Accepted(id, null, true);
    }
}
