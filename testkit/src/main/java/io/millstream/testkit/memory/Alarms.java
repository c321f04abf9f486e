package io.millstream.testkit.memory;

import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What has to happen when time has passed. Guarded by the backend's lock.
final class Alarms {

    /// When an alarm goes off.
    ///
    /// @param nanos by the clock that never jumps
    /// @param order among those of the same moment; unique
    record Due(long nanos, long order) implements Comparable<Due> {

        private static final Comparator<Due> ORDER =
                Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order);

        @Override
        public int compareTo(Due other) {
            return ORDER.compare(this, other);
        }
    }

    private final NavigableMap<Due, Runnable> alarms = new TreeMap<>();

    void set(Due due, Runnable action) {
        alarms.put(due, action);
    }

    void cancel(Due due) {
        alarms.remove(due);
    }

    /// When the first one goes off, or the end of time.
    long firstNanos() {
        return alarms.isEmpty() ? Long.MAX_VALUE : alarms.firstKey().nanos();
    }

    /// Takes out the first one, which must be there, and does it.
    void goOff() {
        alarms.pollFirstEntry().getValue().run();
    }
}
