package io.millstream.backends.remote;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.Refusal;
import io.millstream.wire.Problem;

/// What the server's problems mean at the seam.
final class Problems {
    private static final String PREFIX = "urn:millstream:";

    private Problems() {}

    /// Whether the store has stopped or cannot be reached: what was asked may have been done.
    static boolean isAway(Problem problem) {
        return problem.type().equals(PREFIX + "store-away");
    }

    /// Why something that stands has ended: what is not known of commits does not matter here.
    static Refusal end(Problem problem) {
        try {
            return refusal(problem);
        } catch (ConnectionLostException unknown) {
            return new Refusal.Busy(problem.detail());
        }
    }

    /// Why it was not done.
    ///
    /// @throws ConnectionLostException if it is not known whether it was
    static Refusal refusal(Problem problem) {
        String kind =
                problem.type().startsWith(PREFIX)
                        ? problem.type().substring(PREFIX.length())
                        : problem.type();
        return switch (kind) {
            case "no-room", "too-many" -> new Refusal.Busy(problem.detail());
            case "store-away", "bug" -> throw new ConnectionLostException(problem.detail());
            default -> new Refusal.Invalid(problem.detail());
        };
    }
}
