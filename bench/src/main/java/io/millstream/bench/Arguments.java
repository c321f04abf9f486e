package io.millstream.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Options of the command line: `--name value`, each of them optional.
public final class Arguments {
    private static final Set<String> KNOWN =
            new TreeSet<>(
                    List.of(
                            "seconds",
                            "bytes",
                            "outstanding",
                            "connections",
                            "rounds",
                            "messages",
                            "rate",
                            "gigabytes",
                            "mode",
                            "kind",
                            "data",
                            "port",
                            "database",
                            "root",
                            "peers",
                            "workers",
                            "finished",
                            "keys",
                            "address"));

    private final Map<String, String> values = new HashMap<>();

    /// Reads options.
    ///
    /// @throws IllegalArgumentException if one is unknown or has no value
    public Arguments(List<String> words) {
        for (int i = 0; i < words.size(); i += 2) {
            String word = words.get(i);
            String name = word.startsWith("--") ? word.substring(2) : word;
            if (!KNOWN.contains(name) || i + 1 == words.size()) {
                throw new IllegalArgumentException(
                        "%s is not an option with a value. Options: %s".formatted(word, KNOWN));
            }
            values.put(name, words.get(i + 1));
        }
    }

    /// How long each measurement lasts.
    public double seconds(double otherwise) {
        return Double.parseDouble(text("seconds", String.valueOf(otherwise)));
    }

    /// A number.
    public int number(String name, int otherwise) {
        return Integer.parseInt(text(name, String.valueOf(otherwise)));
    }

    /// Numbers separated by commas.
    public List<Integer> numbers(String name, String otherwise) {
        return Arrays.stream(text(name, otherwise).split(",")).map(Integer::valueOf).toList();
    }

    /// Any text.
    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /// The directory below which data lies while a benchmark runs.
    public Path data() {
        return Path.of(text("data", "bench/target"));
    }
}
