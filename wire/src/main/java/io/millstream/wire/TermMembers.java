package io.millstream.wire;

import static io.millstream.wire.Kinds.MILLIS;

import io.millstream.api.Term;

import java.time.Duration;

/// How long a lease lasts, as members of what asks for it: `"lease_ms": 30000`, or `"lease":
/// "while_open"` or `"auto"`.
final class TermMembers {
    /// How long a lease lasts unless said otherwise; SQS's own figure.
    static final Term STANDARD = new Term.Timed(Duration.ofSeconds(30));

    private static final String TIMED = "lease_ms";
    private static final String OTHER = "lease";
    private static final Kind<Word> WORD = Kinds.word(Word.class);

    private enum Word {
        WHILE_OPEN,
        AUTO
    }

    private TermMembers() {}

    static Out write(Out out, Term term) {
        return switch (term) {
            case Term.Timed(Duration length) ->
                    term.equals(STANDARD) ? out : out.put(TIMED, MILLIS, length);
            case Term.WhileOpen _ -> out.put(OTHER, WORD, Word.WHILE_OPEN);
            case Term.Auto _ -> out.put(OTHER, WORD, Word.AUTO);
        };
    }

    static Term read(In in) {
        Duration length = in.maybe(TIMED, MILLIS);
        Word word = in.maybe(OTHER, WORD);
        if (length != null && word != null) {
            throw in.wrong(OTHER, "is there beside " + TIMED, "Give one of the two");
        }
        if (length != null) {
            return new Term.Timed(length);
        }
        return word == null ? STANDARD : term(word);
    }

    private static Term term(Word word) {
        return switch (word) {
            case WHILE_OPEN -> Term.WhileOpen.WHILE_OPEN;
            case AUTO -> Term.Auto.AUTO;
        };
    }
}
