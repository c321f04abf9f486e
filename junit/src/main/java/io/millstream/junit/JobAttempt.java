package io.millstream.junit;

import io.millstream.jobs.JobType;

import java.time.Duration;

/// One attempt of one job, and what it came to.
///
/// @param id of the job
/// @param type of the job on the wire, with its version from 2 on; empty if it has none
/// @param payload what it was given, as JSON
/// @param number which attempt it was, 1 for the first; the last one of those that it had if no
///   worker had it at the end
/// @param end what it came to
public record JobAttempt(String id, String type, String payload, int number, End end) {

    /// What an attempt came to.
    public sealed interface End {}

    /// The job is over: its handler did it, or found that there is nothing to do.
    public record Done() implements End {}

    /// It failed and waits for the next attempt.
    ///
    /// @param pause how long
    public record Failed(Duration pause) implements End {}

    /// It was put off, or given back by workers that had no room for it: that was no attempt.
    ///
    /// @param pause how long
    public record Postponed(Duration pause) implements End {}

    /// It is in the dead set.
    ///
    /// @param reason why
    /// @param stack of what its handler threw, or empty
    public record Dead(String reason, String stack) implements End {}

    /// No worker had it in time.
    public record Expired() implements End {}

    /// Somebody cancelled it.
    public record Cancelled() implements End {}

    /// Whether it is of this type, of whatever version and under whatever name.
    public boolean is(JobType<?, ?> of) {
        return of.reads().contains(type);
    }

    @Override
    public String toString() {
        String how =
                switch (end) {
                    case Done _ -> "done";
                    case Failed(Duration pause) -> "failed, is tried again in " + pause;
                    case Postponed(Duration pause) -> "put off by " + pause;
                    case Dead(String reason, String stack) ->
                            "dead: " + reason + (stack.isEmpty() ? "" : "\n" + stack.indent(6));
                    case Expired _ -> "expired";
                    case Cancelled _ -> "cancelled";
                };
        return "%s %s, attempt %d: %s".formatted(type, payload, number, how);
    }
}
