package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.jobs.schedule.Timetable;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.List;

/// A schedule as it is stored: what was declared, and how far it has come. [ScheduleJson] writes
/// and reads it.
///
/// @param plan what was declared
/// @param progress how far it has come
record ScheduleRow(Plan plan, Progress progress) {
    /// The table of schedules, by name.
    static final String TABLE = "jobs.schedules";

    /// How many runs of one schedule wait at most.
    static final int WAITING_MAX = 1000;

    private static final int RUNS_PER_COMMIT = 100;
    private static final int COMMIT_BYTES = 1024 * 1024;

    /// What was declared. Two are equal if they mean the same.
    ///
    /// @param timetable when
    /// @param misfire what becomes of runs that were missed
    /// @param stillRunning what becomes of runs that are due while another one runs
    /// @param queue where its jobs go
    /// @param envelope a job without an id and a body
    /// @param payload what a job is given
    record Plan(
            Timetable timetable,
            Misfire misfire,
            StillRunning stillRunning,
            ChannelName queue,
            Message envelope,
            ObjectNode payload) {
        Message message(String id, ScheduledRun run) {
            return Runs.message(envelope.with().body(Json.bytes(payload)).build(), id, run);
        }

        /// Whether it has to be known which runs have not ended.
        boolean isOneAtATime() {
            return stillRunning != StillRunning.BESIDE;
        }

        /// How many runs wait at most.
        int waitingMax() {
            return switch (stillRunning) {
                case SKIP -> 0;
                case ONE_WAITS, REPLACE -> 1;
                // Those of the latter wait for the next commit.
                case ALL_WAIT, BESIDE -> WAITING_MAX;
            };
        }

        /// How many runs begin in one commit at most.
        int runsPerCommit() {
            int bytes = Json.bytes(payload).length();
            return Math.clamp(COMMIT_BYTES / (bytes + 1), 1, RUNS_PER_COMMIT);
        }
    }

    /// How far it has come.
    ///
    /// @param created when it was declared for the first time
    /// @param reckoned what was due up to then is decided
    /// @param paused nothing becomes due
    /// @param runs how many have begun
    /// @param last the last one that has begun, or null
    /// @param waiting when those were due that wait for others to end, the earliest first
    /// @param leftOut how many were due and never began, because of others that had not ended
    /// @param failing why none can begin, or null
    record Progress(
            Instant created,
            Instant reckoned,
            boolean paused,
            long runs,
            @Nullable Last last,
            List<Instant> waiting,
            long leftOut,
            @Nullable Failing failing) {
        Progress {
            waiting = List.copyOf(waiting);
        }

        /// Of a schedule that is new.
        static Progress begin(Instant now) {
            return new Progress(now, now, false, 0, null, List.of(), 0, null);
        }

        /// From now on: nothing before is due any more.
        Progress from(Instant now) {
            return new Progress(created, now, paused, runs, last, waiting, leftOut, null);
        }

        Progress withPaused(boolean paused) {
            return new Progress(created, reckoned, paused, runs, last, waiting, leftOut, failing);
        }

        Progress withFailing(@Nullable Failing failing) {
            return new Progress(created, reckoned, paused, runs, last, waiting, leftOut, failing);
        }
    }

    /// The last run.
    ///
    /// @param id of its job
    /// @param run which
    /// @param begun when its job was put into its queue
    record Last(String id, ScheduledRun run, Instant begun) {}

    /// Why no run can begin.
    ///
    /// @param tries how often it was tried
    /// @param since when it was tried for the first time
    /// @param again when it is tried again
    /// @param reason in words
    record Failing(int tries, Instant since, Instant again, String reason) {}

    ScheduleRow with(Progress other) {
        return new ScheduleRow(plan, other);
    }

    /// The first run that is not decided; [Timetable#NEVER] if there is none or it is paused.
    Instant next() {
        return progress.paused ? Timetable.NEVER : plan.timetable.next(progress.reckoned);
    }

    /// The first run after now; [Timetable#NEVER] if there is none or it is paused.
    Instant next(Instant now) {
        Instant from = now.isAfter(progress.reckoned) ? now : progress.reckoned;
        return progress.paused ? Timetable.NEVER : plan.timetable.next(from);
    }
}
