package io.millstream.engine.route;

import java.util.ArrayList;
import java.util.List;

/// A form of texts: `*` stands for any characters or none, a backslash makes the character behind
/// it an ordinary one.
///
/// A text is read once from the front, whatever the pattern is: each part between two `*` is looked
/// for by the algorithm of Knuth, Morris and Pratt, and its first place is as good as any other. So
/// it takes time for the characters of both, not for their product.
final class Wildcard {
    private Wildcard() {}

    static boolean fits(String pattern, String text) {
        List<String> parts = parts(pattern);
        String first = parts.getFirst();
        String last = parts.getLast();
        if (parts.size() == 1) {
            return first.equals(text);
        }
        int at = first.length();
        int end = text.length() - last.length();
        if (at > end || !text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        for (String part : parts.subList(1, parts.size() - 1)) {
            at = endOf(part, text, at, end);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    /// What is between the `*`; one part more than there are of them.
    private static List<String> parts(String pattern) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '*') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                boolean escapes = c == '\\' && i + 1 < pattern.length();
                part.append(escapes ? pattern.charAt(++i) : c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /// Where a part ends that begins at `from` or behind, and ends at `to` or before; -1 if it is
    /// not there.
    private static int endOf(String part, String text, int from, int to) {
        int[] borders = borders(part);
        int matched = 0;
        for (int at = from; ; at++) {
            if (matched == part.length()) {
                return at;
            }
            if (at >= to) {
                return -1;
            }
            matched = longer(part, borders, matched, text.charAt(at));
        }
    }

    /// For each beginning of a part, how long the longest shorter one is that it ends with.
    private static int[] borders(String part) {
        int[] borders = new int[part.length() + 1];
        int border = 0;
        for (int i = 1; i < part.length(); i++) {
            border = longer(part, borders, border, part.charAt(i));
            borders[i + 1] = border;
        }
        return borders;
    }

    /// How much of the part ends with `next`, if so much of it was before.
    private static int longer(String part, int[] borders, int matched, char next) {
        int length = matched;
        while (length > 0 && part.charAt(length) != next) {
            length = borders[length];
        }
        return part.charAt(length) == next ? length + 1 : 0;
    }
}
