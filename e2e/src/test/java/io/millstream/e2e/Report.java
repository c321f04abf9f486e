package io.millstream.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The figures of a long test, as a block that can be quoted: logged, and kept in `target`.
final class Report {
    private static final System.Logger LOG = System.getLogger("report");

    private final String title;
    private final long startNanos = System.nanoTime();
    private final Map<String, String> lines = new LinkedHashMap<>();
    private final List<Duration> restarts = new ArrayList<>();

    Report(String title) {
        this.title = title;
    }

    static void note(String text) {
        LOG.log(System.Logger.Level.INFO, text);
    }

    Report line(String what, long figure) {
        return line(what, String.format(Locale.ROOT, "%,d", figure));
    }

    Report line(String what, String text) {
        lines.put(what, text);
        return this;
    }

    /// From the end of a server to the next one that is ready.
    void restarted(Duration took) {
        restarts.add(took);
    }

    Report ledger(Ledger ledger) {
        line("acknowledged", ledger.acknowledged());
        line("received", ledger.receives());
        line("deleted", ledger.deletes());
        line("unknown", ledger.unknown());
        line("lost", ledger.lost().size());
        line("resurrected", ledger.resurrections());
        return line("corrupt", ledger.corruptions());
    }

    void publish(String file) throws IOException {
        if (!restarts.isEmpty()) {
            Collections.sort(restarts);
            Duration middle = restarts.get(restarts.size() / 2);
            line("restart", "p50 " + seconds(middle) + ", max " + seconds(restarts.getLast()));
        }
        line("took", seconds(Duration.ofNanos(System.nanoTime() - startNanos)));
        StringBuilder block = new StringBuilder(title + "\n");
        lines.forEach((what, text) ->
                block.append(String.format(Locale.ROOT, "  %-13s %s%n", what, text)));
        note(block.toString());
        Files.writeString(Files.createDirectories(Path.of("target")).resolve(file), block);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toMillis() / 1000.0);
    }
}
