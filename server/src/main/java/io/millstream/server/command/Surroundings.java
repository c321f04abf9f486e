package io.millstream.server.command;

import io.millstream.server.broker.StoreOpener;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/// What a command finds around it, so that tests can run one without a process of its own.
///
/// @param in what is piped into it
/// @param out for what was asked for
/// @param err for what went wrong
/// @param environment the variables
/// @param workingDirectory where relative paths start
/// @param version of the program
/// @param opener of the store
/// @param onStopSignal registers what to do when the system asks the process to stop: it returns
///   the status to end with
public record Surroundings(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Path workingDirectory,
        String version,
        StoreOpener opener,
        Consumer<IntSupplier> onStopSignal) {

    /// With nothing piped in.
    public Surroundings(
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            Path workingDirectory,
            String version,
            StoreOpener opener,
            Consumer<IntSupplier> onStopSignal) {
        this(
                InputStream.nullInputStream(),
                out,
                err,
                environment,
                workingDirectory,
                version,
                opener,
                onStopSignal);
    }
}
