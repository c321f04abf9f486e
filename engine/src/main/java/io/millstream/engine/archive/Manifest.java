package io.millstream.engine.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a backup is of, as the first thing in its archive says, in lines of text:
///
/// ```
/// Millstream backup. Restore it with: millstream restore FILE DIR
/// format=1
/// product=0.1.0
/// directory=6f1c0c7f5b7e2a11
/// position=123457536
/// epoch=7
/// time=2026-11-25T21:34:25.123Z
/// file=119 millstream-format
/// file=4096 log-0002
/// queue=1200 mail
/// ```
///
/// Files and queues are lines with a number and a name, as in a form on the web: a queue may have
/// any character in its name.
///
/// @param product the version of the program that took it
/// @param directory the random id of the directory, in hexadecimal
/// @param position of the log: everything before it is in the backup, and nothing from it on
/// @param epoch the opening of the directory in which it was taken
/// @param time when, by the engine's clock
/// @param files what the restored directory consists of, in the order of the archive
/// @param queues how many messages each queue holds
public record Manifest(
        String product,
        String directory,
        long position,
        int epoch,
        Instant time,
        List<File> files,
        Map<String, Long> queues) {
    private static final String FORMAT = "1";
    private static final String TITLE =
            "Millstream backup. Restore it with: millstream restore FILE DIR";

    /// A file.
    ///
    /// @param name in the directory
    /// @param bytes its length
    public record File(String name, long bytes) {}

    /// Copies the lists.
    public Manifest {
        files = List.copyOf(files);
        queues = new TreeMap<>(queues);
    }

    /// The bytes of all files.
    public long bytes() {
        return files.stream().mapToLong(File::bytes).sum();
    }

    /// The messages of all queues.
    public long messages() {
        return queues.values().stream().mapToLong(Long::longValue).sum();
    }

    String text() {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        line(text, "format", FORMAT);
        line(text, "product", encoded(product));
        line(text, "directory", directory);
        line(text, "position", Long.toString(position));
        line(text, "epoch", Integer.toString(epoch));
        line(text, "time", time.toString());
        files.forEach(file -> line(text, "file", file.bytes + " " + encoded(file.name)));
        queues.forEach((name, count) -> line(text, "queue", count + " " + encoded(name)));
        return text.toString();
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append('=').append(value).append('\n');
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    static Manifest parse(String text) throws IOException {
        Map<String, String> values = new HashMap<>();
        List<File> files = new ArrayList<>();
        Map<String, Long> queues = new TreeMap<>();
        try {
            for (String line : text.lines().toList()) {
                int at = line.indexOf('=');
                String value = line.substring(at + 1);
                switch (at < 0 ? "" : line.substring(0, at)) {
                    case "" -> {}
                    case "file" -> files.add(new File(name(value), number(value)));
                    case "queue" -> queues.put(name(value), number(value));
                    default -> values.put(line.substring(0, at), value);
                }
            }
            requireFormat(values.getOrDefault("format", "none"));
            return new Manifest(
                    URLDecoder.decode(values.getOrDefault("product", ""), UTF_8),
                    values.getOrDefault("directory", ""),
                    Long.parseLong(values.getOrDefault("position", "")),
                    Integer.parseInt(values.getOrDefault("epoch", "")),
                    Instant.parse(values.getOrDefault("time", "")),
                    files,
                    queues);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException e) {
            throw new DamagedArchiveException("its manifest is not readable: " + e.getMessage());
        }
    }

    private static void requireFormat(String format) throws IOException {
        if (!format.equals(FORMAT)) {
            throw new IOException(
                    ("The archive has format %s and this version reads format %s. Restore it with"
                                    + " the version that took it, or a later one.")
                            .formatted(format, FORMAT));
        }
    }

    private static long number(String value) {
        return Long.parseLong(value.substring(0, value.indexOf(' ')));
    }

    private static String name(String value) {
        return URLDecoder.decode(value.substring(value.indexOf(' ') + 1), UTF_8);
    }
}
