package io.millstream.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// A table in Markdown that also reads well as plain text.
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /// A table with these headings.
    public Table(String... headings) {
        rows.add(List.of(headings));
    }

    /// Adds a row.
    public void row(Object... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    "%d cells under %d headings".formatted(cells.length, rows.getFirst().size()));
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).toList());
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines =
                new ArrayList<>(rows.stream().map(row -> line(row, widths, " ")).toList());
        List<String> rule = Arrays.stream(widths).mapToObj("-"::repeat).toList();
        lines.add(1, line(rule, widths, " "));
        return String.join("\n", lines) + "\n";
    }

    private static String line(List<String> cells, int[] widths, String pad) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            padded.add(cells.get(i) + pad.repeat(widths[i] - cells.get(i).length()));
        }
        return padded.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }
}
