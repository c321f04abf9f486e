package io.millstream.server.work;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/// What the commands find around them, so that tests can run them without a process of their own.
///
/// @param out for what was asked for
/// @param err for the log of what is done, and for what went wrong
/// @param environment the variables
/// @param workingDirectory where relative paths start
/// @param version of the program
/// @param stopSignals has something run each time that the process is asked to stop, until what it
///   returns is closed
public record Around(
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Path workingDirectory,
        String version,
        Function<Runnable, StopSignals> stopSignals) {}
