package io.millstream.server.client;

/// With what a client's command ends; scripts rely on the numbers.
final class Status {
    static final int DONE = 0;

    /// It was refused, or is not there, or nobody answers.
    static final int FAILED = 1;

    /// What was typed makes no sense, as for every command.
    static final int SLIP = 2;

    /// Nothing came in time: no message to receive, no end of a job, no binding that takes a
    /// message.
    static final int NOTHING = 3;

    /// The job that was awaited has ended, and not as done.
    static final int JOB_FAILED = 4;

    /// Somebody stopped it, as shells say it of Ctrl-C.
    static final int STOPPED = 130;

    private Status() {}
}
