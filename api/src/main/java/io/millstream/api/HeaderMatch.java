package io.millstream.api;

import java.util.List;

/// What headers a binding of a headers exchange takes.
///
/// A value is equal if it is of the same kind (text, number or bytes, whatever its refinement), and
/// for numbers if they are the same number.
///
/// @param mode how many must fit
/// @param equal headers that must be there with an equal value
/// @param present names of headers that must be there
public record HeaderMatch(Mode mode, List<Header> equal, List<String> present) {

    /// How many of the asked headers must fit: AMQP's `x-match`.
    public enum Mode {
        /// All of those whose name does not begin with `x-`; the others are not looked at.
        ALL,
        /// One of those whose name does not begin with `x-`.
        ANY,
        /// All.
        ALL_WITH_X,
        /// One.
        ANY_WITH_X;

        /// Whether names that begin with `x-` count.
        public boolean looksAt(String name) {
            return this == ALL_WITH_X || this == ANY_WITH_X || !name.startsWith("x-");
        }

        /// Whether one is enough.
        public boolean isAny() {
            return this == ANY || this == ANY_WITH_X;
        }
    }

    /// How many headers it may ask for.
    public static final int HEADERS_MAX = 1000;

    /// How many characters and bytes they may have together.
    public static final int CHARS_MAX = 1 << 18;

    /// Copies the lists and refuses to ask for too much.
    public HeaderMatch {
        equal = List.copyOf(equal);
        present = List.copyOf(present);
        long chars =
                equal.stream().mapToLong(Header::bytes).sum()
                        + present.stream().mapToLong(String::length).sum();
        if (equal.size() + present.size() > HEADERS_MAX || chars > CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A binding asks for at most %d headers of %d characters together, not %d of %d"
                            .formatted(
                                    HEADERS_MAX, CHARS_MAX, equal.size() + present.size(), chars));
        }
    }

    /// All of these must be there with these values.
    public static HeaderMatch all(Header... headers) {
        return new HeaderMatch(Mode.ALL, List.of(headers), List.of());
    }

    /// One of these must be there with this value.
    public static HeaderMatch any(Header... headers) {
        return new HeaderMatch(Mode.ANY, List.of(headers), List.of());
    }
}
