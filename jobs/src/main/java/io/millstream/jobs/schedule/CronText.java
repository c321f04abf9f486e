package io.millstream.jobs.schedule;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads the text of a cron, see [Cron]. Whatever is wrong is said with its field and its first
/// character, both counted from 1.
final class CronText {
    private static final int TEXT_CHARS_MAX = 1000;
    private static final int FIELDS_OF_DAYS = 3;
    private static final int SHOWN_CHARS_MAX = 100;
    private static final Map<String, String> MACROS =
            Map.of(
                    "@HOURLY", "0 * * * *",
                    "@DAILY", "0 0 * * *",
                    "@MIDNIGHT", "0 0 * * *",
                    "@WEEKLY", "0 0 * * 0",
                    "@MONTHLY", "0 0 1 * *",
                    "@YEARLY", "0 0 1 1 *",
                    "@ANNUALLY", "0 0 1 1 *");

    private CronText() {}

    /// A field as it is written: which one it is, from 1, and where it begins and ends.
    record Span(String text, int number, int start, int end) {

        /// That something is wrong with it from `at` on.
        IllegalArgumentException wrong(String what, int at) {
            return CronText.wrong(
                    text, "%s (field %d, character %d).".formatted(what, number, at + 1));
        }
    }

    /// @throws IllegalArgumentException if it is none, or can never run
    static CronPattern read(String text) {
        if (text.length() > TEXT_CHARS_MAX) {
            throw wrong(
                    text,
                    "it has %d characters, and may have %d."
                            .formatted(text.length(), TEXT_CHARS_MAX));
        }
        checkVisible(text);
        List<Span> spans = spans(text);
        if (spans.size() == 1 && text.charAt(spans.getFirst().start) == '@') {
            return read(macro(spans.getFirst()));
        }
        CronField[] fields = CronField.values();
        int missing = fields.length - spans.size();
        if (missing < 0 || missing > 1) {
            throw wrong(text, count(spans.size()));
        }
        Map<CronField, FieldTerms> terms = new EnumMap<>(CronField.class);
        for (int i = 0; i < spans.size(); i++) {
            CronField field = fields[i + missing];
            terms.put(field, new FieldReader(field, spans.get(i)).read());
        }
        return pattern(terms, spans.get(spans.size() - FIELDS_OF_DAYS));
    }

    private static CronPattern pattern(Map<CronField, FieldTerms> terms, Span dayOfMonth) {
        FieldTerms minute = of(terms, CronField.MINUTE);
        FieldTerms hour = of(terms, CronField.HOUR);
        CronDays days =
                new CronDays(
                        of(terms, CronField.DAY_OF_MONTH),
                        of(terms, CronField.MONTH),
                        of(terms, CronField.DAY_OF_WEEK));
        if (days.isEmpty()) {
            throw dayOfMonth.wrong(
                    "it can never run, as none of its months has such a day", dayOfMonth.start);
        }
        boolean isSteady =
                minute.isSteady(CronField.MINUTE.min(), CronField.MINUTE.max())
                        || hour.isSteady(CronField.HOUR.min(), CronField.HOUR.max());
        return new CronPattern(
                of(terms, CronField.SECOND).values(),
                minute.values(),
                hour.values(),
                days,
                isSteady);
    }

    /// What a field says: only the second may be left out, and is 0 then.
    private static FieldTerms of(Map<CronField, FieldTerms> terms, CronField field) {
        FieldTerms said = terms.get(field);
        if (said == null) {
            said = new FieldTerms();
            said.add(FieldTerms.Kind.VALUE, 0);
        }
        return said;
    }

    private static List<Span> spans(String text) {
        List<Span> spans = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && !isBlank(text.charAt(at))) {
                at++;
            }
            if (at > start) {
                spans.add(new Span(text, spans.size() + 1, start, at));
            }
            at++;
        }
        return spans;
    }

    /// Those that look like a space are hard to find for who pasted them.
    private static void checkVisible(String text) {
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            if (!isBlank(character)
                    && (Character.isWhitespace(character)
                            || Character.isSpaceChar(character)
                            || Character.isISOControl(character))) {
                throw wrong(
                        text,
                        "fields are separated by spaces, not by U+%04X (character %d)."
                                .formatted((int) character, at + 1));
            }
        }
    }

    private static boolean isBlank(char character) {
        return character == ' ' || character == '\t';
    }

    private static String macro(Span span) {
        String word = span.text.substring(span.start, span.end);
        String fields = MACROS.get(word.toUpperCase(Locale.ROOT));
        if (fields == null) {
            List<String> close = CloseNames.of(word, MACROS.keySet());
            String known =
                    close.isEmpty()
                            ? ", but @hourly, @daily, @weekly, @monthly, @yearly"
                            : "; is it %s?"
                                    .formatted(String.join(" or ", close).toLowerCase(Locale.ROOT));
            throw span.wrong("there is no %s%s".formatted(shown(word), known), span.start);
        }
        return fields;
    }

    private static String count(int fields) {
        return "it has %d field%s, and five are needed: minute, hour, day of month, month, day of"
                        .formatted(fields, fields == 1 ? "" : "s")
                + " week; or six, with the second before them"
                + (fields > 6 ? ". There is none for the year." : ".");
    }

    private static IllegalArgumentException wrong(String text, String what) {
        return new IllegalArgumentException("Cron \"%s\": %s".formatted(shown(text), what));
    }

    /// For a message: on one line, and not for ever.
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= SHOWN_CHARS_MAX ? line : line.substring(0, SHOWN_CHARS_MAX) + "…";
    }
}
