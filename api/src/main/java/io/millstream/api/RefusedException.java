package io.millstream.api;

/// A [Refusal] where the caller expected none: nothing has changed.
public final class RefusedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /// With the refusal's own text.
    public RefusedException(Refusal refusal) {
        super(refusal.text());
        this.refusal = refusal;
    }

    /// Why.
    public Refusal refusal() {
        return refusal;
    }
}
