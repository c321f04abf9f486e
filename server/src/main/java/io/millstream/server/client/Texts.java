package io.millstream.server.client;

import org.jspecify.annotations.Nullable;

/// Texts of others as they may be shown at a terminal: in one line, and without characters that a
/// terminal obeys.
final class Texts {
    private static final int SHOWN_CHARS_MAX = 60;

    private Texts() {}

    /// What somebody typed, or the beginning of it.
    static String shown(String text) {
        return text.isEmpty() ? "empty" : cut(text, SHOWN_CHARS_MAX);
    }

    /// The beginning of a text, in one line.
    static String cut(String text, int chars) {
        String line = line(text.length() > 4 * chars ? text.substring(0, 4 * chars) : text);
        return line.length() <= chars ? line : line.substring(0, chars - 1) + "…";
    }

    /// A text in one line.
    static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        boolean isSpace = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                if (!isSpace) {
                    line.append(' ');
                }
                isSpace = true;
            } else {
                line.append(c);
                isSpace = c == ' ';
            }
        }
        return line.toString().strip();
    }

    static String orDash(@Nullable Object value) {
        String text = value == null ? "" : value.toString();
        return text.isEmpty() ? "-" : text;
    }

    /// `1 message`, `2 messages`.
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
