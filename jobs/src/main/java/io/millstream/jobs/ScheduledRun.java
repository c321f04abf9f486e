package io.millstream.jobs;

import java.time.Instant;

/// Why a job is there that nobody submitted: a schedule was due, or was triggered by hand.
///
/// @param schedule its name
/// @param number 1 for the schedule's first run, then counted on. A number is used once, however
///   often the job is tried
/// @param at when it was due, by the timetable; when it was triggered, if it was. A run that was
///   made up for, or that waited for an earlier one, began later than that
public record ScheduledRun(String schedule, long number, Instant at) {}
