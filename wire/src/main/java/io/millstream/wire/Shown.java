package io.millstream.wire;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// How a value that was read is shown in an error: never all of it, which may be large or private.
final class Shown {
    private static final int CHARS_MAX = 40;

    private Shown() {}

    /// In words, behind "is".
    static String of(@Nullable Object raw) {
        return switch (raw) {
            case null -> "null";
            case String text -> "the text \"" + cut(text, CHARS_MAX) + "\"";
            case Map<?, ?> _ -> "an object";
            case List<?> _ -> "an array";
            case Boolean truth -> truth.toString();
            default -> "the number " + cut(raw.toString(), CHARS_MAX);
        };
    }

    static String cut(String text, int charsMax) {
        if (text.length() <= charsMax) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(charsMax - 1)) ? charsMax - 1 : charsMax;
        return text.substring(0, end) + "…";
    }
}
