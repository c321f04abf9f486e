package io.millstream.server;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;

/// The entry point of the single jar.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            out.println("millstream " + version());
            return 0;
        }
        err.println("This build only knows --version. Run: millstream --version");
        return 2;
    }

    private static String version() {
        @Nullable String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not run from the jar)" : version;
    }
}
