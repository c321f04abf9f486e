package io.millstream.server.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Guesses which name somebody meant.
public final class Nearest {
    private Nearest() {}

    /// The known name that a typing mistake or two lead to `typed` from, if there is one.
    public static Optional<String> to(String typed, Collection<String> known) {
        // A third of the letters: `prot` may be `port`, but `x` is no misspelling of `data`.
        int most = Math.max(1, typed.length() / 3);
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .filter(name -> distance(typed, name) <= most);
    }

    /// How many letters must be inserted, removed, replaced or swapped with their neighbour.
    static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, from, to, i, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int cheapest(int[][] cost, String from, String to, int i, int j) {
        int replaced = cost[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
