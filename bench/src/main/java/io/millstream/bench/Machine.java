package io.millstream.bench;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/// What a benchmark ran on, as the system itself describes it.
public final class Machine {
    private static final int SECTOR_BYTES = 512;
    private static final int TICKS_PER_SECOND = 100;

    // Columns of /sys/class/block/DEVICE/stat and of the first line of /proc/stat.
    private static final int SECTORS_WRITTEN = 6;
    private static final int USER = 1;
    private static final int NICE = 2;
    private static final int SYSTEM = 3;
    private static final int INTERRUPTS = 6;
    private static final int SOFT_INTERRUPTS = 7;
    private static final int STOLEN = 8;

    private Machine() {}

    /// One table of it, for the head of a report; `data` is where the benchmark's files lie.
    public static String describe(Path data) {
        Table table = new Table("what", "value");
        table.row("date", LocalDate.now(ZoneOffset.UTC));
        table.row(
                "cores",
                Runtime.getRuntime().availableProcessors()
                        + " × "
                        + field("/proc/cpuinfo", "model name"));
        table.row("memory", field("/proc/meminfo", "MemTotal"));
        table.row("kernel", System.getProperty("os.name") + " " + kernel());
        table.row("disk", disk(data));
        table.row("java", System.getProperty("java.vm.version"));
        table.row("load before the run (1, 5, 15 min)", load());
        return table.toString();
    }

    /// Its number, without what those who built it added.
    private static String kernel() {
        return System.getProperty("os.version").replaceAll("-.*", "");
    }

    /// The load averages, or `?` where there are none.
    public static String load() {
        List<String> line = lines(Path.of("/proc/loadavg"));
        if (line.isEmpty()) {
            return "?";
        }
        String[] words = line.getFirst().split(" ");
        return words[0] + ", " + words[1] + ", " + words[2];
    }

    /// How many bytes have been written to the disk under `data`, by anybody, or 0 where the system
    /// does not say. (What it says of one process counts whole pages, large ones too.)
    public static long bytesWritten(Path data) {
        try {
            Path stat = block(Files.getFileStore(data)).resolve("stat");
            return Long.parseLong(one(stat).split(" +")[SECTORS_WRITTEN]) * SECTOR_BYTES;
        } catch (IOException | RuntimeException unknown) {
            return 0;
        }
    }

    /// How long the processors have worked, for anybody.
    public static double busySeconds() {
        return processorSeconds(USER, NICE, SYSTEM, INTERRUPTS, SOFT_INTERRUPTS);
    }

    /// How long the processors would have worked and were not given to this machine by its host.
    public static double stolenSeconds() {
        return processorSeconds(STOLEN);
    }

    /// How long the processors have worked for this process.
    public static double ownSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos()
                / 1e9;
    }

    private static double processorSeconds(int... columns) {
        String[] words = one(Path.of("/proc/stat")).split(" +");
        double ticks = 0;
        for (int column : columns) {
            ticks += words.length > column ? Double.parseDouble(words[column]) : 0;
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static String disk(Path data) {
        try {
            FileStore store = Files.getFileStore(Files.createDirectories(data));
            Path block = block(store);
            Path whole = Files.exists(block.resolve("partition")) ? parent(block) : block;
            return "%s on %s, model %s, cache %s, sectors %s/%s"
                    .formatted(
                            store.type(),
                            block.getFileName(),
                            one(whole.resolve("device/model")),
                            one(whole.resolve("queue/write_cache")),
                            one(whole.resolve("queue/logical_block_size")),
                            one(whole.resolve("queue/physical_block_size")));
        } catch (IOException unknown) {
            return "?";
        }
    }

    private static Path block(FileStore store) {
        return Path.of("/sys/class/block").resolve(Path.of(store.name()).getFileName());
    }

    private static Path parent(Path block) throws IOException {
        Path real = block.toRealPath().getParent();
        return real == null ? block : real;
    }

    private static String one(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? "not told" : lines.getFirst().strip();
    }

    private static String field(String file, String name) {
        return lines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("?");
    }

    private static List<String> lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.toList();
        } catch (IOException absent) {
            return List.of();
        }
    }
}
