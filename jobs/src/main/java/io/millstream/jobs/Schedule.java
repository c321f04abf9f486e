package io.millstream.jobs;

import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.jobs.schedule.Timetable;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/// A schedule as [Schedules#list] shows it.
public sealed interface Schedule {

    /// Its name.
    String name();

    /// One that can be read.
    ///
    /// @param name its name
    /// @param timetable when it runs
    /// @param policies what becomes of runs that were missed or overlap
    /// @param job what it runs
    /// @param isPaused whether nothing becomes due
    /// @param next the first run that has not been decided about, or null if there is none, or it
    ///   is paused. It lies in the past while nobody fires schedules, or they cannot be fired
    /// @param runs how many have begun, ever
    /// @param last the last one that has begun, or null if there is none
    /// @param running ids of the jobs of runs that have not ended; not known where runs do not mind
    ///   each other, see [StillRunning#BESIDE]
    /// @param waiting when the runs were due that wait for others to end
    /// @param leftOut how many were due and never began, because others had not ended
    /// @param trouble why none can begin at present, or null
    record Declared(
            String name,
            Timetable timetable,
            Policies policies,
            Target job,
            boolean isPaused,
            @Nullable Instant next,
            long runs,
            @Nullable Run last,
            List<String> running,
            List<Instant> waiting,
            long leftOut,
            @Nullable Trouble trouble)
            implements Schedule {
        /// Copies the lists.
        public Declared {
            running = List.copyOf(running);
            waiting = List.copyOf(waiting);
        }
    }

    /// One that cannot be read: it does nothing, and keeps nothing else from being done.
    ///
    /// @param name its name
    /// @param why what is wrong and what to do
    record Unreadable(String name, String why) implements Schedule {}

    /// What becomes of runs that were missed or overlap.
    ///
    /// @param misfire of those that were missed
    /// @param stillRunning of those that are due while others have not ended
    record Policies(Misfire misfire, StillRunning stillRunning) {}

    /// What a schedule runs.
    ///
    /// @param queue where its jobs go
    /// @param type of its jobs, on the wire
    /// @param payload what they are given, as JSON
    record Target(String queue, String type, String payload) {}

    /// A run.
    ///
    /// @param id of its job, for [Jobs#ref]
    /// @param number 1 for the first one
    /// @param at when it was due
    /// @param begun when its job was put into its queue
    record Run(String id, long number, Instant at, Instant begun) {}

    /// Why no run can begin: the queue is full, or gone, or refuses the job for another reason. It
    /// is tried again, with waits that grow to some minutes; by then the misfire policy decides
    /// what is still to be made.
    ///
    /// @param tries how often it was tried
    /// @param since when for the first time
    /// @param again when it is tried next
    /// @param reason what was refused, and what to do
    record Trouble(int tries, Instant since, Instant again, String reason) {}
}
