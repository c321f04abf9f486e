package io.millstream.protocols.aws.sqs;

import java.util.Locale;

/// Which tags a queue or a topic may have.
public final class TagText {
    /// How many.
    public static final int TAGS_MAX = 50;

    private static final int KEY_CHARS_MAX = 128;
    private static final int VALUE_CHARS_MAX = 256;

    private TagText() {}

    /// Whether a tag may have this key, unless it is one of AWS's.
    public static boolean isKey(String key) {
        return isText(key) && !key.isEmpty() && key.length() <= KEY_CHARS_MAX;
    }

    /// Whether this key is one of AWS's.
    public static boolean isOfAws(String key) {
        return key.toLowerCase(Locale.ROOT).startsWith("aws:");
    }

    /// Whether a tag may have this value.
    public static boolean isValue(String value) {
        return isText(value) && value.length() <= VALUE_CHARS_MAX;
    }

    private static boolean isText(String text) {
        return text.codePoints()
                .allMatch(c ->
                        Character.isLetterOrDigit(c)
                                || Character.isSpaceChar(c)
                                || "_.:/=+-@".indexOf(c) >= 0);
    }
}
