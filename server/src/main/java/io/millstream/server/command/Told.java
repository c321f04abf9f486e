package io.millstream.server.command;

import io.millstream.engine.archive.Manifest;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// What a backup or a restore says that it did.
final class Told {
    private static final int QUEUES_MAX = 100;

    private Told() {}

    /// One line on the whole, and one for each of the first queues by name.
    static void tell(
            PrintStream out, String what, Manifest manifest, long archiveBytes, Duration took) {
        out.println(
                "%s: log position %d of %s, %s messages, %s as %s, %.1f s"
                        .formatted(
                                what,
                                manifest.position(),
                                manifest.time(),
                                grouped(manifest.messages()),
                                size(manifest.bytes()),
                                size(archiveBytes),
                                took.toMillis() / 1000.0));
        int told = 0;
        for (Map.Entry<String, Long> queue : manifest.queues().entrySet()) {
            if (told++ == QUEUES_MAX) {
                out.println(
                        "  and %d queues more".formatted(manifest.queues().size() - QUEUES_MAX));
                break;
            }
            out.println("  %14s  %s".formatted(grouped(queue.getValue()), queue.getKey()));
        }
        out.flush();
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024));
    }
}
