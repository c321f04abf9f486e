package io.millstream.server.client;

import io.millstream.api.Message;
import io.millstream.jobs.JobOptions;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Unique;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `millstream enqueue`: submits a job, or one for each line, and may await what it returns.
final class EnqueueCommand {
    private static final String QUEUE = "--queue";
    private static final String KEY = "--key";
    private static final String PRIORITY = "--priority";
    private static final String DELAY = "--delay";
    private static final String START_WITHIN = "--start-within";
    private static final String KEEP_RESULT = "--keep-result";
    private static final String TAG = "--tag";
    private static final String UNIQUE = "--unique";
    private static final String UNIQUE_BY = "--unique-by";
    private static final String AWAIT = "--await";
    private static final String UNTIL_DONE = "until-done";
    private static final String UNTIL_STARTED = "until-started";
    private static final int TOGETHER_MAX = 500;

    private EnqueueCommand() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "enqueue",
                        "Submits a job: what it is given is a JSON object, or piped in. Prints its"
                                + " id.",
                        EnqueueCommand::read);
        verb.spec()
                .addPositional(Specs.word(0, "TYPE", "Its type, such as mail.send or mail.send#2."))
                .addPositional(
                        Specs.maybe(1, "JSON", "What it is given; - or none for standard input."))
                .addOption(Specs.text("QUEUE", "Default: " + JobOptions.DEFAULT_QUEUE, "-q", QUEUE))
                .addOption(Specs.text("KEY", "What it belongs to: order, shares, limits.", KEY))
                .addOption(Specs.text("N", "0, the first served, to 31. Default: 0", PRIORITY))
                .addOption(Specs.text("TIME", "How long before it may begin, as 90s.", DELAY))
                .addOption(
                        Specs.text("TIME", "It expires if it has not begun by then.", START_WITHIN))
                .addOption(
                        Specs.text("TIME", "How long its result is kept. Default: 1h", KEEP_RESULT))
                .addOption(Specs.texts("TAG", "What it can be found by; as many as 16.", TAG))
                .addOption(
                        Specs.text(
                                "HOW",
                                "Not twice: until-done, until-started, or for a time, as 10m.",
                                UNIQUE))
                .addOption(
                        Specs.text(
                                "KEY",
                                "By what it is unique. Default: all that it is given.",
                                UNIQUE_BY))
                .addOption(
                        Specs.text(
                                "TIME", "Wait so long for its end, and print its result.", AWAIT))
                .addOption(
                        Specs.flag("Each line of standard input is a job.", SendCommand.EACH_LINE));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        JobType<ObjectNode, JsonNode> type = type(typed);
        String text = Bodies.text(typed, 1);
        Duration await = typed.time(AWAIT);
        typed.notBoth(AWAIT, SendCommand.EACH_LINE);
        if (typed.has(SendCommand.EACH_LINE)) {
            return call -> call.withJobs(jobs -> enqueueLines(call, jobs, type));
        }
        if (text != null) {
            ObjectNode payload = Json.payload("The argument", text);
            return call -> call.withJobs(jobs -> enqueue(call, jobs, type, payload, await));
        }
        return call -> {
            byte[] piped = call.input().all(Bodies.bytesMax(call));
            String what = "Standard input";
            ObjectNode payload = Json.payload(what, Input.utf8(what, piped));
            return call.withJobs(jobs -> enqueue(call, jobs, type, payload, await));
        };
    }

    private static JobType<ObjectNode, JsonNode> type(Typed typed) {
        String name = typed.word(0, "");
        int mark = name.lastIndexOf('#');
        int version = 1;
        if (mark >= 0) {
            try {
                version = Integer.parseInt(name.substring(mark + 1));
            } catch (NumberFormatException _) {
                throw Typed.wrong("The type", name, "Behind # is a version, such as mail.send#2.");
            }
            name = name.substring(0, mark);
        }
        JobOptions.Builder options =
                JobType.of(name, ObjectNode.class, JsonNode.class).options().with();
        change(options, typed);
        JobOptions changed = options.build();
        return JobType.of(name, ObjectNode.class, JsonNode.class)
                .version(version)
                .with(_ -> changed.with());
    }

    private static void change(JobOptions.Builder options, Typed typed) {
        options.queue(typed.text(QUEUE, JobOptions.DEFAULT_QUEUE))
                .priority(typed.whole(PRIORITY, 0, 0, Message.PRIORITY_MAX))
                .delay(typed.time(DELAY, Duration.ZERO));
        options.tags(typed.texts(TAG).toArray(String[]::new));
        String key = typed.text(KEY);
        if (key != null) {
            options.key(key);
        }
        Duration startWithin = typed.time(START_WITHIN);
        if (startWithin != null) {
            options.startWithin(startWithin);
        }
        Duration keep = typed.time(KEEP_RESULT);
        if (keep != null) {
            options.keepResult(keep);
        }
        Unique unique = unique(typed);
        if (unique != null) {
            options.unique(unique);
        }
    }

    private static @Nullable Unique unique(Typed typed) {
        String how = typed.text(UNIQUE);
        String by = typed.text(UNIQUE_BY);
        if (how == null && by == null) {
            return null;
        }
        Unique unique =
                how == null || how.equals(UNTIL_DONE)
                        ? Unique.untilDone()
                        : how.equals(UNTIL_STARTED)
                                ? Unique.untilStarted()
                                : Unique.within(Times.length(UNIQUE, how));
        return by == null ? unique : unique.by(by);
    }

    private static int enqueue(
            Call call,
            Jobs jobs,
            JobType<ObjectNode, JsonNode> type,
            ObjectNode payload,
            @Nullable Duration await) {
        JobRef<JsonNode> ref = jobs.enqueue(type, payload);
        if (await != null) {
            return JobEnd.await(call, ref, await);
        }
        tell(call, ref);
        return Status.DONE;
    }

    private static void tell(Call call, JobRef<JsonNode> ref) {
        ObjectNode json = Json.object().put("id", ref.id());
        if (ref.isDuplicate()) {
            json.put("duplicate", true);
        }
        // The id alone, so that a script has it at once.
        call.out().say(json, "%s", ref.id());
    }

    private static int enqueueLines(Call call, Jobs jobs, JobType<ObjectNode, JsonNode> type)
            throws IOException {
        long bytesMax = Bodies.bytesMax(call);
        List<ObjectNode> payloads = new ArrayList<>();
        byte[] line = call.input().line(bytesMax);
        while (line != null) {
            String what = "Line " + call.input().lines();
            String text = Input.utf8(what, line);
            if (!text.isBlank()) {
                payloads.add(payload(call, jobs, type, payloads, what, text));
            }
            if (payloads.size() >= TOGETHER_MAX || call.input().isIdle()) {
                submit(call, jobs, type, payloads);
            }
            line = call.input().line(bytesMax);
        }
        submit(call, jobs, type, payloads);
        return Status.DONE;
    }

    /// A line that cannot be read ends it; what came before is submitted all the same, so that the
    /// ids that are printed are those of all lines before it.
    private static ObjectNode payload(
            Call call,
            Jobs jobs,
            JobType<ObjectNode, JsonNode> type,
            List<ObjectNode> before,
            String what,
            String text) {
        try {
            return Json.payload(what, text);
        } catch (ConfigException malformed) {
            submit(call, jobs, type, before);
            throw malformed;
        }
    }

    private static void submit(
            Call call, Jobs jobs, JobType<ObjectNode, JsonNode> type, List<ObjectNode> payloads) {
        jobs.enqueueAll(type, payloads).forEach(ref -> tell(call, ref));
        payloads.clear();
        call.out().flush();
    }
}
