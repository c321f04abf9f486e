package io.millstream.jobs;

import io.millstream.api.Operation;
import io.millstream.api.Operation.IfDuplicate;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What is to be done about a schedule at some moment: which runs begin, and what its row is then.
/// A function of its arguments; [#operations] is the commit that does it or not at all.
///
/// @param name of the schedule
/// @param row as it is to be
/// @param begun the runs that begin
/// @param more whether there is more to do at the same moment, in another commit
record Firing(String name, ScheduleRow row, List<Begun> begun, boolean more) {
    private static final Duration AGAIN_FIRST = Duration.ofSeconds(1);
    private static final Duration AGAIN_MAX = Duration.ofMinutes(5);
    private static final int DOUBLINGS_MAX = 16;

    /// A run that begins.
    ///
    /// @param id of its job
    /// @param run which
    record Begun(String id, ScheduledRun run) {}

    /// What is due.
    ///
    /// @param isRunning whether a run has not ended
    /// @param most how many runs are decided at most
    /// @return null if there is nothing to do
    static @Nullable Firing due(
            String name, ScheduleRow row, boolean isRunning, Instant now, int most) {
        ScheduleRow.Plan plan = row.plan();
        ScheduleRow.Progress progress = row.progress();
        ScheduleRow.Failing failing = progress.failing();
        if (failing != null && now.isBefore(failing.again())) {
            return null;
        }
        List<Instant> due =
                progress.paused()
                        ? List.of()
                        : plan.misfire().due(plan.timetable(), progress.reckoned(), now);
        List<Instant> some = due.subList(0, Math.min(most, due.size()));
        Instant reckoned = some.isEmpty() ? progress.reckoned() : some.getLast();
        Line line = new Line(some, reckoned, most, some.size() < due.size());
        return step(name, row, isRunning, line, now);
    }

    /// A run that somebody asks for now.
    ///
    /// @return null if it would be left out
    static @Nullable Firing triggered(
            String name, ScheduleRow row, boolean isRunning, Instant now) {
        List<Instant> waiting = row.progress().waiting();
        boolean waits = isRunning || !waiting.isEmpty();
        if (row.plan().isOneAtATime() && waits && waiting.size() >= row.plan().waitingMax()) {
            return null;
        }
        int most = row.plan().runsPerCommit();
        Line line = new Line(List.of(now), row.progress().reckoned(), most, false);
        return step(name, row, isRunning, line, now);
    }

    /// What joins those that wait.
    ///
    /// @param due the runs
    /// @param reckoned what was due up to then is decided by that
    /// @param most how many runs begin at most
    /// @param more whether others are to join at the same moment
    private record Line(List<Instant> due, Instant reckoned, int most, boolean more) {}

    private static @Nullable Firing step(
            String name, ScheduleRow row, boolean isRunning, Line joining, Instant now) {
        ScheduleRow.Progress progress = row.progress();
        List<Instant> line = new ArrayList<>(progress.waiting());
        line.addAll(joining.due);
        boolean oneAtATime = row.plan().isOneAtATime();
        int most = !oneAtATime ? joining.most : isRunning ? 0 : 1;
        int beginning = Math.min(most, line.size());
        if (joining.due.isEmpty() && beginning == 0) {
            return null;
        }
        List<Begun> begun = new ArrayList<>();
        for (Instant at : line.subList(0, beginning)) {
            ScheduledRun run = new ScheduledRun(name, progress.runs() + begun.size() + 1, at);
            begun.add(new Begun(Runs.id(run, progress.created()), run));
        }
        List<Instant> rest = line.subList(beginning, line.size());
        int waiting = Math.min(row.plan().waitingMax(), rest.size());
        ScheduleRow.Last last =
                begun.isEmpty()
                        ? progress.last()
                        : new ScheduleRow.Last(begun.getLast().id(), begun.getLast().run(), now);
        ScheduleRow.Progress next =
                new ScheduleRow.Progress(
                        progress.created(),
                        joining.reckoned,
                        progress.paused(),
                        progress.runs() + begun.size(),
                        last,
                        rest.subList(0, waiting),
                        progress.leftOut() + rest.size() - waiting,
                        null);
        boolean more = joining.more || (!oneAtATime && waiting > 0);
        return new Firing(name, row.with(next), List.copyOf(begun), more);
    }

    /// All of it, if the row is as it was looked at.
    ///
    /// @param version of that row
    List<Operation> operations(long version) {
        List<Operation> operations = new ArrayList<>(1 + 2 * begun.size());
        operations.add(write(name, row, version));
        for (Begun one : begun) {
            operations.add(
                    new Operation.Put(
                            row.plan().queue(),
                            row.plan().message(one.id, one.run),
                            // One that is skipped would be a run that never ends.
                            IfDuplicate.REFUSE));
            if (row.plan().isOneAtATime()) {
                operations.add(Runs.begin(one.id, row.plan().queue(), one.run));
            }
        }
        return operations;
    }

    /// @param version of the row as it was seen, or 0 if there was none
    static Operation.Write write(String name, ScheduleRow row, long version) {
        return RowLook.write(ScheduleRow.TABLE, name, ScheduleJson.write(row), version, null);
    }

    /// What the row is if the queue has an equal job already: these runs are left out.
    ///
    /// @param before the row before the firing
    ScheduleRow leftOut(ScheduleRow before) {
        ScheduleRow.Progress progress = row.progress();
        return row.with(
                new ScheduleRow.Progress(
                        progress.created(),
                        progress.reckoned(),
                        progress.paused(),
                        before.progress().runs(),
                        before.progress().last(),
                        progress.waiting(),
                        progress.leftOut() + begun.size(),
                        null));
    }

    /// What the row is if its runs could not begin: as it was, and tried again later.
    static ScheduleRow failed(String name, ScheduleRow before, String reason, Instant now) {
        ScheduleRow.Failing failing = before.progress().failing();
        int tries = failing == null ? 1 : failing.tries() + 1;
        Duration wait = AGAIN_FIRST.multipliedBy(1L << Math.min(tries - 1, DOUBLINGS_MAX));
        Duration most = wait.compareTo(AGAIN_MAX) < 0 ? wait : AGAIN_MAX;
        // Those that failed together do not come back together.
        long spread = Math.floorMod(name.hashCode() * 31L + tries, most.toMillis() / 2);
        return before.with(
                before.progress()
                        .withFailing(
                                new ScheduleRow.Failing(
                                        tries,
                                        failing == null ? now : failing.since(),
                                        now.plus(most).minusMillis(spread),
                                        Failures.cut(reason, Failures.REASON_CHARS_MAX))));
    }
}
