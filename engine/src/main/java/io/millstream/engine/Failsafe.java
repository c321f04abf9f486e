package io.millstream.engine;

import io.millstream.api.Refusal;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.state.Invariant;

import java.time.Duration;
import java.util.function.Function;

/// Has requests decided so that a mistake in deciding one ends that one, and not the engine for
/// everybody.
///
/// Deciding changes nothing, so nothing is half done when it fails. What fails while entries are
/// stored or applied, what is damaged, and what breaks an invariant, is not caught here: then
/// nobody knows what is true, and the engine stops. The loop's own; the count may be read by any
/// thread.
final class Failsafe {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());

    /// Who sends the same thing again and again does not fill the disk with what is logged of it.
    private static final long LOG_NANOS = Duration.ofSeconds(1).toNanos();

    private final TimeSource time;
    private long loggedNanos;
    private volatile long mistakes;

    Failsafe(TimeSource time) {
        this.time = time;
    }

    /// Something that looks at the state, and changes nothing.
    interface Deciding<T, X extends Exception> {
        T decide() throws X;
    }

    /// What was decided, or the refusal that stands for it.
    @SuppressWarnings("NonAtomicVolatileUpdate") // Only the loop writes it.
    <T, X extends Exception> T decide(Deciding<T, X> deciding, Function<Refusal, T> refused)
            throws X {
        try {
            return deciding.decide();
        } catch (MalformedException | Invariant.BrokenException serious) {
            throw serious;
        } catch (RuntimeException | StackOverflowError mistake) {
            mistakes++;
            log(mistake);
            return refused.apply(
                    new Refusal.Invalid(
                            "The engine has made a mistake over this: "
                                    + mistake
                                    + ". Nothing has changed, and it would do so again. Its log has"
                                    + " the stack trace: report it."));
        }
    }

    private void log(Throwable mistake) {
        long now = time.nanos();
        if (mistakes == 1 || now - loggedNanos >= LOG_NANOS) {
            loggedNanos = now;
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "The engine has made a mistake over a request, which it refused: nothing has"
                            + " changed, and it goes on. It is number %d since the start."
                                    .formatted(mistakes)
                            + " Report it.",
                    mistake);
        }
    }

    /// How often that has happened since the start.
    long mistakes() {
        return mistakes;
    }
}
