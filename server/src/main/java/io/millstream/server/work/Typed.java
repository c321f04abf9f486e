package io.millstream.server.work;

import io.millstream.server.config.ConfigException;

import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what was typed behind options, and refuses what makes no sense, naming it.
///
/// @param line as picocli has parsed it
public record Typed(ParseResult line) {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Duration TIME_MAX = Duration.ofDays(365);

    /// An option with one value.
    public static OptionSpec option(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .arity("1")
                .description(description.replace("%", "%%"))
                .build();
    }

    /// One that may be given many times.
    static OptionSpec options(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .description(description.replace("%", "%%"))
                .build();
    }

    boolean has(String name) {
        return line.hasMatchedOption(name);
    }

    String text(String name, String usual) {
        return has(name) ? String.valueOf((Object) line.matchedOptionValue(name, usual)) : usual;
    }

    List<String> texts(String name) {
        return line.matchedOptionValue(name, List.<String>of());
    }

    /// A whole number between bounds.
    ///
    /// @throws ConfigException if it is none
    public int number(String name, int usual, int least, int most) {
        String typed = text(name, String.valueOf(usual));
        try {
            int number = Integer.parseInt(typed);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new ConfigException(
                "%s is a number from %d to %d, not %s.".formatted(name, least, most, typed));
    }

    /// A time such as `300ms`, `30s`, `5m`, `2h`, `1d` or `PT1H30M`.
    ///
    /// @throws ConfigException if it is none
    public Duration time(String name, Duration usual, Duration least) {
        if (!has(name)) {
            return usual;
        }
        String typed = text(name, "");
        Duration time = read(name, typed);
        if (time.compareTo(least) < 0 || time.compareTo(TIME_MAX) > 0) {
            throw new ConfigException(
                    "%s is %s or longer, and 365d at most, not %s."
                            .formatted(name, shown(least), typed));
        }
        return time;
    }

    private static Duration read(String name, String typed) {
        Matcher simple = TIME.matcher(typed.toLowerCase(Locale.ROOT));
        if (simple.matches()) {
            long number = Long.parseLong(simple.group(1));
            return switch (simple.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
        try {
            return Duration.parse(typed);
        } catch (DateTimeException _) {
            throw new ConfigException(
                    "%s is a time such as 300ms, 30s, 5m or 2h, not %s.".formatted(name, typed));
        }
    }

    /// A time as it is typed, if it is a round one.
    public static String shown(Duration time) {
        if (time.isZero()) {
            return "0s";
        }
        if (time.toMillis() % 1000 != 0) {
            return time.toMillis() + "ms";
        }
        long seconds = time.toSeconds();
        return seconds % 3600 == 0
                ? seconds / 3600 + "h"
                : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /// The address of something that speaks HTTP.
    static URI address(String what, String typed, String example) {
        try {
            URI address = URI.create(typed);
            String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        // Before an @ there may be a password, and a token behind a question mark.
        boolean maybeSecret = typed.contains("@") || typed.contains("?");
        throw new ConfigException(
                "%s is an address such as %s%s"
                        .formatted(what, example, maybeSecret ? "." : ", not " + typed + "."));
    }
}
