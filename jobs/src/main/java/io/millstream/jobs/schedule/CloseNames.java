package io.millstream.jobs.schedule;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What somebody may have meant who wrote a name that does not exist.
final class CloseNames {
    private static final int NAMES_MAX = 3;
    private static final int NAME_CHARS_MAX = 64;

    private record Close(String name, int distance) {}

    private CloseNames() {}

    /// The zone with this id.
    ///
    /// @throws IllegalArgumentException if there is none
    static ZoneId zone(String id) {
        try {
            return ZoneId.of(id);
        } catch (DateTimeException _) {
            List<String> close = of(id, ZoneId.getAvailableZoneIds());
            throw new IllegalArgumentException(
                    "There is no time zone \"%s\". %s"
                            .formatted(
                                    CronText.shown(id),
                                    close.isEmpty()
                                            ? "Name one such as Europe/Berlin, America/New_York or"
                                                    + " UTC."
                                            : "Did you mean " + String.join(", ", close) + "?"));
        }
    }

    /// Those of the names that are closest to what was written, the closest first: up to three that
    /// need the fewest changes of a character, or at most twice as many, and no more than a third
    /// of what was written. Upper and lower case are alike. A name with slashes may be meant by
    /// what is after the last.
    static List<String> of(String written, Collection<String> names) {
        if (written.length() > NAME_CHARS_MAX) {
            return List.of();
        }
        String plain = plain(written);
        List<Close> close =
                names.stream()
                        .map(name -> new Close(name, distance(plain, name)))
                        .filter(one -> one.distance <= Math.max(1, plain.length() / 3))
                        .sorted(Comparator.comparingInt(Close::distance).thenComparing(Close::name))
                        .toList();
        return close.stream()
                .filter(one -> one.distance <= 2 * close.getFirst().distance)
                .limit(NAMES_MAX)
                .map(Close::name)
                .toList();
    }

    private static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replace(' ', '_');
    }

    private static int distance(String written, String name) {
        String whole = plain(name);
        int slash = whole.lastIndexOf('/');
        int distance = changes(written, whole);
        return slash < 0 || written.indexOf('/') >= 0
                ? distance
                : Math.min(distance, changes(written, whole.substring(slash + 1)));
    }

    /// How many characters are to be put in, left out, replaced, or swapped with the next.
    private static int changes(String from, String to) {
        int[][] least = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                least[i][j] = i == 0 || j == 0 ? i + j : step(least, from, to, i, j);
            }
        }
        return least[from.length()][to.length()];
    }

    private static int step(int[][] least, String from, String to, int i, int j) {
        int replaced = least[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, 1 + Math.min(least[i - 1][j], least[i][j - 1]));
        boolean isSwapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return isSwapped ? Math.min(best, least[i - 2][j - 2] + 1) : best;
    }
}
