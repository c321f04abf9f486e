package io.millstream.testkit.simulation;

/// The engine did what it promises never to do.
final class PromiseBroken extends AssertionError {
    private static final long serialVersionUID = 1L;

    /// What the broken promise is about, such as a message's id; the failure shows its events.
    private final String subject;

    PromiseBroken(String subject, String what) {
        super(subject + ": " + what);
        this.subject = subject;
    }

    String subject() {
        return subject;
    }

    /// Throws unless `kept`.
    static void unless(boolean kept, String subject, String what, Object... values) {
        if (!kept) {
            throw new PromiseBroken(subject, what.formatted(values));
        }
    }
}
