package io.millstream.server.client;

import io.millstream.server.config.ConfigException;
import io.millstream.server.config.Nearest;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ParseResult;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What was typed after a command.
///
/// @param result as it was taken apart
record Typed(ParseResult result) {

    /// What somebody is told who typed something else.
    static ConfigException wrong(String what, String typed, String right) {
        return new ConfigException("%s is %s. %s".formatted(what, Texts.shown(typed), right));
    }

    boolean has(String option) {
        return result.hasMatchedOption(option);
    }

    @Nullable String text(String option) {
        return result.matchedOptionValue(option, null);
    }

    String text(String option, String otherwise) {
        return result.matchedOptionValue(option, otherwise);
    }

    List<String> texts(String option) {
        return result.matchedOptionValue(option, List.of());
    }

    /// The word at a place, or null if there is none.
    @Nullable String word(int place) {
        return result.matchedPositionalValue(place, null);
    }

    /// The word at a place that has one.
    String word(int place, String otherwise) {
        return result.matchedPositionalValue(place, otherwise);
    }

    /// All words, each once, in order.
    List<String> words() {
        List<String> words = result.matchedPositionalValue(0, List.of());
        return words.stream().distinct().toList();
    }

    @Nullable Integer whole(String option, int least, int most) {
        String text = text(option);
        if (text == null) {
            return null;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw wrong(option, text, "Give a whole number from %d to %d.".formatted(least, most));
    }

    int whole(String option, int otherwise, int least, int most) {
        Integer number = whole(option, least, most);
        return number == null ? otherwise : number;
    }

    @Nullable Long large(String option, long least) {
        String text = text(option);
        if (text == null) {
            return null;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw wrong(option, text, "Give a whole number from %d on.".formatted(least));
    }

    @Nullable Duration time(String option) {
        String text = text(option);
        return text == null ? null : Times.length(option, text);
    }

    Duration time(String option, Duration otherwise) {
        Duration time = time(option);
        return time == null ? otherwise : time;
    }

    @Nullable Instant moment(String option) {
        String text = text(option);
        return text == null ? null : Times.moment(option, text);
    }

    /// One of an enumeration, by its words with hyphens.
    <E extends Enum<E>> @Nullable E oneOf(String option, Class<E> type) {
        String text = text(option);
        if (text == null) {
            return null;
        }
        List<String> words = Arrays.stream(type.getEnumConstants()).map(Typed::word).toList();
        int index = words.indexOf(text.toLowerCase(Locale.ROOT));
        if (index >= 0) {
            return type.getEnumConstants()[index];
        }
        String all = "Give one of " + String.join(", ", words) + ".";
        throw wrong(
                option,
                text,
                Nearest.to(text, words)
                        .map(near -> "Did you mean " + near + "? " + all)
                        .orElse(all));
    }

    static String word(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Refuses two options that contradict each other.
    void notBoth(String one, String other) {
        if (has(one) && has(other)) {
            throw new ConfigException("%s and %s exclude each other.".formatted(one, other));
        }
    }
}
