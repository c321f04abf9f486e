package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Runs of schedules: what tells a handler of which run its job is, and who knows which have not
/// ended.
///
/// A run of a schedule of which runs wait for each other has a row as long as it has not ended, by
/// the id of its job: `{"queue":"jobs","number":17,"at":"2026-01-01T03:00:00Z"}`. It is written in
/// the commit that puts the job, and removed in the one that ends it, whoever ends it.
final class Runs {
    /// The rows of runs that have not ended.
    static final String TABLE = "jobs.runs";

    private static final String SCHEDULE = "millstream-schedule";
    private static final String NUMBER = "millstream-schedule-run";
    private static final String AT = "millstream-schedule-at";
    private static final char RUN_MARK = '#';

    private Runs() {}

    /// Unique for ever: a schedule that is removed and declared again has another `life`.
    static String id(ScheduledRun run, Instant life) {
        return run.schedule()
                + RUN_MARK
                + Long.toString(life.toEpochMilli(), Character.MAX_RADIX)
                + "."
                + run.number();
    }

    /// The schedule of a run with this id.
    static String scheduleOf(String id) {
        return id.substring(0, Math.max(0, id.lastIndexOf(RUN_MARK)));
    }

    /// What the ids of all runs of a schedule begin with.
    static String prefix(String schedule) {
        return schedule + RUN_MARK;
    }

    /// The job of a run.
    static Message message(Message envelope, String id, ScheduledRun run) {
        return envelope.with()
                .id(id)
                .header(Header.text(SCHEDULE, run.schedule()))
                .header(Header.text(NUMBER, Long.toString(run.number())))
                .header(Header.text(AT, run.at().toString()))
                .build();
    }

    /// Which run a job is, if it is one.
    static Optional<ScheduledRun> of(Message message) {
        String schedule = text(message, SCHEDULE);
        String number = text(message, NUMBER);
        String at = text(message, AT);
        if (schedule == null || number == null || at == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ScheduledRun(schedule, Long.parseLong(number), Instant.parse(at)));
        } catch (NumberFormatException | DateTimeException _) {
            // Headers that somebody else wrote.
            return Optional.empty();
        }
    }

    private static @Nullable String text(Message message, String header) {
        return message.header(header).map(Header::text).orElse(null);
    }

    /// That a run has begun.
    static Operation.Write begin(String id, ChannelName queue, ScheduledRun run) {
        ObjectNode row =
                Json.newObject()
                        .put("queue", queue.name())
                        .put("number", run.number())
                        .put("at", run.at().toString());
        return new Operation.Write(TABLE, id, Json.bytes(row), Expect.Anything.ANYTHING, null);
    }

    /// To the commit that ends a job, that its run has ended.
    static void addEnd(List<Operation> operations, Message message) {
        String id = message.id();
        if (id != null && text(message, SCHEDULE) != null) {
            operations.add(end(id, Expect.Anything.ANYTHING));
        }
    }

    static Operation.Write end(String id, Expect expect) {
        return new Operation.Write(TABLE, id, null, expect, null);
    }

    /// The queue of a run that has not ended, or null if its row cannot be read.
    static @Nullable ChannelName queueOf(View.RowView row) {
        try {
            String queue = Json.object(row.value()).path("queue").asString("");
            return queue.isEmpty() ? null : ChannelName.of(queue);
        } catch (Json.Unreadable | IllegalArgumentException _) {
            return null;
        }
    }
}
