package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Bytes;
import io.millstream.api.Capabilities;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.jobs.schedule.Timetable;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Jobs that are submitted again and again, by a timetable.
///
/// ```java
/// jobs.schedules().declare(
///         "nightly", Cron.of("0 3 * * *").zone("Europe/Berlin"), REPORT, new Report("all"));
/// ```
///
/// Schedules are kept by the backend: they are declared once, or at each start of a program, and
/// changed from any process. Any number of processes fires them, see [#start]; each run begins
/// once, whoever dies when, and is a job like any other, whose handler learns by
/// [JobContext#scheduled] which run it is. What is due is told by the backend's clock.
///
/// All methods may be called from any thread and block until what they change is on disk. They
/// throw a [RefusedException] if the backend refuses it, or lacks what schedules need.
public final class Schedules {
    /// The longest name, in characters.
    public static final int NAME_CHARS_MAX = 200;

    /// The largest payload, in bytes of JSON: it is written with each run.
    public static final int PAYLOAD_BYTES_MAX = 64 * 1024;

    private static final int TRIES_MAX = 100;
    private static final Feature[] NEEDED = {
        Feature.ROWS, Feature.WATCH_ROWS, Feature.ATOMIC_COMMIT
    };

    private final Millstream millstream;
    private final ScheduleLooks looks;
    private final Consumer<ChannelName> ensure;
    private final Scheduler scheduler;

    /// @param ensure that there is a queue
    Schedules(Millstream millstream, Consumer<ChannelName> ensure, Scheduler scheduler) {
        this.millstream = millstream;
        this.looks = new ScheduleLooks(millstream.backend());
        this.ensure = ensure;
        this.scheduler = scheduler;
    }

    // Declaring.

    /// Has jobs submitted by a timetable; see the other one.
    public <P> boolean declare(String name, Timetable timetable, JobType<P, ?> type, P payload) {
        return declare(name, timetable, type, payload, UnaryOperator.identity());
    }

    /// Has jobs submitted by a timetable. The first run is the first after now.
    ///
    /// If there is a schedule of that name, it becomes so, and keeps its last run, its number of
    /// runs, whether it is paused and what waits; if its timetable changes, what was due before now
    /// is due no more. The same declaration again changes nothing.
    ///
    /// @param name 1 to [#NAME_CHARS_MAX] characters without `#`
    /// @param payload of each job
    /// @param change of the schedule's options, and of those that the type has for its jobs
    /// @return whether that was new
    /// @throws IllegalArgumentException if it cannot be so, with why
    /// @throws IllegalStateException if a newer version of this library has written it
    public <P> boolean declare(
            String name,
            Timetable timetable,
            JobType<P, ?> type,
            P payload,
            UnaryOperator<ScheduleOptions.Builder> change) {
        checkName(name);
        need();
        ScheduleOptions options =
                change.apply(ScheduleOptions.standard(type.options()).with()).build();
        ChannelName queue = ChannelName.of(options.job().queue());
        Message sealed = Envelope.seal(name, type, payload, options.job());
        ScheduleRow.Plan plan =
                new ScheduleRow.Plan(
                        timetable,
                        options.misfire(),
                        options.stillRunning(),
                        queue,
                        sealed.with().id(null).body(Bytes.EMPTY).build(),
                        payloadOf(name, sealed));
        ensure.accept(queue);
        return change(
                name,
                (found, now) -> {
                    @Nullable ScheduleRow before = found == null ? null : readable(found);
                    if (before == null) {
                        return new ScheduleRow(plan, ScheduleRow.Progress.begin(now));
                    }
                    boolean isAnotherTime = !before.plan().timetable().equals(timetable);
                    return new ScheduleRow(
                            plan, isAnotherTime ? before.progress().from(now) : before.progress());
                });
    }

    private static void checkName(String name) {
        boolean isOdd = name.chars().anyMatch(c -> c == '#' || Character.isISOControl(c));
        if (name.isBlank() || name.length() > NAME_CHARS_MAX || isOdd) {
            throw new IllegalArgumentException(
                    ("A schedule's name has 1 to %d characters, no '#' and none that does not show,"
                                    + " not '%s'")
                            .formatted(NAME_CHARS_MAX, Failures.cut(name, NAME_CHARS_MAX)));
        }
    }

    private void need() {
        Capabilities capabilities = millstream.backend().capabilities();
        for (Feature feature : NEEDED) {
            if (!capabilities.has(feature)) {
                throw new RefusedException(new Refusal.NotSupported(feature));
            }
        }
    }

