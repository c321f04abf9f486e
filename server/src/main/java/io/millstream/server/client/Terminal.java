package io.millstream.server.client;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/// What a command finds around it.
///
/// @param in what is piped into it
/// @param out for what was asked for
/// @param err for what went wrong, and for remarks
/// @param environment the variables
/// @param onStopSignal registers what to do when the system asks the process to stop: it returns
///   the status to end with
public record Terminal(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Consumer<IntSupplier> onStopSignal) {}
