package io.millstream.server.jobs;

import com.fasterxml.jackson.annotation.JsonValue;

import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.jobs.JobOptions;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Unique;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A job as it is sent to be submitted.
///
/// @param how all that it may have in common with others, which are submitted with it then
/// @param what what it is given
record JobDraft(How how, What what) {
    /// The longest time that is taken: ten years.
    static final long MILLIS_MAX = TimeUnit.DAYS.toMillis(3660);

    /// Queues whose names begin so belong to the jobs themselves.
    private static final String OWN = "jobs.";

    /// How a job is to be done.
    ///
    /// @param type its name, with its version
    /// @param queue where to
    /// @param scope when it is taken for another one, or null for never
    /// @param keepResult how long its result is kept; zero if nobody will ask for it
    /// @param tags what it can be found by
    record How(
            String type,
            ChannelName queue,
            int priority,
            Duration delay,
            @Nullable Duration startWithin,
            Duration keepResult,
            List<String> tags,
            Unique.@Nullable Scope scope) {

        How {
            tags = List.copyOf(tags);
        }

        boolean isAwaited() {
            return keepResult.isPositive();
        }

        /// As the library has it.
        JobOptions.Builder applyTo(JobOptions.Builder options) {
            options.queue(queue.name()).priority(priority).delay(delay);
            options.tags(tags.toArray(String[]::new));
            if (startWithin != null) {
                options.startWithin(startWithin);
            }
            if (isAwaited()) {
                options.awaited().keepResult(keepResult);
            }
            return scope == null ? options : options.unique(new Unique(scope, null));
        }

        /// Its type, for what is given by [What].
        JobType<What, ?> jobType() {
            return isAwaited() ? jobType(JsonNode.class) : jobType(Void.class);
        }

        private <R> JobType<What, R> jobType(Class<R> result) {
            Name name = Name.of(type);
            return JobType.of(name.name(), What.class, result)
                    .version(name.version())
                    .key(What::key)
                    .uniqueBy(What::uniqueKey);
        }
    }

    /// A type's name on the wire, taken apart: `mail.send#2`.
    record Name(String name, int version) {
        static Name of(String type) {
            int mark = type.lastIndexOf('#');
            if (mark < 0) {
                return new Name(type, 1);
            }
            try {
                int version = Integer.parseInt(type.substring(mark + 1));
                if (version > 1) {
                    return new Name(type.substring(0, mark), version);
                }
            } catch (NumberFormatException _) {
                // Told below.
            }
            throw new IllegalArgumentException(
                    "What follows the # of a type is its version, from 2 on, and %s has none."
                            .formatted(type));
        }
    }

    /// What a job is given, and what is known of it by that.
    ///
    /// @param payload all that workers see
    /// @param key what it belongs to, or null
    /// @param uniqueKey by what it is compared, or null for all of its payload
    record What(@JsonValue ObjectNode payload, @Nullable String key, @Nullable String uniqueKey) {}

    /// Reads one.
    static JobDraft read(JsonIn in) {
        String type = in.text("type");
        ObjectNode payload = in.free("payload");
        ChannelName queue = queue(in, "queue");
        String key = in.maybeText("key");
        int priority = orZero(in.maybeWhole("priority", 0, Message.PRIORITY_MAX)).intValue();
        Duration delay = orZero(in.maybeMillis("delay_ms", 0, MILLIS_MAX));
        Duration startWithin = in.maybeMillis("start_within_ms", 1, MILLIS_MAX);
        Duration keepResult = in.maybeMillis("keep_result_ms", 0, MILLIS_MAX);
        List<String> tags = in.texts("tags");
        JsonIn unique = in.maybeObject("unique");
        String uniqueKey = unique == null ? null : unique.maybeText("key");
        Unique.Scope scope = unique == null ? null : scope(unique);
        in.end();
        How how =
                new How(
                        type,
                        queue,
                        priority,
                        delay,
                        startWithin,
                        keepResult == null ? JobOptions.KEEP_RESULT : keepResult,
                        tags,
                        scope);
        // What makes no sense is told here, where its place is known.
        var _ =
                in.sensible(() -> {
                    JobType<What, ?> made = how.jobType();
                    return how.applyTo(made.options().with()).build();
                });
        return new JobDraft(how, new What(payload, key, uniqueKey));
    }

    private static Long orZero(@Nullable Long number) {
        return number == null ? 0L : number;
    }

    private static Duration orZero(@Nullable Duration time) {
        return time == null ? Duration.ZERO : time;
    }

    /// The queue that a member names, or the usual one.
    static ChannelName queue(JsonIn in, String member) {
        String name = in.maybeText(member);
        ChannelName queue =
                JsonIn.sensible(
                        in.place(member),
                        () -> ChannelName.of(name == null ? JobOptions.DEFAULT_QUEUE : name));
        if (queue.name().startsWith(OWN)) {
            throw in.wrongMember(
                    member,
                    "begins with " + OWN + ", as queues do that jobs have for themselves",
                    "Name another queue");
        }
        return queue;
    }

    private static Unique.Scope scope(JsonIn in) {
        String until = in.maybeText("until");
        Duration within = in.maybeMillis("within_ms", 1, MILLIS_MAX);
        Duration quiet = in.maybeMillis("debounce_ms", 1, MILLIS_MAX);
        Duration most = in.maybeMillis("most_ms", 1, MILLIS_MAX);
        in.end();
        boolean isOne =
                (until == null ? 0 : 1) + (within == null ? 0 : 1) + (quiet == null ? 0 : 1) == 1;
        if (!isOne || (most == null) != (quiet == null)) {
            throw in.wrongMember(
                    "until",
                    "is not the only one of until, within_ms and debounce_ms",
                    "Give one of them, and most_ms with debounce_ms");
        }
        if (within != null) {
            return new Unique.Scope.Within(within);
        }
        if (quiet != null && most != null) {
            return in.sensible(() -> new Unique.Scope.Debounced(quiet, most));
        }
        return switch (String.valueOf(until)) {
            case "started" -> new Unique.Scope.UntilStarted();
            case "done" -> new Unique.Scope.UntilDone();
            default ->
                    throw in.wrongMember("until", "is something else", "Give one of started, done");
        };
    }
}
