package io.millstream.index;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The words that are looked for in the text of an error, as the index of words takes them. What
/// people type is never read as that index's own language: each word is quoted, and consists of
/// nothing but letters and digits.
record Words(List<Word> words) {
    /// An open end with fewer characters before it would be looked up in too many words.
    static final int OPEN_CHARS_MIN = 3;

    static final int WORDS_MAX = 16;
    private static final int CHARS_MAX = 1000;

    /// @param text letters and digits
    /// @param open whether a word may go on after it
    record Word(String text, boolean open) {}

    /// @throws IllegalArgumentException if there is none, or too many, or one is too open
    static Words of(String text) {
        if (text.length() > CHARS_MAX) {
            throw new IllegalArgumentException(
                    "What is looked for in errors has %d characters at most, not %d"
                            .formatted(CHARS_MAX, text.length()));
        }
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && isOfWord(text.codePointAt(end))) {
                end += Character.charCount(text.codePointAt(end));
            }
            if (end > at) {
                boolean open = end < text.length() && text.charAt(end) == '*';
                words.add(new Word(text.substring(at, end), open));
                at = end;
            } else {
                at += Character.charCount(text.codePointAt(at));
            }
        }
        check(words);
        return new Words(List.copyOf(words));
    }

    private static void check(List<Word> words) {
        if (words.isEmpty() || words.size() > WORDS_MAX) {
            throw new IllegalArgumentException(
                    "1 to %d words are looked for in errors, not %d"
                            .formatted(WORDS_MAX, words.size()));
        }
        for (Word word : words) {
            if (word.open && word.text.length() < OPEN_CHARS_MIN) {
                throw new IllegalArgumentException(
                        "A word whose end is open begins with %d characters at least, not %s*"
                                .formatted(OPEN_CHARS_MIN, word.text));
            }
        }
    }

    /// What a word is made of where texts are taken in: letters, digits, marks, and what is of
    /// private use.
    private static boolean isOfWord(int point) {
        return Character.isLetter(point)
                || switch (Character.getType(point)) {
                    case Character.DECIMAL_DIGIT_NUMBER,
                            Character.LETTER_NUMBER,
                            Character.OTHER_NUMBER,
                            Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.PRIVATE_USE ->
                            true;
                    default -> false;
                };
    }

    /// In the language of the index of words.
    String query() {
        return words.stream()
                .map(word -> '"' + word.text + '"' + (word.open ? "*" : ""))
                .collect(Collectors.joining(" AND "));
    }
}
