package io.millstream.protocols.aws.sqs;

/// Which characters a message, and what else is told in XML, may hold: those of XML 1.0, as AWS
/// documents it.
public final class SqsText {
    /// What stands in the place of what cannot be shown.
    static final char REPLACEMENT = '\uFFFD';

    private SqsText() {}

    /// The index of the first character that is not allowed, or -1.
    public static int firstInvalid(CharSequence text) {
        return nextInvalid(text, 0);
    }

    private static int nextInvalid(CharSequence text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < Character.MIN_SURROGATE) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (!isAllowedAlone(c)) {
                return i;
            }
        }
        return -1;
    }

    /// The text with U+FFFD in place of what is not allowed; other protocols may have stored
    /// anything.
    static String cleaned(String text) {
        int invalid = firstInvalid(text);
        if (invalid < 0) {
            return text;
        }
        StringBuilder cleaned = new StringBuilder(text);
        while (invalid >= 0) {
            cleaned.setCharAt(invalid, REPLACEMENT);
            invalid = nextInvalid(cleaned, invalid + 1);
        }
        return cleaned.toString();
    }

    private static boolean isAllowedAlone(char c) {
        return c >= ' '
                ? !Character.isSurrogate(c) && c < '\uFFFE'
                : c == '\t' || c == '\n' || c == '\r';
    }
}
