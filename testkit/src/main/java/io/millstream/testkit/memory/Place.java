package io.millstream.testkit.memory;

import java.util.Comparator;

/// Where a message stands among those that are ready.
///
/// @param readyAt since when, in whole milliseconds
/// @param hasWaited whether that is when its wait ended, not when it was stored
/// @param sequence which message
record Place(long readyAt, boolean hasWaited, long sequence) implements Comparable<Place> {

    private static final Comparator<Place> ORDER =
            Comparator.comparingLong(Place::readyAt)
                    .thenComparing(place -> !place.hasWaited())
                    .thenComparingLong(Place::sequence);
    private static final long NANOS_PER_MILLI = 1_000_000;

    static Place ofStored(Moment stored, long sequence) {
        return new Place(Math.floorDiv(stored.nanos(), NANOS_PER_MILLI), false, sequence);
    }

    static Place ofWaited(Moment due, long sequence) {
        return new Place(Math.ceilDiv(due.nanos(), NANOS_PER_MILLI), true, sequence);
    }

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }
}
