package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

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
    /// @param claim what it keeps others out by, or null
    /// @param keep how long its result is kept, or null if nobody awaits it
    record Place(ChannelName queue, long sequence, @Nullable Claim claim, @Nullable Duration keep) {
        static Place of(ChannelName queue, long sequence, Message message) {
            return new Place(queue, sequence, Claim.of(message), Envelope.keepResult(message));
        }
    }

    static Accepted put(Draft draft, long sequence) {
        Place place = Place.of(draft.queue(), sequence, draft.message());
        return new Accepted(draft.id(), place, false);
    }

    static Accepted duplicateOf(String id) {
        return new Accepted(id, null, true);
    }
}
