package io.millstream.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Patterns fit the texts that they fit by their definition.
class WildcardTest {

    /// As the words say it: slow and obvious.
    private static boolean slowlyFits(String pattern, String text) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        char first = pattern.charAt(0);
        if (first == '*') {
            return slowlyFits(pattern.substring(1), text)
                    || (!text.isEmpty() && slowlyFits(pattern, text.substring(1)));
        }
        int literal = first == '\\' && pattern.length() > 1 ? 1 : 0;
        return !text.isEmpty()
                && text.charAt(0) == pattern.charAt(literal)
                && slowlyFits(pattern.substring(literal + 1), text.substring(1));
    }

    private static String text(Random random, String letters, int most) {
        return Stream.generate(() -> letters.charAt(random.nextInt(letters.length())))
                .limit(random.nextInt(most))
                .map(String::valueOf)
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void a_pattern_fits_what_a_slow_look_says(int seed) {
        Random random = new Random(seed);
        int fitting = 0;
        for (int round = 0; round < 20_000; round++) {
            String pattern = text(random, round % 2 == 0 ? "ab*" : "aab**\\", 9);
            String text = text(random, "aaab*", 13);
            boolean fits = Wildcard.fits(pattern, text);
            fitting += fits ? 1 : 0;
            assertThat(fits).as("%s on %s", pattern, text).isEqualTo(slowlyFits(pattern, text));
        }
        assertThat(fitting).isPositive();
    }

    @Test
    void a_part_is_found_that_begins_like_itself_several_times() {
        String part = "a".repeat(5000) + "b";

        assertThat(Wildcard.fits("*" + part + "*", "a".repeat(200_000))).isFalse();
        assertThat(Wildcard.fits("*" + part + "*", "a".repeat(200_000) + "bc")).isTrue();
    }

    @Test
    void what_begins_and_what_ends_do_not_overlap() {
        assertThat(Wildcard.fits("aba*aba", "ababa")).isFalse();
        assertThat(Wildcard.fits("aba*aba", "abaaba")).isTrue();
        assertThat(Wildcard.fits("ab*ba*ab", "abab")).isFalse();
        assertThat(Wildcard.fits("ab*ba*ab", "abbaab")).isTrue();
    }
}
