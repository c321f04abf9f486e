package io.millstream.bench;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/// What a benchmark ran on, as the system itself describes it.
public final class Machine {
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
        table.row("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        table.row("disk", disk(data));
        table.row("java", System.getProperty("java.vm.version"));
        table.row("load before the run (1, 5, 15 min)", load());
        return table.toString();
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

    /// How many bytes this process has had written to disks, or 0 where the system does not say.
    public static long bytesWritten() {
        String bytes = field("/proc/self/io", "write_bytes");
        return bytes.equals("?") ? 0 : Long.parseLong(bytes);
    }

    private static String disk(Path data) {
        try {
            Path directory = Files.createDirectories(data);
            FileStore store = Files.getFileStore(directory);
            String device = Path.of(store.name()).getFileName().toString();
            Path block = Path.of("/sys/class/block").resolve(device);
            Path whole = Files.exists(block.resolve("partition")) ? parent(block) : block;
            return "%s on %s, model %s, cache %s, sectors %s/%s"
                    .formatted(
                            store.type(),
                            device,
                            one(whole.resolve("device/model")),
                            one(whole.resolve("queue/write_cache")),
                            one(whole.resolve("queue/logical_block_size")),
                            one(whole.resolve("queue/physical_block_size")));
        } catch (IOException unknown) {
            return "?";
        }
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
