/// Timetables: when something is due, as arithmetic alone.
///
/// A [io.millstream.jobs.schedule.Timetable] is a [io.millstream.jobs.schedule.Cron] or an
/// [io.millstream.jobs.schedule.Every]; a [io.millstream.jobs.schedule.Misfire] says which of the
/// runs that are due by now are still to be made. Everything here is immutable and a function of
/// its arguments: no clock is read, nothing is stored, nothing blocks, and the work of every call
/// has a bound. Depends on the JDK alone, and knows neither jobs nor a backend.
@NullMarked
package io.millstream.jobs.schedule;

import org.jspecify.annotations.NullMarked;
