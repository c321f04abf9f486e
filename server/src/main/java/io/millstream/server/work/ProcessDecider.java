package io.millstream.server.work;

import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobDecider;
import io.millstream.jobs.JobOutcome;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Does each message by a process of its own: the body is its standard input, what it prints is the
/// result, and its exit status says how it ended. When its thread is interrupted, because the
/// message took too long, was cancelled or lost, or the workers stop, the process and all that
/// descend from it are ended.
///
/// Its pipes are read and written by platform threads, as each of them may block for as long as the
/// process lives. What is written is never waited for: a program need not read its input.
final class ProcessDecider implements JobDecider<Message, JsonNode> {
    /// Not now.
    static final int LATER = 75;

    private static final int INTERRUPTED = 128 + 2;
    private static final int TERMINATED = 128 + 15;

    /// A new pipe takes as much without anybody reading it, on every system.
    private static final int PIPE_BYTES = 4 << 10;

    private static final Duration TERM_TIME = Duration.ofSeconds(1);

    /// How long output is read on after the process has ended, if one that it left behind holds it.
    private static final Duration LINGER = Duration.ofSeconds(2);

    /// The same for one that was ended: a worker that stops does not wait for long.
    private static final Duration LAST_WORDS = Duration.ofMillis(200);

    private final Plan plan;
    private final Shift shift;
    private final PrintStream err;

    /// @param command and its arguments
    /// @param folder where it runs
    /// @param later how long what is not for now waits
    record Plan(List<String> command, Path folder, Duration later) {}

    ProcessDecider(Plan plan, Shift shift, PrintStream err) {
        this.plan = plan;
        this.shift = shift;
        this.err = err;
    }

    @Override
    public JobOutcome<JsonNode> decide(Message message, JobContext context) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(plan.command);
        builder.directory(plan.folder.toFile());
        MessageVariables.put(builder.environment(), message, context);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return JobOutcome.failed(
                    "It cannot be started: " + Answers.line(String.valueOf(e.getMessage()), 300),
                    "");
        }
        JobLog log = new JobLog(process.getErrorStream(), err, context.id());
        Kept output = new Kept(process.getInputStream(), Answers.BYTES_MAX);
        List<Thread> readers = List.of(started("log", log), started("output", output));
        try {
            write(process.getOutputStream(), message.body());
            int status = process.waitFor();
            join(readers, LINGER);
            return outcome(status, output, log, context);
        } catch (InterruptedException _) {
            new Family(process.toHandle()).end(TERM_TIME);
            // Why, is known to who interrupted: this says what the program said until then.
            join(readers, LAST_WORDS);
            return JobOutcome.failed("It was ended", log.end());
        }
    }

    private static Thread started(String what, Runnable task) {
        return Thread.ofPlatform().daemon().name("millstream-process-" + what).start(task);
    }

    private static void write(OutputStream in, Bytes body) {
        Runnable writing =
                () -> {
                    try (in) {
                        in.write(body.toArray());
                    } catch (IOException _) {
                        // It does not read its input, or not all of it.
                    }
                };
        if (body.length() <= PIPE_BYTES) {
            writing.run();
        } else {
            started("input", writing);
        }
    }

    private static void join(List<Thread> readers, Duration each) {
        try {
            for (Thread reader : readers) {
                reader.join(each);
            }
        } catch (InterruptedException _) {
            // What has been read is all there is.
        }
    }

    private JobOutcome<JsonNode> outcome(int status, Kept output, JobLog log, JobContext context)
            throws InterruptedException {
        if (status == 0) {
            boolean isLost = output.isTooLong() && context.isAwaited();
            return isLost
                    ? JobOutcome.dead(Answers.tooLong("what it printed"))
                    : JobOutcome.done(output.isTooLong() ? null : Answers.result(output.bytes()));
        }
        if (status == LATER) {
            return JobOutcome.snooze(plan.later);
        }
        boolean isSignalled = status == INTERRUPTED || status == TERMINATED;
        if (isSignalled && shift.isStopping()) {
            // The signal was meant for the worker, and reached both.
            return JobOutcome.snooze(Duration.ZERO);
        }
        String said = log.lastLine();
        return JobOutcome.failed(
                "exit status " + status + (said.isEmpty() ? "" : ": " + said), log.end());
    }
}
