package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Schedule;
import io.millstream.jobs.Schedules;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;
import io.millstream.jobs.schedule.Timetable;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Schedules. Rights are those on the queue that a schedule's jobs go to.
final class SchedulePages {
    private static final int PREVIEW_USUAL = 10;

    private final Schedules schedules;
    private final Turns turns;

    SchedulePages(Jobs jobs, Turns turns) {
        this.schedules = jobs.schedules();
        this.turns = turns;
    }

    // Looking.

    private static boolean may(Asked asked, Verb verb, Schedule schedule) {
        return switch (schedule) {
            case Schedule.Declared declared ->
                    asked.may(verb, ChannelName.of(declared.job().queue()));
            case Schedule.Unreadable _ -> asked.principal().mayEverywhere(verb);
        };
    }

    /// The schedule that a path names, if whoever asks may do this with it.
    private Schedule named(Asked asked, Verb verb) {
        Optional<Schedule> found = schedules.find(asked.part("name"));
        if (found.isEmpty()
                || (!may(asked, verb, found.get()) && !may(asked, Verb.READ, found.get()))) {
            throw noSuchSchedule();
        }
        if (!may(asked, verb, found.get())) {
            throw forbidden(asked, verb);
        }
        return found.get();
    }

    private static ProblemException noSuchSchedule() {
        return Trouble.NO_SUCH_SCHEDULE.with(
                "There is no schedule of this name that you may see. It takes read on the queue"
                        + " that its jobs go to.");
    }

    private static ProblemException forbidden(Asked asked, Verb verb) {
        return Trouble.FORBIDDEN.with(
                "The user %s may not: it takes %s on the queue of its jobs. Nothing was done."
                        .formatted(asked.principal().name(), verb.word()));
    }

    Reply list(Asked asked) {
        Parameters given = Parameters.of(asked, "prefix", Parameters.LIMIT, Parameters.AFTER);
        String prefix = given.text("prefix");
        String after = given.after();
        int limit = given.limit();
        List<Schedule> shown = new ArrayList<>();
        String next = null;
        for (Schedule schedule : schedules.list()) {
            String name = schedule.name();
            boolean isMeant =
                    (prefix == null || name.startsWith(prefix))
                            && (after == null || name.compareTo(after) > 0)
                            && may(asked, Verb.READ, schedule);
            if (isMeant && shown.size() == limit) {
                next = shown.getLast().name();
                break;
            }
            if (isMeant) {
                shown.add(schedule);
            }
        }
        return new JsonOut().all("schedules", shown, ScheduleForm::of).maybe("next", next).ok();
    }

    Reply one(Asked asked) {
        Parameters.of(asked);
        return ScheduleForm.of(named(asked, Verb.READ)).ok();
    }

    Reply preview(Asked asked) {
        Parameters given = Parameters.of(asked, "count");
        int count = given.whole("count", PREVIEW_USUAL, 1, Timetable.PREVIEW_RUNS_MAX);
        Schedule schedule = named(asked, Verb.READ);
        return runs(readable(() -> schedules.preview(schedule.name(), count)));
    }

    Reply previewOf(Asked asked) {
        Parameters.of(asked);
        JsonIn in = JsonIn.of("$", JsonIn.tree(asked.body()));
        Timetable timetable = ScheduleForm.timetable(in);
        Long count = in.maybeWhole("count", 1, Timetable.PREVIEW_RUNS_MAX);
        in.end();
        return runs(schedules.preview(timetable, count == null ? PREVIEW_USUAL : count.intValue()));
    }

    private static Reply runs(List<Instant> runs) {
        return new JsonOut().texts("runs", ScheduleForm.texts(runs)).ok();
    }

    // Changing.

    /// One that is gone by now, or that another version has written.
    private static <T> T readable(JsonIn.Sense<T> change) {
        try {
            return change.make();
        } catch (IllegalArgumentException _) {
            throw noSuchSchedule();
        } catch (IllegalStateException refused) {
            throw Trouble.CONFLICT.with(JsonIn.sentence(refused));
        }
    }

    Reply put(Asked asked) throws InterruptedException {
        Parameters.of(asked);
        try (Turns.Turn _ = turns.forBody(asked.body())) {
            return declare(asked);
        }
    }

    private Reply declare(Asked asked) {
        String name = asked.part("name");
        JsonIn in = JsonIn.of("$", JsonIn.tree(asked.body()));
        Timetable timetable = ScheduleForm.timetable(in);
        Misfire misfire = ScheduleForm.misfire(in);
        StillRunning stillRunning = ScheduleForm.stillRunning(in);
        JsonIn job = in.object("job");
        JobDraft draft = JobDraft.read(job);
        in.end();
        if (draft.how().scope() != null) {
            throw job.wrongMember(
                    "unique", "does not go with a schedule", "Leave it out; see still_running");
        }
        asked.demand(Verb.MANAGE, draft.how().queue());
        asked.demand(Verb.WRITE, draft.how().queue());
        Optional<Schedule> before = schedules.find(name);
        if (before.isPresent() && !may(asked, Verb.MANAGE, before.get())) {
            throw Trouble.CONFLICT.with(
                    "This name is taken by a schedule that you may not change. Use another name.");
        }
        try {
            schedules.declare(
                    name,
                    timetable,
                    draft.how().jobType(),
                    draft.what(),
                    options ->
                            options.misfire(misfire)
                                    .stillRunning(stillRunning)
                                    .job(draft.how()::applyTo));
        } catch (IllegalArgumentException senseless) {
            throw Trouble.MALFORMED.with(JsonIn.sentence(senseless));
        } catch (IllegalStateException newer) {
            throw Trouble.CONFLICT.with(JsonIn.sentence(newer));
        }
        Schedule made = schedules.find(name).orElseThrow(SchedulePages::noSuchSchedule);
        return ScheduleForm.of(made).answer(before.isPresent() ? 200 : 201);
    }

    Reply pause(Asked asked) {
        Parameters.of(asked);
        String name = named(asked, Verb.MANAGE).name();
        var _ = readable(() -> schedules.pause(name));
        return Reply.NOTHING;
    }

    Reply resume(Asked asked) {
        Parameters.of(asked);
        String name = named(asked, Verb.MANAGE).name();
        var _ = readable(() -> schedules.resume(name));
        return Reply.NOTHING;
    }

    Reply trigger(Asked asked) {
        Parameters.of(asked);
        String name = named(asked, Verb.MANAGE).name();
        Optional<String> id = readable(() -> schedules.trigger(name));
        return new JsonOut().maybe("id", id.orElse(null)).maybe("waits", id.isEmpty()).answer(202);
    }

    Reply remove(Asked asked) {
        Parameters.of(asked);
        String name = named(asked, Verb.MANAGE).name();
        if (!schedules.remove(name)) {
            throw noSuchSchedule();
        }
        return Reply.NOTHING;
    }
}
