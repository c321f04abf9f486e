package io.millstream.jobs.schedule;

import java.util.List;
import java.util.Locale;

/// Reads one field of a cron:
///
/// ```
/// field    = "*" / "?" / term *("," term)
/// term     = "*" step / value [step] / value "-" value [step] / special
/// step     = "/" number
/// value    = number / name
/// special  = "L" ["-" number] ["W"] / number "W"              day of month
///          / value "L" / value "#" number                     day of week
/// ```
final class FieldReader {
    private static final int NUMBER_DIGITS_MAX = 9;
    private static final int BEFORE_LAST_MAX = 30;
    private static final int COUNT_MAX = 5;
    private static final int SUNDAY = 7;
    private static final String SEPARATORS = " ,-/#";

    private final CronField field;
    private final CronText.Span span;
    private final String text;
    private final FieldTerms terms = new FieldTerms();
    private int at;

    /// A value as it is written.
    private record Value(int number, String written, int at) {
        boolean isName() {
            return !isDigit(written.charAt(0));
        }
    }

    FieldReader(CronField field, CronText.Span span) {
        this.field = field;
        this.span = span;
        this.text = span.text();
        this.at = span.start();
    }

    /// @throws IllegalArgumentException if it is wrong
    FieldTerms read() {
        do {
            int start = at;
            readTerm();
            if (at < span.end() && peek() != ',') {
                throw wrong(
                        "in %s, after %s comes a comma or the next field, not %s"
                                .formatted(
                                        field.words(),
                                        CronText.shown(text.substring(start, at)),
                                        rest()),
                        at);
            }
        } while (accept(','));
        if (terms.isAny() && span.end() - span.start() > 1) {
            throw wrong(
                    "* and ? are all values of %s; write no others beside".formatted(field.words()),
                    span.start());
        }
        return terms;
    }

    private void readTerm() {
        int start = at;
        if (accept('*')) {
            if (peek() == '/') {
                readStep(field.min(), field.max());
            } else {
                any();
            }
        } else if (accept('?')) {
            if (!field.isDay()) {
                throw wrong(
                        "? stands for days only, not for %s; write *".formatted(field.words()),
                        start);
            }
            any();
        } else if (field == CronField.DAY_OF_MONTH && isLetter(peek())) {
            readBeforeLast();
        } else {
            readValues(readValue());
        }
    }

    private void any() {
        terms.any();
        terms.addRange(field.min(), field.max(), 1);
    }

    private void readBeforeLast() {
        int start = at;
        String word = readWord();
        int before = 0;
        boolean isNear = word.equals("LW");
        if (!isNear && !word.equals("L")) {
            throw notInRange(word, start);
        }
        if (!isNear && accept('-')) {
            before = readNumber("how many days before the last", 1, BEFORE_LAST_MAX);
            isNear = acceptLetter('W');
        }
        terms.add(
                isNear ? FieldTerms.Kind.WEEKDAY_NEAR_BEFORE_LAST : FieldTerms.Kind.BEFORE_LAST,
                before);
    }

    /// What begins with a value.
    private void readValues(Value first) {
        if (field == CronField.DAY_OF_MONTH && acceptLetter('W')) {
            terms.add(FieldTerms.Kind.WEEKDAY_NEAR, first.number);
        } else if (field == CronField.DAY_OF_WEEK && acceptLetter('L')) {
            terms.add(FieldTerms.Kind.LAST, first.number % SUNDAY);
        } else if (field == CronField.DAY_OF_WEEK && accept('#')) {
            int count = readNumber("which one of the month", 1, COUNT_MAX);
            terms.add(FieldTerms.Kind.COUNTED, (count - 1) * SUNDAY + first.number % SUNDAY);
        } else if (accept('-')) {
            readRange(first, readValue());
        } else if (peek() == '/') {
            readStep(smallest(first.number), field.max());
        } else {
            terms.add(FieldTerms.Kind.VALUE, smallest(first.number));
        }
    }

    /// Sunday is 0 where it begins a range and 7 where it ends one.
    private void readRange(Value first, Value last) {
        int from = smallest(first.number);
        int to = last.number;
        if (field == CronField.DAY_OF_WEEK && to == 0) {
            to = first.number % SUNDAY == 0 ? 0 : SUNDAY;
        }
        if (field == CronField.DAY_OF_WEEK && first.number == SUNDAY && to == SUNDAY) {
            to = 0;
        }
        if (from > to) {
            throw wrong(
                    "in %s, %s-%s runs backwards; write %s"
                            .formatted(
                                    field.words(),
                                    first.written,
                                    last.written,
                                    forwards(first, last)),
                    first.at);
        }
        int step = peek() == '/' ? readStepSize() : 1;
        for (int value = from; value <= to; value += step) {
            terms.add(FieldTerms.Kind.VALUE, smallest(value));
        }
    }

