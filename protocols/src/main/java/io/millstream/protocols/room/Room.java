package io.millstream.protocols.room;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// A number of bytes that may be held at once, by requests on all event loops together. Who finds
/// too few of them waits in line, and nobody overtakes who waits. Safe for threads.
public final class Room {
    private final long bytesMax;
    private final LinkedHashSet<Place> line = new LinkedHashSet<>();
    private long held;

    /// An empty room.
    ///
    /// @param bytesMax how many bytes may be held; a single holder may always have more
    public Room(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Somebody's place in the line. Equal to itself only.
    public static final class Place {
        private final long bytes;
        private final Runnable granted;

        private Place(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }
    }

    /// How many bytes are held.
    public synchronized long held() {
        return held;
    }

    /// Holds so many bytes, unless that are too many now or others wait for theirs.
    ///
    /// @return whether it holds them
    public synchronized boolean tryHold(long bytes) {
        boolean free = line.isEmpty() && fits(bytes);
        held += free ? bytes : 0;
        return free;
    }

    /// Holds so many bytes whatever the bound: they are there already.
    public synchronized void hold(long bytes) {
        held += bytes;
    }

    /// Stands in line for so many bytes.
    ///
    /// @param granted runs once they are held, on the thread of whoever frees them
    public Place stand(long bytes, Runnable granted) {
        Place place = new Place(bytes, granted);
        synchronized (this) {
            line.add(place);
        }
        serve();
        return place;
    }

    /// Leaves the line.
    ///
    /// @return false if the bytes are held already: then they have to be freed
    public boolean leave(Place place) {
        synchronized (this) {
            if (!line.remove(place)) {
                return false;
            }
        }
        serve();
        return true;
    }

    /// Lets go of so many bytes; those who wait get them.
    public void free(long bytes) {
        synchronized (this) {
            held -= bytes;
        }
        serve();
    }

    private void serve() {
        List<Place> served = new ArrayList<>();
        synchronized (this) {
            while (!line.isEmpty() && fits(line.getFirst().bytes)) {
                Place first = line.removeFirst();
                held += first.bytes;
                served.add(first);
            }
        }
        served.forEach(place -> place.granted.run());
    }

    private boolean fits(long bytes) {
        return held == 0 || held + bytes <= bytesMax;
    }
}
