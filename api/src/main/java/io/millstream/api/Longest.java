package io.millstream.api;

import java.time.Duration;
import java.util.Optional;

/// How long at most a backend lets things last. What is to last longer is refused with
/// [Refusal.Invalid], at once: it would end early, and nobody would know.
///
/// @param delay the longest wait of a message, [Message#delay], and of a retry
/// @param lease the longest lease and extension
public record Longest(Duration delay, Duration lease) {

    /// A hundred years for each: what somebody says who means for ever.
    public static final Longest CENTURY =
            new Longest(Definition.Queue.TIME_MAX, Definition.Queue.TIME_MAX);

    /// Why an operation is refused: it would have something last too long.
    public Optional<Refusal> refusalOf(Operation operation) {
        return switch (operation) {
            case Operation.Put put -> refusalOf(put.message().delay());
            case Operation.Publish publish -> refusalOf(publish.message().delay());
            case Operation.Settle settle ->
                    settle.outcome() instanceof Outcome.Retry retry
                            ? refusalOf(retry.after())
                            : Optional.empty();
            case Operation.Extend extend -> refusalOfLease(extend.length());
            case Operation.Define _,
                    Operation.Remove _,
                    Operation.CheckDefinition _,
                    Operation.Append _,
                    Operation.MoveCursor _,
                    Operation.RemoveExchange _,
                    Operation.Unbind _,
                    Operation.Check _,
                    Operation.Edit _,
                    Operation.Write _ ->
                    Optional.empty();
        };
    }

    /// Why a take or a consumer is refused: its leases would last too long.
    public Optional<Refusal> refusalOf(Term term) {
        // No switch, which would not bear a missing term: this is asked by loops that must go on.
        return term instanceof Term.Timed(Duration length)
                ? refusalOfLease(length)
                : Optional.empty();
    }

    /// Why something is refused that would have a message wait so long.
    public Optional<Refusal> refusalOf(Duration wait) {
        return refusal("A wait", wait, delay);
    }

    private Optional<Refusal> refusalOfLease(Duration length) {
        return refusal("A lease", length, lease);
    }

    private static Optional<Refusal> refusal(String what, Duration asked, Duration longest) {
        return asked.compareTo(longest) <= 0
                ? Optional.empty()
                : Optional.of(
                        new Refusal.Invalid(
                                "%s of %s is longer than the longest of this backend, %s. Ask for"
                                                .formatted(what, asked, longest)
                                        + " no more, and again when it is over."));
    }
}
