package io.millstream.jobs;

import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;

import java.util.function.UnaryOperator;

/// How a schedule runs its jobs.
///
/// @param misfire what becomes of runs that were missed; the last of them is made up for, however
///   late, unless said otherwise
/// @param stillRunning what becomes of a run that is due while an earlier one has not ended; it is
///   left out unless said otherwise
/// @param job the options of its jobs
public record ScheduleOptions(Misfire misfire, StillRunning stillRunning, JobOptions job) {

    /// A builder that starts from these.
    public Builder with() {
        return new Builder(this);
    }

    static ScheduleOptions standard(JobOptions job) {
        return new ScheduleOptions(Misfire.last(), StillRunning.SKIP, job);
    }

    /// Builds [ScheduleOptions]; not for use by several threads.
    public static final class Builder {
        private Misfire misfire;
        private StillRunning stillRunning;
        private JobOptions job;

        private Builder(ScheduleOptions from) {
            this.misfire = from.misfire;
            this.stillRunning = from.stillRunning;
            this.job = from.job;
        }

        /// What becomes of runs that were missed.
        public Builder misfire(Misfire misfire) {
            this.misfire = misfire;
            return this;
        }

        /// What becomes of a run that is due while an earlier one has not ended.
        public Builder stillRunning(StillRunning stillRunning) {
            this.stillRunning = stillRunning;
            return this;
        }

        /// How its jobs are to be done otherwise than their type says.
        public Builder job(UnaryOperator<JobOptions.Builder> change) {
            this.job = change.apply(job.with()).build();
            return this;
        }

        /// The options.
        public ScheduleOptions build() {
            return new ScheduleOptions(misfire, stillRunning, job);
        }
    }
}
