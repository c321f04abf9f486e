package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The tables of a page for users below "What each action refuses", and its list of codes.
final class ErrorTables {
    private static final Pattern RUN = Pattern.compile("\\{x (\\d+)}");
    private static final String COLUMNS = "| request | code | status | text | source |";

    private final List<String> lines;

    /// @param page its path from the root
    ErrorTables(String page) {
        // The tests run in their module's folder, some development environments in the root.
        Path path = Files.exists(Path.of(page)) ? Path.of(page) : Path.of("..", page);
        try {
            this.lines = Files.readAllLines(path.toAbsolutePath());
        } catch (IOException e) {
            throw new AssertionError(page + " cannot be read", e);
        }
    }

    /// One of them.
    ///
    /// @param section what it stands below
    /// @param status of the answer, one for each protocol if they differ
    record Row(
            String section,
            String action,
            String request,
            String code,
            String status,
            String text) {
        @Override
        public String toString() {
            return action + ' ' + request;
        }

        String status(int protocol) {
            String[] statuses = status.split(" / ");
            return statuses[Math.min(protocol, statuses.length - 1)];
        }

        /// The error that XML tells.
        void assertToldBy(String xml) {
            assertThat(xml).contains("<Code>" + code + "</Code>");
            String told = xml.replace("&quot;", "\"").replace("&lt;", "<");
            assertThat(told.replace("&gt;", ">")).contains(text);
        }
    }

    Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        String section = "";
        boolean inTable = false;
        for (String line : lines) {
            if (line.startsWith("#### ")) {
                section = line.substring(5);
            }
            inTable = line.equals(COLUMNS) || (inTable && line.startsWith("|"));
            if (inTable && line.startsWith("| `")) {
                rows.add(row(section, line));
            }
        }
        return rows.stream();
    }

    private static Row row(String section, String line) {
        String[] cells = line.substring(2, line.length() - 2).split(" \\| ");
        assertThat(cells).as(line).hasSize(5);
        String request = cells[0].substring(1, cells[0].length() - 1);
        int space = request.indexOf(' ');
        return new Row(
                section,
                request.substring(0, space),
                request.substring(space + 1),
                cells[1],
                cells[2],
                cells[3]);
    }

    void assertReadToTheirEnds() {
        long tables = lines.stream().filter(COLUMNS::equals).count();
        long all =
                lines.stream()
                        .dropWhile(line -> !line.equals("### What each action refuses"))
                        .filter(line -> line.startsWith("|"))
                        .count();

        assertThat(rows().count()).isEqualTo(all - 2 * tables);
    }

    /// The codes that the page lists, and what each is called in JSON.
    Map<String, String> types() {
        return lines.stream()
                .map(line -> line.split(" \\| "))
                .filter(cells -> cells.length == 3 && cells[1].startsWith("com.amazon"))
                .collect(Collectors.toMap(cells -> cells[0].substring(2), cells -> cells[1]));
    }

    /// A request with values for what stands for them, and `{x N}` for so many letters.
    static String filled(String request, Map<String, String> values) {
        String filled = request;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace(value.getKey(), value.getValue());
        }
        return RUN.matcher(filled)
                .replaceAll(run ->
                        Matcher.quoteReplacement("x".repeat(Integer.parseInt(run.group(1)))));
    }
}
