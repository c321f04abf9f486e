package io.millstream.bench;

import java.util.concurrent.TimeUnit;

/// Processes that a benchmark starts beside itself.
public final class Processes {
    private static final long STOP_SECONDS = 15;

    private Processes() {}

    /// Asks it to end, and kills it if it has not within seconds.
    public static void end(Process process) {
        process.destroy();
        awaitEnd(process);
    }

    /// Waits for its end, and kills it if it has not come within seconds.
    public static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
