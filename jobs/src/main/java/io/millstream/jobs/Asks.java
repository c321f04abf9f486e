package io.millstream.jobs;

import io.millstream.api.Pending;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Requests for jobs that have not been answered. One thread asks; any other one calls off what was
/// asked, and what is asked until it [#begin]s anew, because what it knew is not so any more.
final class Asks {
    private final Session session;
    private final Set<Pending<Taken>> open = new HashSet<>();
    private boolean areCalledOff;

    Asks(Session session) {
        this.session = session;
    }

    /// What is asked from now on is asked knowing all that has happened.
    synchronized void begin() {
        areCalledOff = false;
    }

    /// Is to be [#forget]ten when it is answered.
    Pending<Taken> ask(Take take) {
        Pending<Taken> asking = session.take(take);
        boolean isLate;
        synchronized (this) {
            open.add(asking);
            isLate = areCalledOff;
        }
        if (isLate) {
            asking.cancel();
        }
        return asking;
    }

    synchronized void forget(Pending<Taken> answered) {
        open.remove(answered);
    }

    /// All of them are answered soon, with nothing if nothing has been leased yet.
    void callOff() {
        List<Pending<Taken>> asked;
        synchronized (this) {
            areCalledOff = true;
            asked = List.copyOf(open);
            notifyAll();
        }
        asked.forEach(Pending::cancel);
    }

    /// Whether it is time to begin anew.
    synchronized boolean areCalledOff() {
        return areCalledOff;
    }

    /// Asks nothing for so long, or until all is called off.
    synchronized void rest(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        for (long left = longest.toNanos(); !areCalledOff && left > 0; ) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
    }
}
