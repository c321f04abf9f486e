package io.millstream.server.command;

/// With what a process ends; scripts rely on the numbers.
final class ExitStatus {
    static final int DONE = 0;

    /// Something around the program does not work.
    static final int FAILED = 1;

    /// The program was told something that it does not understand. Nothing was touched.
    static final int USAGE = 2;

    private ExitStatus() {}
}
