/// Jobs: work that is submitted once and done by workers that come and go, here or elsewhere.
///
/// A [io.millstream.jobs.JobType] names what is to be done, [io.millstream.jobs.Jobs] submits it,
/// [io.millstream.jobs.Workers] do it. A job is a message of a work queue, and everything that
/// holds for those holds for jobs. Sees only the seam, `io.millstream.api`, and the face over it.
@NullMarked
package io.millstream.jobs;

import org.jspecify.annotations.NullMarked;
