package io.millstream.index;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Set;

/// What an index knows of a job, or of any other message of a queue that tells its lifecycle.
///
/// @param id its own, or its queue's name and its place there if it has none
/// @param type its type, or null if it has none
/// @param queue where it is, or was when it ended
/// @param state where it is, or how it ended
/// @param key its group, or null
/// @param priority its priority
/// @param tags what it was given to be found by
/// @param attempts how many it has had, with a running one
/// @param submitted when it came
/// @param changed when the last thing happened to it
/// @param due until when it waits, or null
/// @param leasedUntil until when its worker has it unless that says otherwise, or null
/// @param ended when it ended, or null
/// @param reason what went wrong last, or why it ended as it did; empty if nothing was said
/// @param fingerprint the same for all that failed of the same; empty if unknown
/// @param progress how far it has come, or null
public record IndexedJob(
        String id,
        @Nullable String type,
        ChannelName queue,
        IndexedState state,
        @Nullable String key,
        int priority,
        Set<String> tags,
        int attempts,
        Instant submitted,
        Instant changed,
        @Nullable Instant due,
        @Nullable Instant leasedUntil,
        @Nullable Instant ended,
        String reason,
        String fingerprint,
        @Nullable Progress progress) {
    /// Copies the tags.
    public IndexedJob {
        tags = Set.copyOf(tags);
    }

    /// How far a job has come.
    ///
    /// @param done how much of it
    /// @param total how much there is, or 0 if that is not known
    /// @param text what it does now; may be empty
    public record Progress(long done, long total, String text) {}
}
