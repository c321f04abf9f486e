package io.millstream.server.jobs;

import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Trouble;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What follows the question mark of a request, read strictly: each name is known and given once.
///
/// @param given what was given
record Parameters(Map<String, List<String>> given) {
    static final String LIMIT = "limit";
    static final String AFTER = "after";
    static final int LIMIT_USUAL = 100;
    static final int LIMIT_MAX = 1000;

    /// @param known the names that there are
    /// @throws ProblemException if another one is given, or one twice
    static Parameters of(Asked asked, String... known) {
        List<String> names = List.of(known);
        asked.query()
                .forEach((name, values) -> {
                    if (!names.contains(name)) {
                        throw wrong(
                                name,
                                "is not known here",
                                names.isEmpty()
                                        ? "Leave it out"
                                        : "Leave it out, or give one of "
                                                + String.join(", ", names));
                    }
                    if (values.size() > 1) {
                        throw wrong(name, "is given twice", "Give it once");
                    }
                });
        return new Parameters(asked.query());
    }

    static ProblemException wrong(String name, String wrong, String right) {
        return Trouble.MALFORMED.with(
                "The parameter %s %s. %s.".formatted(JsonIn.cut(name), wrong, right));
    }

    @Nullable String text(String name) {
        List<String> values = given.get(name);
        return values == null ? null : values.getFirst();
    }

    int whole(String name, int usual, int least, int most) {
        String text = text(name);
        if (text == null) {
            return usual;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw wrong(
                name,
                "is \"" + JsonIn.cut(text) + "\"",
                "Give a whole number from %d to %d".formatted(least, most));
    }

    @Nullable Instant time(String name) {
        String text = text(name);
        return text == null ? null : JsonIn.time(name, text);
    }

    int limit() {
        return whole(LIMIT, LIMIT_USUAL, 1, LIMIT_MAX);
    }

    @Nullable String after() {
        return text(AFTER);
    }
}