    /// A range over the end of the field, in two.
    private String forwards(Value first, Value last) {
        boolean isDayOfWeek = field == CronField.DAY_OF_WEEK;
        int end = field.maxWritten();
        int begin = isDayOfWeek ? 1 : field.min();
        String endWritten = first.isName() ? field.name(end) : String.valueOf(end);
        String beginWritten = last.isName() ? field.name(begin) : String.valueOf(begin);
        return "%s,%s"
                .formatted(
                        first.number == end ? first.written : first.written + "-" + endWritten,
                        last.number == begin ? last.written : beginWritten + "-" + last.written);
    }

    private int smallest(int value) {
        return field == CronField.DAY_OF_WEEK ? value % SUNDAY : value;
    }

    private void readStep(int from, int to) {
        terms.addRange(from, to, readStepSize());
    }

    private int readStepSize() {
        at++;
        terms.step();
        return readNumber("a step of " + field.words(), 1, field.max() - field.min());
    }

    private Value readValue() {
        int start = at;
        if (isLetter(peek())) {
            return readNamed();
        }
        String digits = readDigits();
        if (digits.isEmpty()) {
            throw wrong("%s is %s, %s".formatted(field.words(), field.range(), notThis()), start);
        }
        int number = toNumber(digits);
        if (number < field.min() || number > field.maxWritten()) {
            throw notInRange(digits, start);
        }
        return new Value(number, digits, start);
    }

    /// Leaves an L after the name of a day.
    private Value readNamed() {
        int start = at;
        String word = readWord();
        if (field == CronField.DAY_OF_WEEK && word.length() == 4 && word.endsWith("L")) {
            at--;
            word = word.substring(0, word.length() - 1);
        }
        int number = field.named(word);
        if (number < 0) {
            throw notInRange(word, start);
        }
        return new Value(number, word, start);
    }

    private int readNumber(String what, int min, int max) {
        int start = at;
        String digits = readDigits();
        int number = toNumber(digits);
        if (digits.isEmpty() || number < min || number > max) {
            String instead = digits.isEmpty() ? notThis() : "not " + CronText.shown(digits);
            throw wrong("%s is %d to %d, %s".formatted(what, min, max, instead), start);
        }
        return number;
    }

    private static int toNumber(String digits) {
        if (digits.isEmpty() || digits.length() > NUMBER_DIGITS_MAX) {
            return Integer.MAX_VALUE;
        }
        return Integer.parseInt(digits);
    }

    private String readDigits() {
        int start = at;
        while (isDigit(peek())) {
            at++;
        }
        return text.substring(start, at);
    }

    private String readWord() {
        int start = at;
        while (isLetter(peek())) {
            at++;
        }
        return text.substring(start, at).toUpperCase(Locale.ROOT);
    }

    private boolean accept(char expected) {
        boolean isIt = peek() == expected;
        if (isIt) {
            at++;
        }
        return isIt;
    }

    private boolean acceptLetter(char expected) {
        return accept(expected) || accept(Character.toLowerCase(expected));
    }

    /// The next character of the field, or a space at its end.
    private char peek() {
        return at < span.end() ? text.charAt(at) : ' ';
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isLetter(char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    }

    /// What is left of the field, for a message.
    private String rest() {
        return CronText.shown(text.substring(at, span.end()));
    }

    /// What stands in place of a value.
    private String notThis() {
        return SEPARATORS.indexOf(peek()) >= 0 ? "but it is missing here" : "not " + rest();
    }

    private IllegalArgumentException notInRange(String written, int start) {
        String shown = CronText.shown(text.substring(start, start + written.length()));
        String instead = elsewhere(written);
        return wrong(
                "%s is %s, not %s%s"
                        .formatted(
                                field.words(),
                                field.range(),
                                shown,
                                instead.isEmpty() ? close(written) : instead),
                start);
    }

    private String close(String written) {
        List<String> begun = field.names().stream().filter(written::startsWith).toList();
        List<String> close = begun.isEmpty() ? CloseNames.of(written, field.names()) : begun;
        return close.isEmpty() ? "" : "; is it %s?".formatted(String.join(" or ", close));
    }

    /// Where something may stand that is wrong here.
    private String elsewhere(String written) {
        if (CronField.DAY_OF_WEEK.named(written) >= 0) {
            return "; a day of week stands in the last field";
        }
        if (CronField.MONTH.named(written) >= 0) {
            return "; a month stands in the last field but one";
        }
        return switch (written) {
            case "L", "LW", "W" ->
                    switch (field) {
                        case DAY_OF_MONTH -> "; a W follows the day, as in 15W";
                        case DAY_OF_WEEK -> "; an L follows the day, as in 5L or FRIL";
                        default -> "; %s stands in day of month".formatted(written);
                    };
            default -> "";
        };
    }

    private IllegalArgumentException wrong(String what, int start) {
        return span.wrong(what, start);
    }
}
