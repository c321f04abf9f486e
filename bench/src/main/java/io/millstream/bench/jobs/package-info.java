/// Jobs, in process and over a server, against the job libraries that Java programs use today, on
/// the databases that these need.
///
/// Whoever is measured is a [io.millstream.bench.jobs.Contender] and given the same work by the
/// same callers; what a job is given, and what its handler does with it, is the same everywhere.
@NullMarked
package io.millstream.bench.jobs;

import org.jspecify.annotations.NullMarked;
