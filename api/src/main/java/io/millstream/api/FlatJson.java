package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/// A JSON object whose members are texts and whole numbers, written into one text and read out of
/// one. For what is written so often that a tree of it would cost more than all the rest.
final class FlatJson {
    private static final int TEXT_CHARS = 160;
    private static final char CONTROL_END = ' ';
    private static final int HEX_DIGITS = 4;
    private static final int HEX_RADIX = 16;

    private final StringBuilder text = new StringBuilder(TEXT_CHARS).append('{');

    /// Adds a text.
    FlatJson put(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    /// Adds a number.
    FlatJson put(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    /// Adds a text, if there is one.
    FlatJson maybe(String name, @Nullable String value) {
        return value == null ? this : put(name, value);
    }

    /// Adds a number, if there is one.
    FlatJson maybe(String name, @Nullable Long value) {
        return value == null ? this : put(name, value);
    }

    private void name(String name) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(name);
        text.append(':');
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            switch (next) {
                case '"', '\\' -> text.append('\\').append(next);
                default -> {
                    if (next < CONTROL_END || isAlone(value, i)) {
                        text.append("\\u").append(hex(next));
                    } else {
                        text.append(next);
                    }
                }
            }
        }
        text.append('"');
    }

    /// Half of a character that is two, without the other half: UTF-8 has no bytes for it.
    private static boolean isAlone(String value, int at) {
        char half = value.charAt(at);
        if (Character.isHighSurrogate(half)) {
            return at + 1 == value.length() || !Character.isLowSurrogate(value.charAt(at + 1));
        }
        return Character.isLowSurrogate(half)
                && (at == 0 || !Character.isHighSurrogate(value.charAt(at - 1)));
    }

    private static String hex(char code) {
        String digits = Integer.toString(code, HEX_RADIX);
        return "0".repeat(HEX_DIGITS - digits.length()) + digits;
    }

    /// The object.
    @Override
    public String toString() {
        return text + "}";
    }

    /// The members of an object, each a [String] or a [Long]; null if the text is anything else.
    static @Nullable Map<String, Object> read(String text) {
        return new Reader(text).object();
    }

    /// Reads one text, once.
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        @Nullable Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            if (!skips('{')) {
                return null;
            }
            while (members.isEmpty() || skips(',')) {
                String name = string();
                Object value = name == null || !skips(':') ? null : value();
                if (name == null || value == null) {
                    return null;
                }
                members.put(name, value);
            }
            return skips('}') && at == text.length() ? members : null;
        }

        private boolean skips(char wanted) {
            boolean is = at < text.length() && text.charAt(at) == wanted;
            at += is ? 1 : 0;
            return is;
        }

        private @Nullable Object value() {
            return at < text.length() && text.charAt(at) == '"' ? string() : number();
        }

        private @Nullable Long number() {
            int start = at;
            while (at < text.length() && (text.charAt(at) == '-' || isDigit(text.charAt(at)))) {
                at++;
            }
            try {
                return Long.valueOf(text.substring(start, at));
            } catch (NumberFormatException _) {
                return null;
            }
        }

        private static boolean isDigit(char one) {
            return one >= '0' && one <= '9';
        }

        private @Nullable String string() {
            if (!skips('"')) {
                return null;
            }
            StringBuilder value = new StringBuilder();
            while (at < text.length()) {
                char next = text.charAt(at++);
                if (next == '"') {
                    return value.toString();
                }
                int code = next == '\\' ? escaped() : next;
                if (code < 0) {
                    return null;
                }
                value.append((char) code);
            }
            return null;
        }

        /// What is behind a backslash, of what [FlatJson] writes; -1 if it writes no such thing.
        private int escaped() {
            if (skips('"')) {
                return '"';
            }
            if (skips('\\')) {
                return '\\';
            }
            if (!skips('u') || at + HEX_DIGITS > text.length()) {
                return -1;
            }
            at += HEX_DIGITS;
            try {
                return Integer.parseInt(text, at - HEX_DIGITS, at, HEX_RADIX);
            } catch (NumberFormatException _) {
                return -1;
            }
        }
    }
}
