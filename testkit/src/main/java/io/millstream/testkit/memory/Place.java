package io.millstream.testkit.memory;

import java.util.Comparator;

/// Where a message stands among those that are ready.
///
/// @param behind the last sequence that had been stored when the message joined, or its own
/// @param turn which of those that joined behind that one; 0 for the message itself
record Place(long behind, long turn) implements Comparable<Place> {

    private static final Comparator<Place> ORDER =
            Comparator.comparingLong(Place::behind).thenComparingLong(Place::turn);

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }
}
