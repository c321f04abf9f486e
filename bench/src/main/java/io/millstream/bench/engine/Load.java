package io.millstream.bench.engine;

import io.millstream.bench.Figures;

/// What is asked of the engine.
///
/// @param mode what consumers do meanwhile
/// @param outstanding how many publishes are on their way at once at most
/// @param bytes the length of a message's body
/// @param perSecond how many publishes a second, due at even distances; 0 for as many as possible
record Load(Mode mode, int outstanding, int bytes, double perSecond) {

    /// What consumers do.
    enum Mode {
        /// Each message is leased to a consumer and settled; publishers wait if it falls behind.
        KEEPING_UP,
        /// Nobody takes anything.
        GROWING
    }

    boolean isPaced() {
        return perSecond > 0;
    }

    Load paced(double rate) {
        return new Load(mode, outstanding, bytes, rate);
    }

    @Override
    public String toString() {
        return "%s, %d outstanding, %s%s"
                .formatted(
                        mode == Mode.KEEPING_UP ? "consumers keep up" : "backlog grows",
                        outstanding,
                        Figures.size(bytes),
                        isPaced() ? ", at " + Figures.rate(perSecond) + "/s" : "");
    }
}
