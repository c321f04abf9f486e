package io.millstream.testkit.simulation;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/// Which of many steps a test tries that does the same work once for each of them: all, or, in a
/// plain build, every few from an offset that differs from build to build.
///
/// The offset is logged; `-Doffset=N` repeats it.
final class Steps {
    private static final System.Logger LOGGER = System.getLogger(Steps.class.getName());

    private Steps() {}

    /// Every `every`-th number from `first` to `last`, which is included.
    ///
    /// @param what the test, for the log
    /// @param every 1 for all of them; odd, as a test may do odd steps in another way than even
    ///   ones
    static LongStream of(String what, int every, long first, long last) {
        if (every % 2 == 0) {
            throw new IllegalArgumentException("every " + every + " of them, which is even");
        }
        long drawn = Long.getLong("offset", ThreadLocalRandom.current().nextLong(1L << 16));
        long offset = Math.floorMod(drawn, every);
        if (every > 1) {
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "%s: one in %d of %d steps, repeated by -Doffset=%d"
                            .formatted(what, every, last - first + 1, offset));
        }
        return LongStream.rangeClosed(first, last).filter(n -> (n - first) % every == offset);
    }
}
