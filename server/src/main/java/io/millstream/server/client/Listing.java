package io.millstream.server.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Things of a kind: columns that stand below each other for people, with numbers to the right, or
/// one JSON object each.
final class Listing {
    private static final String GAP = "  ";

    private final Output out;
    private final List<String> titles;
    private final List<Object[]> rows = new ArrayList<>();

    Listing(Output out, String... titles) {
        this.out = out;
        this.titles = List.of(titles);
    }

    /// @param json the thing for programs, in UTF-8
    /// @param cells the thing for people, one for each title
    void row(Supplier<byte[]> json, Object... cells) {
        if (out.isJson()) {
            out.json(json.get());
        } else {
            rows.add(cells);
        }
    }

    /// Prints what has not been.
    void end() {
        if (out.isJson()) {
            return;
        }
        int[] widths = new int[titles.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] =
                    Math.max(
                            titles.get(i).length(),
                            rows.stream()
                                    .mapToInt(row -> text(row[column]).length())
                                    .max()
                                    .orElse(0));
        }
        out.line(line(titles.toArray(), widths));
        rows.forEach(row -> out.line(line(row, widths)));
    }

    private String line(Object[] cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String text = text(cells[i]);
            String space = " ".repeat(widths[i] - text.length());
            boolean isRight = !rows.isEmpty() && rows.getFirst()[i] instanceof Number;
            line.append(isRight ? space + text : text + space).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    private static String text(Object cell) {
        return Texts.orDash(Texts.line(cell.toString()));
    }
}