    private static ObjectNode payloadOf(String name, Message sealed) {
        if (sealed.body().length() > PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    ("What the jobs of schedule %s are given has %d bytes of JSON; the limit is %d."
                                    + " Keep it elsewhere, and give them its name.")
                            .formatted(name, sealed.body().length(), PAYLOAD_BYTES_MAX));
        }
        try {
            return Json.exactObject(sealed.body());
        } catch (Json.Unreadable impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /// What is there, or null if it is damaged.
    private static @Nullable ScheduleRow readable(View.RowView found) {
        try {
            return ScheduleJson.read(found.key(), found.value());
        } catch (Json.Unreadable unreadable) {
            if (ScheduleJson.isNewer(found.value())) {
                throw unreadable(found.key(), unreadable);
            }
            return null;
        }
    }

    private static IllegalStateException unreadable(String name, Json.Unreadable why) {
        return new IllegalStateException(
                "Schedule %s is left as it is. %s".formatted(name, why.getMessage()), why);
    }

    // Changing.

    /// What a row is to be.
    @FunctionalInterface
    private interface Next {
        @Nullable ScheduleRow of(View.@Nullable RowView found, Instant now);
    }

    /// Writes what a row is to be, however often others write it meanwhile.
    ///
    /// @return whether it was something else before
    private boolean change(String name, Next next) {
        for (int i = 0; i < TRIES_MAX; i++) {
            RowLook look = looks.schedule(name);
            View.RowView found = look.row();
            @Nullable ScheduleRow row = next.of(found, look.asOf());
            if (row == null || (found != null && isSame(row, found))) {
                return false;
            }
            if (isDone(List.of(Firing.write(name, row, look.version())))) {
                return true;
            }
        }
        throw contended(name);
    }

    private static boolean isSame(ScheduleRow row, View.RowView found) {
        try {
            return row.equals(ScheduleJson.read(found.key(), found.value()));
        } catch (Json.Unreadable _) {
            return false;
        }
    }

    /// @return false if what was looked at has changed
    private boolean isDone(List<Operation> operations) {
        return Unchanged.commit(millstream, operations) != null;
    }

    private static IllegalStateException contended(String name) {
        return new IllegalStateException(
                ("Schedule %s was changed by others %d times while it was to be changed here. Try"
                                + " again.")
                        .formatted(name, TRIES_MAX));
    }

    /// Nothing becomes due until it is resumed. Runs that wait for others still begin.
    ///
    /// @return whether it was not paused
    /// @throws IllegalArgumentException if there is none
    public boolean pause(String name) {
        return change(
                name,
                (found, _) -> {
                    ScheduleRow row = known(name, found);
                    return row.with(row.progress().withPaused(true));
                });
    }

    /// Goes on from now: what was due while it was paused is left out.
    ///
    /// @return whether it was paused
    /// @throws IllegalArgumentException if there is none
    public boolean resume(String name) {
        return change(
                name,
                (found, now) -> {
                    ScheduleRow row = known(name, found);
                    return row.progress().paused()
                            ? row.with(row.progress().from(now).withPaused(false))
                            : null;
                });
    }

    /// Removes it, be it readable or not. Jobs that it has submitted stay submitted.
    ///
    /// @return whether there was one
    public boolean remove(String name) {
        for (int i = 0; i < TRIES_MAX; i++) {
            RowLook look = looks.schedule(name);
            if (look.row() == null) {
                return false;
            }
            List<Operation> operations = new ArrayList<>();
            operations.add(RowLook.write(ScheduleRow.TABLE, name, null, look.version(), null));
            operations.addAll(forgetting(name));
            if (isDone(operations)) {
                return true;
            }
        }
        throw contended(name);
    }

    /// Begins a run now, paused or not. The timetable goes on as if it had not been. If an earlier
    /// run has not ended, what the schedule does then is done: the run waits, or begins beside it,
    /// or, where it would be left out, is refused.
    ///
    /// @return the id of its job, for [Jobs#ref]; empty if it waits
    /// @throws IllegalArgumentException if there is none
    /// @throws IllegalStateException if it would be left out
    public Optional<String> trigger(String name) {
        for (int i = 0; i < TRIES_MAX; i++) {
            RowLook look = looks.schedule(name);
            View.RowView found = look.row();
            ScheduleRow row = known(name, found);
            boolean isRunning =
                    row.plan().isOneAtATime() && !looks.runs(Runs.prefix(name)).isEmpty();
            @Nullable Firing firing = Firing.triggered(name, row, isRunning, look.asOf());
            if (firing == null) {
                throw new IllegalStateException(
                        ("Schedule %s is not triggered: an earlier run has not ended, and by %s"
                                        + " another one would be left out. Wait for its end; if it"
                                        + " is gone, say so with forgetRuns.")
                                .formatted(name, row.plan().stillRunning()));
            }
            if (isDone(firing.operations(look.version()))) {
                return firing.row().progress().waiting().isEmpty()
                        ? Optional.of(firing.begun().getLast().id())
                        : Optional.empty();
            }
        }
        throw contended(name);
    }

    /// Has all its runs count as ended, when their jobs are known to be gone. That is found out
    /// without help if they were in a queue in which there is nothing any more.
    public void forgetRuns(String name) {
        List<Operation> operations = forgetting(name);
        if (!operations.isEmpty()) {
            millstream.commit(operations.toArray(Operation[]::new));
        }
    }

    private List<Operation> forgetting(String name) {
        List<Operation> operations = new ArrayList<>();
        for (View.RowView run : looks.runs(Runs.prefix(name))) {
            operations.add(Runs.end(run.key(), Expect.Anything.ANYTHING));
        }
        return operations;
    }

    private static ScheduleRow known(String name, View.@Nullable RowView found) {
        if (found == null) {
            throw new IllegalArgumentException(
                    "There is no schedule '%s'. Declare it first, or look for its name in the list."
                            .formatted(name));
        }
        try {
            return ScheduleJson.read(name, found.value());
        } catch (Json.Unreadable unreadable) {
            throw unreadable(name, unreadable);
        }
    }

    // Looking.

    /// All schedules, in the order of their names.
    public List<Schedule> list() {
        List<View.RowView> rows = looks.schedules();
        List<View.RowView> runs = looks.runs("");
        return rows.stream().map(row -> view(row, runs)).toList();
    }

    /// The schedule of this name.
    public Optional<Schedule> find(String name) {
        View.RowView row = looks.schedule(name).row();
        List<View.RowView> runs = looks.runs(Runs.prefix(name));
        return Optional.ofNullable(row).map(there -> view(there, runs));
    }

    private static Schedule view(View.RowView view, List<View.RowView> runs) {
        ScheduleRow row;
        try {
            row = ScheduleJson.read(view.key(), view.value());
        } catch (Json.Unreadable unreadable) {
            return new Schedule.Unreadable(view.key(), String.valueOf(unreadable.getMessage()));
        }
        ScheduleRow.Plan plan = row.plan();
        ScheduleRow.Progress progress = row.progress();
        ScheduleRow.Last last = progress.last();
        ScheduleRow.Failing failing = progress.failing();
        Instant next = row.next();
        return new Schedule.Declared(
                view.key(),
                plan.timetable(),
                new Schedule.Policies(plan.misfire(), plan.stillRunning()),
                new Schedule.Target(
                        plan.queue().name(),
                        String.valueOf(plan.envelope().type()),
                        plan.payload().toString()),
                progress.paused(),
                next.equals(Timetable.NEVER) ? null : next,
                progress.runs(),
                last == null
                        ? null
                        : new Schedule.Run(
                                last.id(), last.run().number(), last.run().at(), last.begun()),
                runs.stream()
                        .map(View.RowView::key)
                        .filter(id -> Runs.scheduleOf(id).equals(view.key()))
                        .toList(),
                progress.waiting(),
                progress.leftOut(),
                failing == null
                        ? null
                        : new Schedule.Trouble(
                                failing.tries(),
                                failing.since(),
                                failing.again(),
                                failing.reason()));
    }

    /// The next runs of a schedule after now, be it paused or not.
    ///
    /// @param count how many, from 0 to [Timetable#PREVIEW_RUNS_MAX]
    /// @throws IllegalArgumentException if there is none
    public List<Instant> preview(String name, int count) {
        RowLook look = looks.schedule(name);
        return known(name, look.row()).plan().timetable().preview(look.asOf(), count);
    }

    /// The next runs of a timetable after now, which need not be anybody's.
    ///
    /// @param count how many, from 0 to [Timetable#PREVIEW_RUNS_MAX]
    public List<Instant> preview(Timetable timetable, int count) {
        return timetable.preview(looks.schedule("").asOf(), count);
    }

    /// Fires schedules, all there are, from now on until [Jobs#close]. Workers do that by
    /// themselves as soon as they start; a process without any may do it, too. Any number may: a
    /// run begins once.
    public void start() {
        scheduler.start();
    }
}
