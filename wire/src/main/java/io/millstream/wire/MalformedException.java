package io.millstream.wire;

import io.millstream.api.MillstreamException;

/// What was read is not in the form that it has to have. It says where, what is wrong, and what
/// would be right.
public final class MalformedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String wrong;
    private final String right;

    MalformedException(Place place, String wrong, String right) {
        super(place.text() + " " + wrong + ". " + right + ".");
        this.path = place.text();
        this.wrong = wrong;
        this.right = right;
    }

    /// Where, as JSONPath, such as `$.operations[2].message.delay_ms`; `$` is the whole.
    public String path() {
        return path;
    }

    /// What is wrong there: what the path does, such as `is missing`.
    public String wrong() {
        return wrong;
    }

    /// What to do instead, as a sentence without its end.
    public String right() {
        return right;
    }
}
